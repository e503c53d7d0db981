import TDXMemory
import TerminalText

/// A TDMR as one line of 64 cells: what each 64th of it holds.
struct Picture {
  enum Cell: String, CaseIterable {
    case memory, hole
    case mixed = "both"
    case pamt = "PAMT"
  }

  static let cells = 64

  /// - Parameters:
  ///   - map: the memory; what lies between its regions, and the first MiB, are holes.
  ///   - pamts: the PAMTs of all TDMRs, by address.
  static func draw(_ tdmr: AddressRange, map: MemoryMap, pamts: [AddressRange]) -> [Cell] {
    let cellSize = tdmr.size / UInt64(cells)  // TDMRs are multiples of 1 GiB.
    return (0..<UInt64(cells)).map { index in
      let start = tdmr.start + index * cellSize
      let cell = AddressRange(unchecked: start, start + cellSize)
      if overlap(of: cell, with: pamts, range: \.self) > 0 { return .pamt }
      var memory = overlap(of: cell, with: map, range: \.range)
      if let low = AddressRange(unchecked: 0, lowMemoryEnd).intersection(cell) {
        memory -= overlap(of: low, with: map, range: \.range)
      }
      return memory == 0 ? .hole : memory == cellSize ? .memory : .mixed
    }
  }

  /// The bytes that a range has in common with ranges that ascend and are disjoint.
  private static func overlap<Ranges: RandomAccessCollection>(
    of range: AddressRange,
    with others: Ranges,
    range key: (Ranges.Element) -> AddressRange
  ) -> UInt64 where Ranges.Index == Int {
    var (low, high) = (others.startIndex, others.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if key(others[middle]).end <= range.start { low = middle + 1 } else { high = middle }
    }
    var bytes: UInt64 = 0
    while low < others.endIndex, let common = key(others[low]).intersection(range) {
      bytes += common.size
      low += 1
    }
    return bytes
  }
}

extension Picture.Cell: PaintedCell {
  func character(_ style: Style) -> Character {
    switch self {
    case .memory: style.unicode ? "█" : "#"
    case .mixed: style.unicode ? "▒" : "+"
    case .hole: style.unicode ? "·" : "."
    case .pamt: "P"
    }
  }

  var ink: Style.Ink {
    switch self {
    case .memory: .green
    case .mixed: .yellow
    case .hole: .dim
    case .pamt: .magenta
    }
  }
}
