import Foundation
import TDXMemory

/// The console of a guest: what a kernel said of its memory, and what it did when memory went and came.
///
/// `scripts/kernel-lab` records such consoles. Comments at the top name the machine, QEMU's arguments and the kernel's
/// command line. Sections stand between `@@@BEGIN name` and `@@@END name`; where one lies inside another, a line belongs
/// to the inner one alone. Lines outside of every section are the console's own: all that a kernel says that dies early.
public struct Capture: Sendable, CustomStringConvertible {
  public let name: String
  /// The comments at the top, without their `# `.
  public let head: [String]
  /// The lines outside of every section.
  public let console: [String]
  private let sections: [String: [String]]

  /// - Parameter text: as the console had it; carriage returns before line ends are dropped.
  public init(name: String, text: String) {
    self.name = name
    var head: [String] = []
    var console: [String] = []
    var sections: [String: [String]] = [:]
    var open: [String] = []
    for line in text.split(whereSeparator: \.isNewline).map(String.init) {
      if line.hasPrefix("@@@BEGIN ") {
        open.append(String(line.dropFirst(9)))
        sections[open.last!, default: []] += []
      } else if line.hasPrefix("@@@END ") {
        _ = open.popLast()
      } else if let section = open.last {
        sections[section]!.append(line)
      } else if line.hasPrefix("# ") {
        head.append(String(line.dropFirst(2)))
      } else {
        console.append(line)
      }
    }
    self.head = head
    self.console = console
    self.sections = sections
  }

  /// The lines of a section; nil where the capture lacks it.
  public subscript(section: String) -> [String]? { sections[section] }

  /// What the kernel printed: the section `dmesg`, or the console of a guest that did not get that far.
  public var kernelLog: [String] { sections["dmesg"] ?? console.filter { $0.hasPrefix("[") } }

  public var description: String { name }
}

// MARK: - All of them

extension Capture {
  /// All of them, by name.
  public static let all: [Capture] = {
    let folder = Bundle.module.url(forResource: "Captures", withExtension: nil)!
    let files = try! FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return files.filter { $0.pathExtension == "log" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .map {
        Capture(
          name: $0.deletingPathExtension().lastPathComponent,
          text: String(decoding: try! Data(contentsOf: $0), as: UTF8.self)
        )
      }
  }()

  public static func named(_ name: String) throws -> Capture {
    guard let capture = all.first(where: { $0.name == name }) else { throw NoCapture(name: name) }
    return capture
  }

  public struct NoCapture: Error {
    let name: String
  }
}

// MARK: - What the kernel has

extension Capture {
  /// A stretch of memblock.memory, `[start, end)`.
  public struct Memory: Hashable, Sendable, CustomStringConvertible {
    public var range: AddressRange
    /// nil for memory that no node has: printed as node -1 (6.12) or 1024 (6.1).
    public var node: UInt32?
    /// As the last dump of memblock=debug has them; empty in lists that do not know them.
    public var flags: MemoryFlags

    public init(_ range: AddressRange, node: UInt32?, flags: MemoryFlags = []) {
      self.range = range
      self.node = node
      self.flags = flags
    }

    public var description: String {
      "\(range) node \(node.map(String.init) ?? "none")\(flags.contains(.hotplug) ? " hotplug" : "")"
    }
  }

  /// `Early memory node ranges`: memblock.memory as TDX will find it.
  public var earlyNodeRanges: [Memory] {
    var ranges: [Memory] = []
    var listed = false
    for line in kernelLog {
      if line.hasSuffix("Early memory node ranges") {
        listed = true
        ranges = []
      } else if listed, let match = line.firstMatch(of: earlyNodeRange) {
        ranges.append(memory(match.2, match.3, node: match.1))
      }
    }
    return ranges
  }

  /// The last dump of memblock.memory that memblock=debug printed; empty where there is none.
  public var memblockDump: [Memory] {
    var ranges: [Memory] = []
    for match in kernelLog.compactMap({ $0.firstMatch(of: memblockLine) }) {
      if match.1 == "0" { ranges = [] }
      ranges.append(memory(match.2, match.3, node: match.4, flags: match.5))
    }
    return ranges
  }

