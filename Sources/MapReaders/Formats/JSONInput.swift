import SystemIO
import TDXMemory

/// Files that hold a JSON object: a map, or what `lsmem --json` prints. The top-level members tell the kind.
enum JSONInput {
  /// Whether this is JSON: its first byte that is no space is `{`.
  static func isRecognized(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "{")
  }

  /// A map has `regions`, lsmem's list has `memory`; what has neither may be a log, of which each message is a member.
  static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings {
    let failure: InputError
    do throws(InputError) {
      return try readObject(bytes, file: file)
    } catch {
      failure = error
    }
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { throw failure }
    let text = TextCursor(from: base, to: base + bytes.count)
    guard JSONMessages.hasMessage(text) else { throw failure }
    guard let plain = Wrapping.allRemoved(from: text) else { throw failure }
    return try plain.bytes.withRawBytes { (bytes) throws(InputError) in
      // What is JSON still is none of these.
      guard !isRecognized(bytes) else { throw failure }
      return try LogReader.read(plain, file: file)
    }
  }

  private static func readObject(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings
  {
    if let findings = try JSONMap.read(bytes, file: file) { return findings }
    if let findings = try Lsmem.read(bytes, file: file) { return findings }
    throw InputError(
      kind: .badData,
      file: file,
      message: "the JSON object has no member \"regions\" (a map), no \"memory\" (lsmem --json), "
        + "and no messages (journalctl -o json, dmesg --json)"
    )
  }
}
