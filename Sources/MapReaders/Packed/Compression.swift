/// How a file is compressed, by its first bytes.
enum Compression {
  case gzip, xz, zstandard

  init?(_ bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else if bytes.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
      self = .xz
    } else if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
      self = .zstandard
    } else {
      return nil
    }
  }

  /// What a file may unpack to: more than any log has. A file of 10 KB can hold as much, and one of 10 MB terabytes.
  static let mostBytes = 256 << 20
  /// The memory that a decoder may ask for beside what it puts out: xz's largest preset takes 65 MiB, zstd's 128 MiB.
  static let mostDecoderMemory = 192 << 20
  /// How often a file may be compressed: a log that logrotate has packed lies in an archive's folder, no more.
  static let mostLayers = 3

  var name: String {
    switch self {
    case .gzip: "gzip"
    case .xz: "xz"
    case .zstandard: "zstd"
    }
  }

  /// What the file holds, all its members together.
  ///
  /// Memory: what comes out, at most `limit`, and what the decoder takes, at most `mostDecoderMemory`. Time: linear in what
  /// goes in and what comes out.
  ///
  /// - Returns: the bytes; where the file was cut off, those before the cut, and a note.
  /// - Throws: `badData` for data that is no such file, or for more than `limit` bytes.
  func unpack(
    _ bytes: UnsafeRawBufferPointer,
    file: String,
    limit: Int = mostBytes
  ) throws(InputError) -> (bytes: [UInt8], notes: [String]) {
    var output = BoundedOutput(limit: limit)
    let end: UnpackingEnd
    switch self {
    case .gzip: end = GzipDecoder.unpack(bytes, into: &output)
    case .xz: end = XZDecoder.unpack(bytes, into: &output)
    case .zstandard: end = ZstandardDecoder.unpack(bytes, into: &output)
    }
    func refuse(_ message: String) -> InputError { InputError(kind: .badData, file: file, message: message) }
    switch end {
    case .whole: break
    case .cut where output.bytes.isEmpty: throw refuse("the \(name) data is cut off before it says anything")
    case .cut: return (output.bytes, ["\(file): the \(name) data is cut off: memory may be missing."])
    case .full: throw refuse("the \(name) data unpacks to more than \(limit >> 20) MiB, which no log has")
    case .memory:
      throw refuse("the \(name) data needs more than \(Self.mostDecoderMemory >> 20) MiB to unpack")
    case .wrong: throw refuse("the \(name) data is damaged: its bytes or its checksum are wrong")
    }
    guard !output.bytes.isEmpty else { throw refuse("the \(name) data holds an empty file") }
    return (output.bytes, [])
  }
}

/// How unpacking ended.
enum UnpackingEnd {
  case whole
  /// The input ends inside a member.
  case cut
  /// There is more than the output takes.
  case full
  /// The decoder asks for too much memory.
  case memory
  case wrong
}

/// What a decoder puts out, up to a limit.
struct BoundedOutput {
  private(set) var bytes: [UInt8] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// - Returns: false where there is no room for them.
  mutating func append(_ more: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count + more.count <= limit else { return false }
    bytes.append(contentsOf: more)
    return true
  }
}

/// Room for what a decoder puts out in one step.
func withDecodingBuffer<Result>(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Result) -> Result {
  let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
  defer { buffer.deallocate() }
  return body(buffer)
}
