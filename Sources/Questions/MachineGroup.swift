import MapReaders
import Requests
import TDXMemory
import TerminalText

/// What machines have in common of which advice says the same: their layout, which is the memory, region by region with
/// its nodes, the CMRs, the key-id bits and the question; and how TDX failed where that was not for the layout.
///
/// A hash (XXH64) of these, the same on every machine and in every release that this version of it lives through: two
/// different ones share one by accident in 10^5 of them with a chance of 3 in 10^10. It is none against forgery.
public struct MachineGroup: Hashable, Sendable {
  let hash: UInt64

  private static let version: UInt64 = 1

  private init(hash: UInt64) { self.hash = hash }

  /// The layout of a machine; this costs far less than the advice on it.
  public init(_ machine: Machine, _ question: AdviceQuestion) {
    var words = [Self.version, UInt64(machine.map.count)]
    words.reserveCapacity(16 + 3 * machine.map.count + 2 * (machine.convertible?.count ?? 0))
    machine.map.withRegions { regions in
      for region in regions {
        words.append(region.start)
        words.append(region.end)
        words.append(UInt64(region.node))
      }
    }
    if let convertible = machine.convertible {
      words.append(UInt64(convertible.count))
      for range in convertible {
        words.append(range.start)
        words.append(range.end)
      }
    } else {
      words.append(.max)
    }
    let limits = question.options.limits
    let entryBytes = limits.pamtEntryBytes
    words += [
      UInt64(question.keyIDBits(of: machine)), question.options.dynamicPAMT ? 1 : 0, UInt64(question.slack),
      limits.maxTDMRs, limits.maxReserved, UInt64(entryBytes.page4K), UInt64(entryBytes.page2M),
      UInt64(entryBytes.page1G),
    ]
    // The bill that goes with an answer; a fleet has none.
    if question.tdMemory > 0 { words.append(question.tdMemory) }
    var hasher = XXH64()
    for index in words.indices { words[index] = words[index].littleEndian }
    words.withUnsafeBytes { hasher.update($0) }
    hash = hasher.finalize()
  }

  /// The machines of this group that have something else in common.
  func apart(_ texts: [String]) -> MachineGroup {
    var hasher = XXH64()
    withUnsafeBytes(of: hash.littleEndian) { hasher.update($0) }
    for text in texts { Array((text + "\n").utf8).withUnsafeBytes { hasher.update($0) } }
    return MachineGroup(hash: hasher.finalize())
  }
}

extension MachineGroup: CustomStringConvertible {
  /// 16 hexadecimal digits.
  public var description: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