  /// - Parameters: as printed: hexadecimal, the last byte inclusive; the node in decimal.
  private func memory(_ first: Substring, _ last: Substring, node: Substring, flags: Substring = "0")
    -> Memory
  {
    let number = UInt32(node)
    return Memory(
      AddressRange(unchecked: UInt64(first, radix: 16)!, UInt64(last, radix: 16)! + 1),
      node: number == 1024 ? nil : number,
      flags: MemoryFlags(rawValue: UInt32(flags, radix: 16)!)
    )
  }

  /// `block_size_bytes`.
  public var blockSize: UInt64? {
    (self["sysmem"] ?? []).lazy.compactMap { $0.wholeMatch(of: blockSizeLine) }.first
      .flatMap { UInt64($0.1, radix: 16) }
  }

  /// A memory block, as /sys/devices/system/memory/memoryN tells of it.
  public struct Block: Hashable, Sendable {
    public var number: UInt64
    /// `online`, `offline`.
    public var state: String
    /// `none`, or the names of zones.
    public var zones: String
    /// The nodes that have a link in it.
    public var nodes: [UInt32]

    public init(_ number: UInt64, state: String, zones: String, nodes: [UInt32]) {
      self.number = number
      self.state = state
      self.zones = zones
      self.nodes = nodes
    }
  }

  /// The blocks of a section: `sysmem` after boot, `sysmem2` at the end of a scenario that shows it.
  public func blocks(_ section: String = "sysmem") -> [Block] {
    (self[section] ?? []).compactMap { $0.firstMatch(of: blockLine) }.map { match in
      Block(
        UInt64(match.1)!,
        state: String(match.2),
        zones: String(match.3),
        nodes: match.4.split(whereSeparator: { $0 == "," || $0 == " " }).compactMap {
          UInt32($0.dropFirst(4))
        }
      )
    }
  }
}

// MARK: - What the kernel did

extension Capture {
  /// An attempt to take a block offline and back online.
  public struct Sweep: Hashable, Sendable {
    public var block: UInt64
    /// Its zones before.
    public var zones: String
    /// `ok` or an errno.
    public var offline: String
    /// The zones that it could come back to; `-` where it did not leave.
    public var zonesOffline: String
    /// `ok` or an errno; `-` where it did not leave.
    public var online: String
    /// The zones that it came back to.
    public var zonesAfter: String

    public init(
      _ block: UInt64,
      zones: String,
      offline: String,
      zonesOffline: String = "-",
      online: String = "-",
      zonesAfter: String = "-"
    ) {
      self.block = block
      self.zones = zones
      self.offline = offline
      self.zonesOffline = zonesOffline
      self.online = online
      self.zonesAfter = zonesAfter
    }
  }

  /// All attempts, in order. Blocks that were offline already are not among them.
  public var sweeps: [Sweep] {
    (self["scenario"] ?? []).compactMap { $0.firstMatch(of: sweepLine) }.map { match in
      Sweep(
        UInt64(match.1)!,
        zones: String(match.2),
        offline: String(match.3),
        zonesOffline: String(match.4),
        online: String(match.5),
        zonesAfter: String(match.6)
      )
    }
  }

  /// What was done to the machine, and what came of it.
  public enum Step: Hashable, Sendable {
    /// `state` of a block was written, with the zone that was asked for.
    case offline(UInt64, outcome: String)
    case online(UInt64, zone: String?, outcome: String)
    /// A DIMM was plugged. `address` is nil where neither commands nor /proc/iomem tell it; the counts are those of
    /// memory blocks before and after.
    case add(dimm: String, address: UInt64?, size: UInt64, node: UInt32, blocks: Int, after: Int)
    /// A DIMM was asked to go.
    case remove(dimm: String, blocks: Int, after: Int)
  }

