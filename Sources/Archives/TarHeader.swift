/// The 512 bytes before the content of a member (POSIX.1, pax: ustar interchange format).
struct TarHeader {
  let type: UInt8
  let size: UInt64
  let name: String
  let link: String

  /// - Returns: nil where the bytes are no header: their checksum or a number in them is wrong.
  init?(_ block: UnsafeRawBufferPointer) {
    func field(_ range: Range<Int>) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: block[range])
    }
    func text(_ range: Range<Int>) -> String {
      String(decoding: block[range].prefix { $0 != 0 }, as: UTF8.self)
    }
    let checksumField = 148..<156
    guard let checksum = Self.number(field(checksumField)) else { return nil }
    var (sum, signedSum) = (0, 0)
    for index in block.indices {
      let byte = checksumField.contains(index) ? UInt8(ascii: " ") : block[index]
      sum += Int(byte)
      // Some old programs added chars with a sign.
      signedSum += Int(Int8(bitPattern: byte))
    }
    // A number of 64 bits is no checksum, and no Int.
    guard checksum == UInt64(sum) || Int(exactly: checksum) == signedSum else { return nil }
    guard let size = Self.number(field(124..<136)), size < 1 << 62 else { return nil }
    (self.size, type) = (size, block[156])
    // GNU's magic has blanks where POSIX has a zero and 00; there the last field is something else.
    let isPOSIX = block[257..<263].elementsEqual("ustar\0".utf8)
    let prefix = isPOSIX ? text(345..<500) : ""
    name = prefix.isEmpty ? text(0..<100) : prefix + "/" + text(0..<100)
    link = text(157..<257)
  }

  /// Whether blocks of content follow: links, devices, folders and pipes have none, whatever their size says.
  var hasContent: Bool { !(UInt8(ascii: "1")...UInt8(ascii: "6")).contains(type) }

  /// Octal digits with blanks around them, or GNU's binary number, whose first bit is set.
  ///
  /// - Returns: nil for anything else, negative numbers and those of 64 bits or more.
  private static func number(_ field: UnsafeRawBufferPointer) -> UInt64? {
    if field[0] & 0x80 != 0 {
      guard field[0] == 0x80, field.dropLast(8).dropFirst().allSatisfy({ $0 == 0 }) else { return nil }
      return field.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0 }
    let digits = field.drop(while: isBlank).prefix { !isBlank($0) }
    guard digits.count <= 21 else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
      value = value << 3 | UInt64(digit - UInt8(ascii: "0"))
    }
    return value
  }
}

/// What a pax header says of the member behind it: records `LENGTH NAME=VALUE\n`.
struct PaxAttributes {
  private(set) var path: String?
  private(set) var link: String?
  private(set) var size: UInt64?

  init(_ bytes: [UInt8]) throws(ArchiveError) {
    var rest = bytes[...]
    while let first = rest.first, first != 0 {
      let digits = rest.prefix { $0 != 0x20 }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1,
        length <= rest.count, rest[rest.startIndex + length - 1] == 0x0a
      else { throw .noHeader }
      let record = rest.prefix(length).dropFirst(digits.count + 1).dropLast()
      rest = rest.dropFirst(length)
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { throw .noHeader }
      let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
      switch String(decoding: record[..<equals], as: UTF8.self) {
      case "path": path = value
      case "linkpath": link = value
      case "size":
        guard let number = UInt64(value), number < 1 << 62 else { throw .noHeader }
        size = number
      default: break
      }
    }
  }
}
