import TDXMemory

/// Writes a map as text: the memblock debugfs format, ends inclusive, and a `CMR: [0x.., 0x..)` line for each
/// CMR. `readMachine` reads it back as it was.
public enum MemblockText {
  /// Writes line by line: the text of millions of regions is never in memory as a whole.
  public static func write(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    to writer: inout FileWriter
  ) throws(InputError) {
    var line: [UInt8] = []
    for (index, region) in map.enumerated() {
      line.removeAll(keepingCapacity: true)
      append(index, region, to: &line)
      try line.withRawBytes { (bytes) throws(InputError) in try writer.write(bytes) }
    }
    for range in convertible ?? [] { try writer.write("CMR: \(range)\n") }
  }

  public static func text(of map: MemoryMap, convertible: [AddressRange]?) -> String {
    var text: [UInt8] = []
    for (index, region) in map.enumerated() { append(index, region, to: &text) }
    for range in convertible ?? [] { text += "CMR: \(range)\n".utf8 }
    return String(decoding: text, as: UTF8.self)
  }

  /// `   0: 0x0000000000001000..0x000000000009ffff    0 NONE`.
  private static func append(_ index: Int, _ region: MemoryRegion, to text: inout [UInt8]) {
    appendDecimal(UInt64(index), to: &text)
    text += ": 0x".utf8
    appendHex(region.start, to: &text)
    text += "..0x".utf8
    appendHex(region.end &- 1, to: &text)  // Regions are not empty, so the end is above 0.
    text.append(UInt8(ascii: " "))
    appendDecimal(UInt64(region.node), to: &text)
    text.append(UInt8(ascii: " "))
    text += names(region.flags).utf8
    text.append(10)
  }

  private static func names(_ flags: MemoryFlags) -> String {
    if flags.isEmpty { return "NONE" }
    let names: [(MemoryFlags, String)] = [
      (.hotplug, "HOTPLUG"), (.mirror, "MIRROR"), (.noMap, "NOMAP"), (.driverManaged, "DRV_MNG"),
      (.reservedNoInit, "RSV_NIT"),
    ]
    let set = names.filter { flags.contains($0.0) }.map(\.1)
    return set.isEmpty ? "NONE" : set.joined(separator: "|")
  }

  /// 16 digits.
  private static func appendHex(_ value: UInt64, to text: inout [UInt8]) {
    for shift in stride(from: UInt64(60), through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: value >> shift) & 15
      text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
    }
  }

  /// At least 4 places, filled with blanks.
  private static func appendDecimal(_ value: UInt64, to text: inout [UInt8]) {
    let start = text.count
    var rest = value
    repeat {
      text.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    while text.count - start < 4 { text.append(UInt8(ascii: " ")) }
    text[start...].reverse()
  }
}
