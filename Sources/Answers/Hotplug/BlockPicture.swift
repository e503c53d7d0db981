import MemoryHotplug
import TDXMemory
import TerminalText

/// The address space by memory blocks: a row for each stretch of blocks that have memory, all to one scale.
struct BlockPicture {
  /// What a cell shows: the first of these that one of its blocks is.
  enum Cell: Int, CaseIterable, Comparable {
    case oneWay, foreign, multiNode, multiZone, pinned, offline, hole, offlineable

    static func < (one: Cell, other: Cell) -> Bool { one.rawValue < other.rawValue }

    init(_ run: BlockRun) {
      if run.isOneWay {
        self = .oneWay
      } else if run.isOffline {
        self = run.comesBack == .foreign ? .foreign : .offline
      } else {
        switch run.kind {
        case .multiNode: self = .multiNode
        case .multiZone: self = .multiZone
        case .hole: self = .hole
        case .pinned: self = .pinned
        case .offlineable: self = run.comesBack == .foreign ? .foreign : .offlineable
        }
      }
    }
  }

  /// Cells in a row, beside an address of up to 18 characters.
  static let cells: UInt64 = 60
  static let rows = 32

  /// Blocks in a row of block numbers without a gap, as runs.
  private struct Stretch {
    var runs: [BlockRun]
    var count: UInt64
  }

  private var stretches: [Stretch] = []
  private var hidden = 0
  private var longest: UInt64 = 1
  private let size: BlockSize

  init(_ machine: HotplugMachine) {
    size = machine.blockSize
    var nextBlock: UInt64 = 0
    var picture = (stretches: [Stretch](), hidden: 0, longest: UInt64(1), length: UInt64(0))
    machine.forEachBlockRun { run in
      if run.first != nextBlock || (picture.stretches.isEmpty && picture.hidden == 0) {
        picture.length = 0
        if picture.stretches.count < Self.rows {
          picture.stretches.append(Stretch(runs: [], count: 0))
        } else {
          picture.hidden += 1
        }
      }
      nextBlock = run.first &+ run.count
      picture.length += run.count
      guard picture.hidden == 0 else { return }
      picture.longest = max(picture.longest, picture.length)
      let last = picture.stretches.count - 1
      picture.stretches[last].runs.append(run)
      picture.stretches[last].count += run.count
    }
    (stretches, hidden, longest) = (picture.stretches, picture.hidden, picture.longest)
  }

  func render(_ style: Style) -> String {
    let perCell = (longest + Self.cells - 1) / Self.cells
    let rows = stretches.map { Self.cells(of: $0.runs, count: $0.count, perCell: perCell) }
    let shown = Cell.allCases.filter { cell in rows.contains { $0.contains(cell) } }
    let legend = shown.map { style.paint(String($0.character(style)), $0.ink) + " \($0.name)" }
    let scale = perCell == 1 ? "a block" : "\(perCell) blocks"
    var text = labelled("Picture", "a cell is \(scale); \(legend.joined(separator: ", "))")
    let width = stretches.map { hex($0.runs[0].first &* size.bytes).count }.max() ?? 0
    for (stretch, cells) in zip(stretches, rows) {
      let start = hex(stretch.runs[0].first &* size.bytes)
      text += "\(start.padded(to: width, .right)) \(style.paint(cells))\n"
    }
    if hidden > 0 { text += "... and \(hidden) more stretches: --blocks lists all\n" }
    return text
  }

  /// The blocks of a stretch in cells of `perCell`, the last one perhaps with fewer.
  private static func cells(of runs: [BlockRun], count: UInt64, perCell: UInt64) -> [Cell] {
    var cells = [Cell](repeating: .offlineable, count: Int((count + perCell - 1) / perCell))
    var place: UInt64 = 0
    for run in runs {
      let kind = Cell(run)
      for cell in (place / perCell)...((place + run.count - 1) / perCell) {
        cells[Int(cell)] = min(cells[Int(cell)], kind)
      }
      place += run.count
    }
    return cells
  }
}

extension BlockPicture.Cell: PaintedCell {
  var name: String {
    switch self {
    case .oneWay: "one-way"
    case .foreign: "foreign"
    case .multiNode: "several nodes"
    case .multiZone: "several zones"
    case .pinned: "pinned"
    case .offline: "offline"
    case .hole: "hole"
    case .offlineable: "offlineable"
    }
  }

  func character(_ style: Style) -> Character {
    switch self {
    case .oneWay: "!"
    case .foreign: "x"
    case .multiNode: "N"
    case .multiZone: "Z"
    case .pinned: "P"
    case .offline: style.unicode ? "▁" : "_"
    case .hole: style.unicode ? "▒" : "+"
    case .offlineable: style.unicode ? "█" : "#"
    }
  }

  var ink: Style.Ink {
    switch self {
    case .oneWay, .foreign: .red
    case .multiNode, .multiZone, .hole: .yellow
    case .pinned: .magenta
    case .offline: .dim
    case .offlineable: .green
    }
  }
}
