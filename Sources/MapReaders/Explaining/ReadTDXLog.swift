import SystemIO
import TDXMessages

/// What inputs say of TDX, a log each, whether they have a map or not.
public struct TDXLogs: Sendable {
  public var logs: [TDXLog] = []
  /// What /sys says of the module, where it is one of the inputs.
  public var installedModule: InstalledModule?

  public var isEmpty: Bool { logs.allSatisfy(\.isEmpty) }
}

/// Reads the lines about TDX of each input, packed and wrapped ones too.
///
/// - Throws: `InputError`: a missing file, or one that is no log.
public func readTDXLogs(_ inputs: [Input]) throws(InputError) -> TDXLogs {
  var logs = TDXLogs()
  for input in inputs {
    switch input {
    case .file(let path) where isFolder(path):
      let findings = try SysfsDirectory().read(path)
      logs.installedModule = findings.installedModule ?? logs.installedModule
    case .file(let path): logs.logs.append(try tdxLog(in: readBytes(of: input), file: path))
    case .standardInput:
      logs.logs.append(try tdxLog(in: readBytes(of: input), file: Input.standardInputName))
    case .host:
      logs.logs.append(try tdxLog(in: try Host.kernelLog(), file: "/dev/kmsg"))
      let folder = "/sys/devices/faux/tdx_host"
      if isFolder(folder) { logs.installedModule = try SysfsDirectory().read(folder).installedModule }
    }
  }
  return logs
}

/// The same for one log in memory.
package func readTDXLog(_ bytes: [UInt8], name: String) throws(InputError) -> TDXLogs {
  TDXLogs(logs: [try tdxLog(in: bytes, file: name)])
}

private func tdxLog(in input: InputBytes, file: String) throws(InputError) -> TDXLog {
  try input.withBytes { (bytes) throws(InputError) in try tdxLog(in: bytes, file: file, layers: 0) }
}

private func tdxLog(in bytes: [UInt8], file: String) throws(InputError) -> TDXLog {
  try bytes.withRawBytes { (bytes) throws(InputError) in try tdxLog(in: bytes, file: file, layers: 0) }
}

private func tdxLog(
  in bytes: UnsafeRawBufferPointer,
  file: String,
  layers: Int
) throws(InputError) -> TDXLog {
  guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), !bytes.isEmpty else {
    throw InputError(kind: .badData, file: file, message: "the file is empty")
  }
  if let compression = Compression(bytes) {
    guard layers <= Compression.mostLayers else {
      throw InputError(
        kind: .badData,
        file: file,
        message: "the file is compressed more often than anyone would"
      )
    }
    let unpacked = try compression.unpack(bytes, file: file)
    var log = try unpacked.bytes.withRawBytes { (bytes) throws(InputError) in
      try tdxLog(in: bytes, file: file, layers: layers + 1)
    }
    log.notes = unpacked.notes + log.notes
    return log
  }
  if TDXMapFile.isRecognized(bytes) {
    throw InputError(kind: .badData, file: file, message: "this is a packed map, not a log")
  }
  let text = TextCursor(from: base, to: base + bytes.count)
  guard let plain = Wrapping.allRemoved(from: text) else {
    return TDXLogReader.read(text, numbers: nil, file: file)
  }
  return plain.bytes.withCursor { TDXLogReader.read($0, numbers: plain.numbers, file: file) }
}
