import SystemIO
import TDXMemory

/// Writes a map as text: the memblock debugfs format, ends inclusive, and a `CMR: [0x.., 0x..)` line for each
/// CMR. `readMachine` reads it back as it was.
public enum MemblockText {
  /// Writes line by line: the text of millions of regions is never in memory as a whole.
  public static func write(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    to writer: inout FileWriter
  ) throws(SystemError) {
    try forEachLine(of: map, convertible: convertible) { (line) throws(SystemError) in
      try writer.write(line)
    }
  }

  public static func text(of map: MemoryMap, convertible: [AddressRange]?) -> String {
    var text: [UInt8] = []
    forEachLine(of: map, convertible: convertible) { text += $0 }
    return String(decoding: text, as: UTF8.self)
  }

  private static func forEachLine<Failure: Error>(
    of map: MemoryMap,
    convertible: [AddressRange]?,
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    var line = LineBuffer()
    try map.withRegions { (regions) throws(Failure) in
      for (index, region) in regions.enumerated() {
        line.removeAll()
        append(index, region, to: &line)
        try body(line.bytes)
      }
    }
    for range in convertible ?? [] {
      line.removeAll()
      line.append("CMR: [0x")
      line.appendHex(range.start)
      line.append(", 0x")
      line.appendHex(range.end)
      line.append(")\n")
      try body(line.bytes)
    }
  }

  /// `   0: 0x0000000000001000..0x000000000009ffff    0 NONE`.
  private static func append(_ index: Int, _ region: MemoryRegion, to line: inout LineBuffer) {
    line.appendDecimal(UInt64(index), places: 4)
    line.append(": 0x")
    line.appendHex(region.start, digits: 16)
    line.append("..0x")
    line.appendHex(region.end &- 1, digits: 16)  // Regions are not empty, so the end is above 0.
    line.append(" ")
    line.appendDecimal(UInt64(region.node), places: 4)
    appendNames(of: region.flags, to: &line)
    line.append("\n")
  }

  private static func appendNames(of flags: MemoryFlags, to line: inout LineBuffer) {
    var isFirst = true
    func appendName(_ name: StaticString, _ line: inout LineBuffer) {
      line.append(isFirst ? " " : "|")
      line.append(name)
      isFirst = false
    }
    if flags.contains(.hotplug) { appendName("HOTPLUG", &line) }
    if flags.contains(.mirror) { appendName("MIRROR", &line) }
    if flags.contains(.noMap) { appendName("NOMAP", &line) }
    if flags.contains(.driverManaged) { appendName("DRV_MNG", &line) }
    if flags.contains(.reservedNoInit) { appendName("RSV_NIT", &line) }
    if flags.contains(.handover) { appendName("KHO_SCRATCH", &line) }
    if isFirst { line.append(" NONE") }
  }
}
