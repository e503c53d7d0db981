import BenchmarkKit
import Testing

@Suite struct NameFilterTests {
  let names = [
    "parse/dmesg/emr-issue135", "construct/linux/server-2s-1tib", "construct/linux-cmr/emr-issue135",
    "validate/server-2s-1tib",
  ]

  @Test(
    "patterns, and the names that they choose",
    arguments: [
      ([], [0, 1, 2, 3]), (["emr"], [0, 2]), (["linux/"], [1]), (["emr", "validate"], [0, 2, 3]),
      (["nothing"], []),
      (["construct/*"], [1, 2]), (["*1tib"], [1, 3]), (["*/linux*/*"], [1, 2]), (["linux*"], []),
      (["validate/server-?s-1tib"], [3]), (["*"], [0, 1, 2, 3]), (["?"], []), (["**e?r**"], [0, 2]),
      ([""], [0, 1, 2, 3]),
    ]
  )
  func choice(patterns: [String], expected: [Int]) {
    let filter = NameFilter(patterns)
    #expect(names.indices.filter { filter.chooses(names[$0]) } == expected)
  }

  /// The same by definition: `*` takes nothing, or one more letter and tries again.
  func slow(_ pattern: Substring, _ name: Substring) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first == "*" {
      return slow(pattern.dropFirst(), name) || (!name.isEmpty && slow(pattern, name.dropFirst()))
    }
    guard let letter = name.first else { return false }
    return (first == "?" || first == letter) && slow(pattern.dropFirst(), name.dropFirst())
  }

  @Test("every pattern of up to four of a, b, ? and * on every name of up to five of a and b")
  func every() {
    func words(_ letters: String, _ longest: Int) -> [String] {
      var all = [""]
      var last = [""]
      for _ in 0..<longest {
        last = last.flatMap { word in letters.map { word + String($0) } }
        all += last
      }
      return all
    }
    for pattern in words("ab?*", 4) where pattern.contains("*") || pattern.contains("?") {
      for name in words("ab", 5) {
        #expect(NameFilter([pattern]).chooses(name) == slow(pattern[...], name[...]), "\(pattern) on \(name)")
      }
    }
  }

  @Test("a pattern that chooses nothing beside one that does. Expect it named")
  func idle() {
    #expect(NameFilter(["emr", "nothing"]).idlePatterns(among: names) == ["nothing"])
    #expect(NameFilter(["emr"]).idlePatterns(among: names) == [])
  }

  @Test("mistyped patterns. Expect the name that was meant first")
  func nearest() {
    #expect(NameFilter.nearest(to: "pars/dmsg", among: names).first == names[0])
    #expect(NameFilter.nearest(to: "validat/*-1tb", among: names).first == names[3])
    #expect(NameFilter.nearest(to: "linux-crm/emr", among: names).first == names[2])
    #expect(NameFilter.nearest(to: "", among: names, limit: 2) == Array(names[..<2]))
    #expect(NameFilter.nearest(to: "x", among: []) == [])
    #expect(NameFilter.nearest(to: "x", among: names, limit: -1) == [])
  }
}
