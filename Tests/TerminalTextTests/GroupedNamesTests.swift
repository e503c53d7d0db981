import TerminalText
import Testing

@Suite struct GroupedNamesTests {
  private func lines(_ names: [String], width: Int) -> [String] {
    GroupedNames(names, width: width).groups.flatMap { ($0.head.map { [$0] } ?? []) + $0.rows.map(\.name) }
  }

  @Test func namesThatFitStandAsTheyAre() {
    #expect(lines(["a/b", "c", "a/d"], width: 3) == ["a/b", "c", "a/d"])
  }

  /// One name is too long: expect all under what they share, those of one group together.
  @Test func namesThatDoNotStandUnderWhatTheyShare() {
    #expect(
      lines(["a/bbbb/cc", "x", "a/bbbb/dd", "a/e", "z/y"], width: 8)
        == ["a/bbbb", "  cc", "  dd", "x", "a/e", "z/y"]
    )
    #expect(lines(["aaaaaa/b", "aaaaaa/c"], width: 7) == ["aaaaaa", "  b", "  c"])
  }

  @Test func everyNameKeepsItsIndex() {
    let names = ["a/bbbb/cc", "x", "a/bbbb/dd", "", "/", "a//b"]
    let indices = GroupedNames(names, width: 2).groups.flatMap { $0.rows.map(\.index) }
    #expect(indices.sorted() == Array(names.indices))
  }

  /// A cell that is too long for its column: expect it whole, on a line of its own.
  @Test func aLongCellStandsAboveItsRow() {
    var table = TextTable([.init("name", .left, widest: 4, isWhole: true), .init("n")])
    table.append(["abcdef", "1"])
    table.append(["abc", "2"])
    #expect(table.lines == ["name  n", "abcdef", "      1", "abc   2"])
  }

  @Test(arguments: [
    ("advice", "advise"), ("pln", "plan"), ("Plan", "plan"), ("paln", "plan"), ("optimum", "optimal"),
    ("laptp", "laptop"), ("x", nil), ("", nil), (String(repeating: "plan", count: 1000), nil),
  ])
  func suggestsTheNearest(word: String, meant: String?) {
    #expect(suggestion(for: word, among: ["plan", "advise", "optimal", "laptop", "linux"]) == meant)
  }
}
