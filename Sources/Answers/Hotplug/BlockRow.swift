import MemoryHotplug
import TDXMemory
import TerminalText

/// A memory block as a row of a list: of text or of CSV.
struct BlockRow {
  private let cells: [String]

  static let csvHeader = "block,start,end,node,state,class,returns\n"

  init(_ block: UInt64, of run: BlockRun, size: BlockSize) {
    // The block has memory, so it starts below 2^64.
    let range = size.range(of: block) ?? AddressRange(unchecked: .max, .max)
    cells = [
      "\(block)", hex(range.start), hex(range.end), run.node.map { "\($0)" } ?? "",
      run.isOffline ? "offline" : "online", run.kind.name, run.comesBack?.name ?? "",
    ]
  }

  var csv: String { cells.joined(separator: ",") + "\n" }

  /// Columns of fixed width, at most 80 together for addresses below 2^52.
  var text: String { Self.line(cells) }

  static let textHeader = line(["block", "start", "end", "node", "state", "class", "returns"])

  private static func line(_ cells: [String]) -> String {
    let widths = [9, 16, 16, 5, 8, 12, 8]
    let columns = zip(cells, widths).enumerated().map { index, cell in
      cell.0.padded(to: cell.1, index < 4 ? .right : .left)
    }
    return (columns[..<4].joined() + "  " + columns[4...].joined()).withoutTrailingBlanks + "\n"
  }
}
