/// Names that are paths, as rows of a table have them where whole names are too long: under the part that they share.
///
/// Names of one group stand together, in the order in which the groups first appear; none is cut.
public struct GroupedNames {
  public struct Group {
    /// What its names share; nil where they stand as they are.
    public var head: String?
    /// Which of the names each one is, and what stands in its row.
    public var rows: [(index: Int, name: String)]
  }

  public let groups: [Group]

  /// - Parameters:
  ///   - width: the columns that there are for a name.
  /// - Complexity: O(names x groups).
  public init(_ names: [String], width: Int) {
    guard names.contains(where: { $0.count > width }) else {
      groups = [Group(head: nil, rows: Array(names.enumerated().map { (index: $0, name: $1) }))]
      return
    }
    let parts = names.map { $0.split(separator: "/", omittingEmptySubsequences: false) }
    // A second part is shared where what is behind the first would still be too long.
    var long: Set<Substring> = []
    for (name, parts) in zip(names, parts) where parts.count > 2 {
      if name.count - parts[0].count - 1 + Self.indent.count > width { long.insert(parts[0]) }
    }
    var places: [String: Int] = [:]
    var groups: [Group] = []
    for (index, parts) in parts.enumerated() {
      let shared = parts.count < 2 ? 0 : parts.count > 2 && long.contains(parts[0]) ? 2 : 1
      let head = parts.prefix(shared).joined(separator: "/")
      let rest = parts.dropFirst(shared).joined(separator: "/")
      // A name of one part is a group of its own, and so stands where it is.
      let key = shared == 0 ? "/\(rest)" : head
      if let place = places[key] {
        groups[place].rows.append((index, Self.indent + rest))
      } else {
        places[key] = groups.count
        groups.append(Group(head: shared == 0 ? nil : head, rows: [(index, Self.indent + rest)]))
      }
    }
    self.groups = groups.map { group in
      group.head == nil || group.rows.count == 1
        ? Group(head: nil, rows: group.rows.map { ($0.index, names[$0.index]) }) : group
    }
  }

  private static let indent = "  "
}
