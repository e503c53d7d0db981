/// Chooses among names: those that contain one of the patterns. A pattern with `*` (any characters) or `?` (one) is
/// held against the whole name instead.
public struct NameFilter: Sendable {
  public let patterns: [String]

  /// - Parameter patterns: none choose every name.
  public init(_ patterns: [String]) { self.patterns = patterns }

  /// - Complexity: O(characters of the name x characters of the patterns).
  public func chooses(_ name: String) -> Bool {
    patterns.isEmpty
      || patterns.contains { Self.matches(Array($0.unicodeScalars), Array(name.unicodeScalars)) }
  }

  /// The patterns that choose none of `names`.
  public func idlePatterns(among names: [String]) -> [String] {
    patterns.filter { pattern in !names.contains(where: NameFilter([pattern]).chooses) }
  }

  private static func matches(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
    let isWhole = pattern.contains { $0 == "*" || $0 == "?" }
    return matchesWhole(isWhole ? pattern : ["*"] + pattern + ["*"], name)
  }

  /// Goes back to the last `*` only: whatever an earlier one took, the later one can make up for.
  private static func matchesWhole(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
    var (inPattern, inName) = (0, 0)
    var retry: (inPattern: Int, inName: Int)?
    while inName < name.count {
      if inPattern < pattern.count, pattern[inPattern] == "*" {
        inPattern += 1
        retry = (inPattern, inName)
      } else if inPattern < pattern.count, pattern[inPattern] == "?" || pattern[inPattern] == name[inName] {
        inPattern += 1
        inName += 1
      } else if let last = retry {
        retry = (last.inPattern, last.inName + 1)
        (inPattern, inName) = (last.inPattern, last.inName + 1)
      } else {
        return false
      }
    }
    return pattern[inPattern...].allSatisfy { $0 == "*" }
  }

  /// The `limit` of `names` that a mistyped `pattern` may have meant, the nearest first: those with a part that fewest
  /// letters must be changed, added or left out in to have the pattern.
  ///
  /// - Complexity: O(n log n + characters of the names x characters of the pattern).
  public static func nearest(to pattern: String, among names: [String], limit: Int = 3) -> [String] {
    let letters = pattern.unicodeScalars.filter { $0 != "*" && $0 != "?" }
    let ranked = names.enumerated().map { (distance(letters, $1), $0, $1) }
    return ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(max(0, limit)).map(\.2)
  }

  /// The least edit distance between `pattern` and any part of `name` (Sellers, 1980).
  private static func distance(_ pattern: some Sequence<Unicode.Scalar>, _ name: String) -> Int {
    let name = Array(name.unicodeScalars)
    // A part may start anywhere, so that nothing costs nothing at every place.
    var row = [Int](repeating: 0, count: name.count + 1)
    for (index, letter) in pattern.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for place in name.indices {
        let change = diagonal + (name[place] == letter ? 0 : 1)
        diagonal = row[place + 1]
        row[place + 1] = min(change, row[place] + 1, diagonal + 1)
      }
    }
    return row.min() ?? 0
  }
}
