import TDXMemory

/// Files that hold a JSON object: a map, or what `lsmem --json` prints. The top-level members tell the kind.
enum JSONInput {
  /// Whether this is JSON: its first byte that is no space is `{`.
  static func isRecognized(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "{")
  }

  /// A map has `regions`; what has none is taken for the other kind.
  static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings {
    if let findings = try JSONMap.read(bytes, file: file) { return findings }
    if let findings = try Lsmem.read(bytes, file: file) { return findings }
    throw InputError(
      kind: .badData,
      file: file,
      message: "the JSON object has no member \"regions\" (a map) and no \"memory\" (lsmem --json)"
    )
  }
}
