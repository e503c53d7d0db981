import Answers
import ArgumentParser
import JSON
import MapReaders
import Requests
import SystemIO
import TDXMemory

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Holds a TDMR configuration against the TDX module's rules.",
    usage: "tdxbench validate [<options>] [<input> ...]",
    discussion: """
      Takes a JSON configuration, or the bytes of `plan --format tdmr-info` together with a log or a map that has \
      the CMRs. Says the module's first refusal. Exit status 0 where it accepts, 1 where it refuses.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var input: InputArguments
  @OptionGroup var module: ModuleArguments

  @Option(help: "How the verdict is printed.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @OptionGroup var stream: StreamArguments

  private var defaults: PlanOptions {
    PlanOptions(dynamicPAMT: module.dynamicPAMT, limits: module.limits)
  }

  func validate() throws {
    try stream.validate(input, without: ["--format": format != .text, "--output": output != nil])
  }

  func run() throws {
    if stream.jsonl {
      try stream.answer(ValidateRequest.self, from: input, defaults: defaults, keyIDBits: module.keyIDBits)
      return
    }
    let verdict = try judge()
    let target = OutputTarget(output)
    switch format {
    case .text: try target.write(verdict.text)
    case .json:
      var id = JSONWriter()
      id.appendString(input.name)
      var writer = JSONWriter()
      writer.appendVerdict(verdict, id: id.bytes)
      try target.write(writer)
    }
    if !verdict.isAccepted { throw ExitCode.no }
  }

  private func judge() throws -> ModuleVerdict {
    do throws(InputError) {
      return try input.files == ["-"]
        ? judge(readBytes(of: .standardInput), "standard input", sources: [])
        : judgeFiles()
    } catch {
      throw Failure(error)
    }
  }

  /// One of the files is the configuration; the others say what the CMRs are.
  private func judgeFiles() throws(InputError) -> ModuleVerdict {
    for (index, file) in input.files.enumerated() where file != "-" {
      let content = try readBytes(of: .file(file))
      guard content.withBytes({ ConfigurationKind(of: $0) }) != nil else { continue }
      var sources = input.files
      sources.remove(at: index)
      return try judge(content, file, sources: sources)
    }
    throw InputError(
      kind: .badData,
      file: input.name,
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
      let request = ValidateRequest()
      do throws(RequestError) {
        try request.decode(
          bytes,
          defaults: defaults,
          defaultKeyIDBits: module.keyIDBits ?? ModuleArguments.defaultKeyIDBits
        )
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
    guard let stride = TDMRInfo.stride(maxReserved: module.maxReserved), bytes.count.isMultiple(of: stride)
    else {
      throw InputError(
        kind: .badData,
        file: file,
        message:
          "\(bytes.count) bytes are no whole number of entries for \(module.maxReserved) reserved areas"
      )
    }
    guard input.host || !sources.isEmpty else {
      throw InputError(
        kind: .badData,
        file: file,
        message: "TDMR_INFO bytes need the CMRs: name a log or a map that has them as well"
      )
    }
    let machine = try readMachine(
      sources.map { $0 == "-" ? .standardInput : .file($0) } + (input.host ? [.host] : [])
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
          on: ModuleConfiguration(
            tdmrs: TDMRInfoTable(bytes: bytes.baseAddress!, offsets: offsets),
            cmrs: slots,
            keyIDBits: module.keyIDBits ?? machine.keyIDBits ?? ModuleArguments.defaultKeyIDBits,
            dynamicPAMT: module.dynamicPAMT,
            limits: module.limits
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