  /// All steps of the scenario but its sweeps, in order.
  public var steps: [Step] {
    var places = DIMMPlaces()
    return (self["scenario"] ?? []).compactMap { line in
      if let match = line.firstMatch(of: dimmCommand) {
        places.asked = match.1.flatMap { UInt64($0, radix: 16) }
      } else if let match = line.firstMatch(of: stateWrite) {
        let block = UInt64(match.2)!
        return match.1 == "offline"
          ? .offline(block, outcome: String(match.4))
          : .online(block, zone: match.3.map(String.init), outcome: String(match.4))
      } else if let match = line.firstMatch(of: dimmAdded) {
        let size = UInt64(match.2)! << (match.3 == "G" ? 30 : 20)
        let last = AddressRange(unchecked: UInt64(match.7, radix: 16)!, UInt64(match.8, radix: 16)! + 1)
        return .add(
          dimm: String(match.1),
          address: places.take(String(match.1), size: size, lastMemory: last),
          size: size,
          node: UInt32(match.4)!,
          blocks: Int(match.5)!,
          after: Int(match.6)!
        )
      } else if let match = line.firstMatch(of: dimmRemoved) {
        if match.2 != match.3 { places.taken[String(match.1)] = nil }
        return .remove(dimm: String(match.1), blocks: Int(match.2)!, after: Int(match.3)!)
      }
      return nil
    }
  }
}

/// Where QEMU plugs DIMMs: where the command says, or in the first gap of its device memory that is large enough.
private struct DIMMPlaces {
  /// The address in the last command.
  var asked: UInt64?
  var taken: [String: AddressRange] = [:]
  /// Where device memory starts: where the first DIMM went that was given no address.
  private var base: UInt64?

  /// - Parameter lastMemory: the last range of System RAM: that of the DIMM, where it has the DIMM's size.
  /// - Returns: nil where nothing tells it.
  mutating func take(_ dimm: String, size: UInt64, lastMemory: AddressRange) -> UInt64? {
    if asked == nil && base == nil && lastMemory.size == size { base = lastMemory.start }
    guard let start = asked ?? firstGap(of: size) else { return nil }
    taken[dimm] = AddressRange(unchecked: start, start + size)
    return start
  }

  private func firstGap(of size: UInt64) -> UInt64? {
    guard var start = base else { return nil }
    for range in taken.values.sorted(by: { $0.start < $1.start }) where start + size > range.start {
      start = max(start, range.end)
    }
    return start
  }
}

// MARK: - Lines

private nonisolated(unsafe) let earlyNodeRange =
  #/node +(-?\d+): \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\]/#
private nonisolated(unsafe) let memblockLine =
  #/\bmemory\[0x([0-9a-f]+)\]\s+\[0x([0-9a-f]+)-0x([0-9a-f]+)\], 0x[0-9a-f]+ bytes on node (\d+) flags: 0x([0-9a-f]+)/#
private nonisolated(unsafe) let blockSizeLine =
  #/block_size_bytes ([0-9a-f]+)/#
private nonisolated(unsafe) let blockLine =
  #/^BLK (\d+) state=(\S+) zones=(.*?) removable=.* nodes=(.*)$/#
private nonisolated(unsafe) let sweepLine =
  #/^SWEEP (\d+) zones=(.*?) offline=(\S+) offzones=(.*?) online=(\S+) zones2=(.*)$/#
private nonisolated(unsafe) let stateWrite =
  #/^OP (offline|online) (\d+)(?: (\w+))? => (\S+)/#
private nonisolated(unsafe) let dimmCommand =
  #/^HMP device_add pc-dimm,id=d\w+,memdev=m\w+,node=\d+(?:,addr=0x([0-9a-f]+))? => /#
private nonisolated(unsafe) let dimmAdded =
  #/^ADD (\w+) size=(\d+)([MG]) node=(\d+) blocks (\d+) -> (\d+) \| *([0-9a-f]+)-([0-9a-f]+) : /#
private nonisolated(unsafe) let dimmRemoved =
  #/^DEL (\w+) blocks (\d+) -> (\d+)/#
