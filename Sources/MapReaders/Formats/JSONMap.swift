import Requests
import SystemIO
import TDXMemory

/// A map as JSON: the `regions`, `cmrs` and `keyid_bits` of a request of `plan --jsonl`, and the machine's `block_size`.
public enum JSONMap {
  /// Reads a map; the request's policy and limits are for `plan --jsonl` and do not count here.
  ///
  /// - Returns: nil where the object has no `regions`.
  static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings? {
    let request = PlanRequest(readsBlockSize: true)
    do throws(RequestError) {
      try request.decode(bytes, defaults: PlanOptions(), defaultKeyIDBits: nil)
    } catch {
      if error.problem == .missing, error.place.member == .regions { return nil }
      throw InputError(kind: .badData, file: file, message: error.description)
    }
    return request.hasRegions ? try findings(of: request, file: file) : nil
  }

  /// What a request with `regions` says of its machine.
  static func findings(of request: PlanRequest, file: String) throws(InputError) -> Findings {
    var findings = Findings()
    do throws(MapError) {
      findings.packed = (try MemoryMap(request.regions), file)
    } catch {
      throw InputError(kind: .badData, file: file, message: error.description)
    }
    if request.hasConvertible {
      findings.convertible = Findings.Convertible(ranges: Array(request.convertible), file: file)
    }
    findings.blockSize = request.blockSize
    findings.keyIDBits = request.givenKeyIDBits
    return findings
  }

  /// Writes a map, one region a line. The memblock flags have no place in this format.
  public static func write(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    keyIDBits: Int?,
    to writer: inout FileWriter
  ) throws(SystemError) {
    var line = LineBuffer()
    try writer.write("{\"regions\":[\n")
    for (index, region) in map.enumerated() {
      append(region.range, to: &line, isFirst: index == 0)
      line.append(",")
      line.appendDecimal(UInt64(region.node))
      line.append("]")
      try writer.write(line.bytes)
    }
    try writer.write("]")
    if let convertible {
      try writer.write(",\"cmrs\":[\n")
      for (index, range) in convertible.enumerated() {
        append(range, to: &line, isFirst: index == 0)
        line.append("]")
        try writer.write(line.bytes)
      }
      try writer.write("]")
    }
    if let keyIDBits { try writer.write(",\"keyid_bits\":\(keyIDBits)") }
    try writer.write("}\n")
  }

  /// `["0x1000","0x9f000"`, on a line of its own.
  private static func append(_ range: AddressRange, to line: inout LineBuffer, isFirst: Bool) {
    line.removeAll()
    line.append(isFirst ? "[\"0x" : ",\n[\"0x")
    line.appendHex(range.start)
    line.append("\",\"0x")
    line.appendHex(range.end)
    line.append("\"")
  }
}
