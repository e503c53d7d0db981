/// A row of CSV (RFC 4180), ended by a line feed.
enum CSVRow {
  static func text(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\n" }

  /// A cell, in quotes where it has a comma, a quote or a line end.
  private static func quoted(_ cell: String) -> String {
    let isSpecial: (UInt8) -> Bool = { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
    guard cell.utf8.contains(where: isSpecial) else { return cell }
    return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
