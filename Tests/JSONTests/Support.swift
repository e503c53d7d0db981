import JSON

extension Array where Element == UInt8 {
  init(_ text: String) { self = Array(text.utf8) }

  var text: String { String(decoding: self, as: UTF8.self) }
}

extension UnsafeRawBufferPointer {
  var text: String { String(decoding: self, as: UTF8.self) }
}

/// What the scanner says about a text that should be one JSON value; nil where it is.
///
/// The bytes are copied into memory of exactly their size, so that reading beyond them can be found.
func scan(_ bytes: [UInt8]) -> JSONError? {
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { copy.deallocate() }
  copy.copyBytes(from: bytes)
  var scanner = JSONScanner(UnsafeRawBufferPointer(copy))
  do throws(JSONError) {
    try scanner.skip()
    try scanner.end()
    return nil
  } catch {
    return error
  }
}

/// Lends a scanner over a text.
func withScanner<Result>(_ text: String, _ body: (inout JSONScanner) throws -> Result) throws -> Result {
  try Array(text).withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    return try body(&scanner)
  }
}
