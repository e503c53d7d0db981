// Checksums of the versions of `.tdxmap` that are read and no longer written.

/// That of version 1: XXH64 of the file without the checksum itself.
///
/// - Parameters:
///   - header: up to the checksum.
///   - contents: what follows it.
func firstMapChecksum(header: UnsafeRawBufferPointer, contents: UnsafeRawBufferPointer) -> UInt64 {
  var hash = XXH64()
  hash.update(header)
  hash.update(contents)
  return hash.finalize()
}

/// That of version 2.
///
/// The contents are taken as rows of eight 64-bit words, little endian; zeros fill the last row. Each of the eight
/// columns has two sums that wrap: `total` of its words, and `history`, which after every row is taken 33 times and added
/// to the total, exclusive-or its own upper half. The header and the sums go through XXH64.
func secondMapChecksum(header: UnsafeRawBufferPointer, contents: UnsafeRawBufferPointer) -> UInt64 {
  typealias Row = SIMD8<UInt64>
  let rowBytes = MemoryLayout<Row>.size
  var total = Row(repeating: 0)
  var history = Row(repeating: 0)

  func add(_ row: Row) {
    total &+= row
    history = (history &<< Row(repeating: 5)) &+ (history &+ (total ^ (total &>> Row(repeating: 32))))
  }

  let whole = contents.count / rowBytes * rowBytes
  for offset in stride(from: 0, to: whole, by: rowBytes) {
    add(contents.loadUnaligned(fromByteOffset: offset, as: Row.self))
  }
  if whole < contents.count {
    var last = Row(repeating: 0)
    withUnsafeMutableBytes(of: &last) { $0.copyBytes(from: contents[whole...]) }
    add(last)
  }
  var hash = XXH64()
  hash.update(header)
  withUnsafeBytes(of: total) { hash.update($0) }
  withUnsafeBytes(of: history) { hash.update($0) }
  return hash.finalize()
}
