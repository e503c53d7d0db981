import SystemIO
import TDXMemory

/// Directories of /sys, or copies of them.
struct SysfsDirectory {
  private let files: any SmallFiles

  init(in files: any SmallFiles = SystemFiles()) { self.files = files }

  func read(_ path: String) throws(InputError) -> Findings {
    let names = try folder(path)
    if names.contains("block_size_bytes") { return try readMemoryBlocks(path, names) }
    let numbered = names.filter { !$0.isEmpty && $0.utf8.allSatisfy(isDecimal) }
    if !numbered.isEmpty { return try readFirmwareMemmap(path, numbered) }
    if names.contains("num_remaining_updates") || names.contains("seamldr_version") {
      return try readInstalledModule(path, names)
    }
    let nodes = Self.numbers(after: "node", in: names)
    if !nodes.isEmpty { return try readNodes(path, nodes) }
    throw InputError(
      kind: .badData,
      file: path,
      message: "the directory is neither /sys/firmware/memmap (0/start, 0/end, 0/type) "
        + "nor /sys/devices/system/memory (block_size_bytes) nor /sys/devices/system/node (node0) "
        + "nor /sys/devices/faux/tdx_host (seamldr_version)"
    )
  }

  /// Whether a folder with such names is one of them.
  static func isRecognized(names: [String]) -> Bool {
    names.contains("block_size_bytes") || names.contains { !$0.isEmpty && $0.utf8.allSatisfy(isDecimal) }
      || !numbers(after: "node", in: names).isEmpty
  }

  /// The names in a folder.
  func folder(_ path: String) throws(InputError) -> [String] {
    try reading { () throws(SystemError) in try files.names(in: path) }
  }

  /// The one line of a small file, without its end.
  func line(_ path: String) throws(InputError) -> String {
    let bytes = try reading { () throws(SystemError) in try files.bytes(of: path, limit: Self.longestLine) }
    guard let bytes else {
      throw InputError(kind: .badData, file: path, message: "this is no file, as those of /sys are")
    }
    guard bytes.count <= Self.longestLine else {
      throw InputError(kind: .badData, file: path, message: "the file is too long to be one of /sys")
    }
    return String(decoding: bytes.prefix { $0 != 10 && $0 != 13 && $0 != 0 }, as: UTF8.self)
  }

  /// A file of /sys has a page at the most.
  private static let longestLine = 4096

  /// The 64-bit number that a small file holds.
  func number(
    _ path: String,
    _ take: (inout TextCursor) -> UInt64?
  ) throws(InputError) -> UInt64 {
    let text = try line(path)
    let value = withCursor(text) { cursor in
      var cursor = cursor
      let value = take(&cursor)
      return cursor.trimmed.isAtEnd ? value : nil
    }
    guard let value else {
      throw InputError(
        kind: .badData,
        file: path,
        line: 1,
        text: text,
        message: "this is not a 64-bit hexadecimal number"
      )
    }
    return value
  }
}

/// Whether a folder with such names in it is one of /sys, or a copy of one, that `readMachine` takes as one input.
public func isSysfsFolder(names: [String]) -> Bool { SysfsDirectory.isRecognized(names: names) }

/// Whether a folder is one of /sys, or a copy of one, by more than names that other folders may have, too: a number, `node0`.
public func isCopyOfSysfsFolder(_ path: String) -> Bool {
  guard let names = try? namesInFolder(path) else { return false }
  if names.contains("block_size_bytes") { return true }
  return names.lazy.filter { isSysfsFolder(names: [$0]) }.prefix(16).contains { name in
    guard let inside = try? namesInFolder("\(path)/\(name)") else { return false }
    return ["start", "meminfo", "cpulist", "cpumap"].contains(where: inside.contains)
  }
}
