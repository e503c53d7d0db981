import Foundation
import TDXMemory
import Testing

@testable import MapReaders

/// `lsmem` as text, with any columns.
struct LsmemTextTests {
  private let rows: [[LsmemColumn: String]] = [
    [
      .range: "0x0000000000000000-0x000000007fffffff", .size: "2G", .state: "online", .removable: "yes",
      .block: "0", .node: "0", .zones: "None",
    ],
    [
      .range: "0x0000000100000000-0x000000207fffffff", .size: "126G", .state: "offline", .removable: "",
      .block: "2-64", .node: "0", .zones: "Normal",
    ],
    [
      .range: "0x0000002080000000-0x000000407fffffff", .size: "128G", .state: "online", .removable: "no",
      .block: "65-128", .node: "1", .zones: "Normal/Movable",
    ],
  ]
  private let withoutNodes = [region(0, 0x8000_0000), region(0x1_0000_0000, 0x40_8000_0000)]
  private let withNodes = [
    region(0, 0x8000_0000), region(0x1_0000_0000, 0x20_8000_0000),
    region(0x20_8000_0000, 0x40_8000_0000, node: 1),
  ]

  /// The table as libsmartcols lays it out: ranges to the left, all else to the right.
  private func table(_ columns: [LsmemColumn], prefix: String = "", separator: String? = nil) -> String {
    let cells = [columns.map(\.rawValue)] + rows.map { row in columns.map { row[$0] ?? "" } }
    let widths = columns.indices.map { index in cells.map { $0[index].count }.max()! }
    return cells.map { line in
      let padded = line.indices.map { index in
        let blanks = String(repeating: " ", count: widths[index] - line[index].count)
        if separator != nil { return line[index] }
        return columns[index] == .range ? line[index] + blanks : blanks + line[index]
      }
      return prefix + padded.joined(separator: separator ?? " ") + "\n"
    }.joined()
  }

  private let summary =
    "\nMemory block size:         2G\nTotal online memory:     130G\nTotal offline memory:    126G\n"

  /// Every choice of two and three columns beside the range, in every order.
  @Test func columns() throws {
    let others = LsmemColumn.allCases.filter { rows[0][$0] != nil && $0 != .range }
    for one in others {
      for two in others where two != one {
        for order in [[.range, one, two], [one, .range, two], [two, one, .range]] {
          for prefix in ["", "> ", "Nov 29 08:00:00 host lsmem[7]: "] {
            let machine = try read(table(order, prefix: prefix) + (prefix.isEmpty ? summary : ""))
            #expect(machine.source == .lsmem)
            #expect(
              machine.regions == (order.contains(.node) ? withNodes : withoutNodes),
              "\(order) \(prefix)"
            )
            #expect(machine.hasNote("lists whole memory blocks"))
            #expect(machine.hasNote("not online") == order.contains(.state), "\(order)")
          }
        }
      }
    }
  }

  @Test func blockSize() throws {
    #expect(try read(table([.range, .block])).blockSize == 2 << 30)
    #expect(try read(table([.range]) + summary).blockSize == 2 << 30)
    let bytes = summary.replacingOccurrences(of: "2G", with: "2147483648")
    #expect(try read(table([.range]) + bytes).blockSize == 2 << 30)
  }

  /// Blocks by number have addresses once their size is known.
  @Test func blocksWithoutRanges() throws {
    #expect(try read(table([.block, .node, .state]) + summary).regions == withNodes)
    let error = refusal(table([.block, .node, .state]))
    #expect(error?.message.contains("the column RANGE") == true)
  }

  @Test func pairs() throws {
    let names: [LsmemColumn] = [.state, .node, .range, .size, .block]
    let text = rows.map { row in
      names.map { "\($0.rawValue)=\"\(row[$0]!)\"" }.joined(separator: " ") + "\n"
    }.joined()
    let machine = try read(text)
    #expect(machine.regions == withNodes)
    #expect(machine.blockSize == 2 << 30)
  }

  @Test func withoutHeadings() throws {
    let all = table([.range, .size, .state, .block, .node]).split(separator: "\n").dropFirst()
    #expect(try read(all.map { $0 + "\n" }.joined()).regions == withNodes)
    let usual = table([.range, .size, .state, .removable, .block]).split(separator: "\n").dropFirst()
    #expect(try read(usual.map { $0 + "\n" }.joined()).regions == withoutNodes)
  }

  @Test func rawCells() throws {
    let full: [LsmemColumn] = [.node, .zones, .range, .size, .state]
    #expect(try read(table(full, separator: " ")).regions == withNodes)
  }

  @Test(arguments: ["2147483648", "2.0G", "2,0G", "2048M", "1.9G", "2GiB"]) func sizes(size: String) throws {
    let text = "RANGE SIZE\n0x0000000000000000-0x000000007fffffff \(size)\n"
    #expect(!(try read(text)).hasNote("size is not that"))
  }

  @Test func otherSize() throws {
    #expect(
      try read("RANGE SIZE\n0x0000000000000000-0x000000007fffffff 3G\n").hasNote(
        ":2: lsmem's size is not that"
      )
    )
  }

  @Test(arguments: [
    "0x0000000000000000-0x00000000g7ffffff 2G online 0", "0x0-0x7fffffff 2Q online 0",
    "0x0-0x7fffffff 2G online x", "0x80000000-0x7fffffff 2G online 0", "0x0-0x7fffffff 2G online 0 7",
  ])
  func brokenRow(row: String) {
    let error = refusal("RANGE SIZE STATE NODE\n0x80000000-0xffffffff 2G online 0\n\(row)\nend\n")
    #expect(error?.line == 3, "\(row)")
  }
}
