import MapReaders
import Questions
import Requests
import SystemIO
import TDXMemory

/// A TDMR configuration as `validate` takes it: JSON, or the bytes of TDMR_INFO beside what has the CMRs.
struct ConfigurationInput {
  var inputs: MachineInputs
  /// What the configuration itself does not say.
  var defaults: RequestDefaults
  /// A request with the same in what only configurations have.
  var makeRequest: () -> ValidateRequest

  /// The module's first refusal, or that it accepts.
  func verdict() throws -> ModuleVerdict {
    do throws(InputError) {
      return try inputs.files == ["-"]
        ? judge(readBytes(of: .standardInput), "standard input", sources: [])
        : judgeFiles()
    } catch {
      throw Failure(error)
    }
  }

  /// One of the files is the configuration; the others say what the CMRs are.
  private func judgeFiles() throws(InputError) -> ModuleVerdict {
    for (index, file) in inputs.files.enumerated() where file != "-" {
      let content = try readBytes(of: .file(file))
      guard content.withBytes({ ConfigurationKind(of: $0) }) != nil else { continue }
      var sources = inputs.files
      sources.remove(at: index)
      return try judge(content, file, sources: sources)
    }
    throw InputError(
      kind: .badData,
      file: inputs.name,
      message: "neither a JSON configuration (tdmrs, cmrs) nor TDMR_INFO bytes"
    )
  }

  private func judge(
    _ content: InputBytes,
    _ file: String,
    sources: [String]
  ) throws(InputError) -> ModuleVerdict {
    try content.withBytes { (bytes) throws(InputError) in try judge(bytes, file, sources: sources) }
  }

  private func judge(
    _ bytes: UnsafeRawBufferPointer,
    _ file: String,
    sources: [String]
  ) throws(InputError) -> ModuleVerdict {
    switch ConfigurationKind(of: bytes) {
    case .json:
      let request = makeRequest()
      do throws(RequestError) {
        try request.decode(bytes, defaults: defaults)
      } catch {
        throw InputError(kind: .badData, file: file, message: error.description)
      }
      return ModuleRules().verdict(on: request.configuration)
    case .table: return try judgeTable(bytes, file, sources: sources)
    case nil:
      throw InputError(
        kind: .badData,
        file: file,
        message: "neither a JSON configuration (tdmrs, cmrs) nor TDMR_INFO bytes"
      )
    }
  }

  private func judgeTable(
    _ bytes: UnsafeRawBufferPointer,
    _ file: String,
    sources: [String]
  ) throws(InputError) -> ModuleVerdict {
    let limits = defaults.options.limits
    guard let stride = TDMRInfo.stride(maxReserved: limits.maxReserved),
      bytes.count.isMultiple(of: stride)
    else {
      throw InputError(
        kind: .badData,
        file: file,
        message:
          "\(bytes.count) bytes are no whole number of entries for \(limits.maxReserved) reserved areas"
      )
    }
    guard inputs.host || !sources.isEmpty else {
      throw InputError(
        kind: .badData,
        file: file,
        message: "TDMR_INFO bytes need the CMRs: name a log or a map that has them as well"
      )
    }
    let machine = try readMachine(
      sources.map { $0 == "-" ? .standardInput : .file($0) } + (inputs.host ? [.host] : []),
      areOneMachine: inputs.areOneMachine
    )
    guard let convertible = machine.convertible else {
      throw InputError(
        kind: .badData,
        file: sources.joined(separator: ", "),
        message: "no CMRs, which the module's rules need"
      )
    }
    let slots = convertible.map { ConvertibleRegionSlot(base: $0.start, size: $0.size) }
    let offsets = (0...bytes.count / stride).map { $0 * stride }
    return slots.withUnsafeBufferPointer { slots in
      offsets.withUnsafeBufferPointer { offsets in
        ModuleRules().verdict(
          on: makeRequest().configuration(
            tdmrs: TDMRInfoTable(bytes: bytes.baseAddress!, offsets: offsets),
            convertible: slots,
            keyIDBits: defaults.keyIDBits ?? machine.keyIDBits,
            by: defaults
          )
        )
      }
    }
  }
}

/// What a configuration can be written in.
private enum ConfigurationKind {
  case json
  /// TDMR_INFO entries.
  case table

  /// - Returns: nil for text, and for maps that tdxbench wrote.
  init?(of bytes: UnsafeRawBufferPointer) {
    if bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") {
      self = .json
    } else if bytes.prefix(TDMRInfo.headerBytes).contains(0), !TDXMapFile.isRecognized(bytes) {
      // Every TDMR's base and size have zero bytes; no text has.
      self = .table
    } else {
      return nil
    }
  }
}
