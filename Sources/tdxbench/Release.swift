import BenchmarkRecords

/// What this program is called when one asks it.
enum Release {
  /// CHANGELOG.md says what is in it.
  static let number = "0.1.0"

  /// `tdxbench 0.1.0 (COMMIT, COMPILER)`. Asks git and the compiler.
  static var text: String {
    let build = BuildFacts()
    let commit =
      build.commit.map { $0.prefix(10) + (build.isModified == true ? ", modified" : "") }
      ?? "commit unknown"
    return "tdxbench \(number) (\(commit), \(build.compiler.prefix { $0 != "(" }.trimmed))"
  }
}

extension Substring {
  /// Without blanks at the end.
  fileprivate var trimmed: String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}
