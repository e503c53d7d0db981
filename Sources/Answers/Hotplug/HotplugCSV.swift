import MemoryHotplug

/// The answers of `hotplug` as rows of CSV, but for the blocks one by one: those are a ``BlockList``.
public enum HotplugCSV {
  /// The number of blocks of each class, with a head.
  public static func classes(of machine: HotplugMachine) -> String {
    let census = BlockCensus(machine)
    let rows = census.classes + [("absent", census.absent)]
    return "class,blocks\n" + rows.map { "\($0.name),\($0.blocks)\n" }.joined()
  }

  public static let scriptHead = "line,op,outcome,why\n"

  /// A line of a script as a row; what has commas is quoted.
  public static func line(_ line: HotplugScript.Line, _ answer: HotplugAnswer) -> String {
    let cells = ["\(line.number)", line.text, answer.outcome.rawValue, answer.description]
    return CSVRow.text(cells)
  }
}
