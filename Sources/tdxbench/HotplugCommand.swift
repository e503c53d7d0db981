import ArgumentParser
import MapReaders
import MemoryHotplug
import PlanJSON
import PlanReports
import TDXMemory

struct HotplugCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hotplug",
    abstract: "Memory blocks of a TDX host: what can go offline, come back, be added; scenarios.",
    discussion: """
      Without --script, tells what each memory block may do once TDX has taken its snapshot. With --script, does \
      what the script says, one operation a line, and prints the outcome of each:

      init-tdx | offline N | online N [kernel|movable] | add RANGE node N | remove RANGE | query RANGE | \
      check-add RANGE | pin RANGE | unpin RANGE

      A range is 0xSTART-0xEND, the end exclusive, or START+SIZE (4G+2G). `# expect OUTCOME` at the end of a line \
      makes it a test: exit status 1 where an outcome differs.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var input: InputArguments

  @Option(help: ArgumentHelp("Run a scenario; - for standard input.", valueName: "file"))
  var script: String?

  @OptionGroup var blocks: BlockSizeArguments

  @Option(help: "How TDX chooses TDMRs and holes.")
  var policy = Policy.linux

  @Option(help: "Where the kernel's allocator is taken to place PAMTs.")
  var placement = Placement.firstFit

  @OptionGroup var module: ModuleArguments

  @Option(help: "What to print.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  func validate() throws {
    try input.validateMachine()
    if script == "-", input.files.contains("-") {
      throw ValidationError("standard input can be read only once")
    }
  }

  func run() throws {
    // A script that cannot be read is told of before anything is done.
    let lines = try script.map { try readScript($0) }
    let described = try input.machine()
    let machine = try HotplugMachine(described, self)
    if let lines { try run(lines, on: machine) }
  }

  /// The options under which TDX initialises.
  var options: PlanOptions {
    PlanOptions(
      policy: policy,
      placement: placement,
      dynamicPAMT: module.dynamicPAMT,
      limits: module.limits
    )
  }

  // MARK: - Scenarios

  private func readScript(_ path: String) throws -> HotplugScript {
    let input: Input = path == "-" ? .standardInput : .file(path)
    let name = path == "-" ? "standard input" : path
    do {
      let text = try readBytes(of: input).withBytes { String(decoding: $0, as: UTF8.self) }
      return try HotplugScript(text)
    } catch let error as ScriptError {
      throw Failure(
        InputError(
          kind: .badData,
          file: name,
          line: error.line,
          text: error.text,
          message: error.reason.description
        )
      )
    } catch let error as InputError {
      throw Failure(error)
    }
  }

  private func run(_ script: HotplugScript, on machine: HotplugMachine) throws {
    var machine = machine
    var differences: [String] = []
    let name = self.script == "-" ? "standard input" : self.script ?? ""
    let target = OutputTarget(output)
    let style = target.style
    try target.write { (writer) throws(InputError) in
      for line in script.lines {
        let answer = machine.perform(line.operation)
        if let expected = line.expected, expected != answer.outcome {
          differences.append(
            "\(name):\(line.number): expected \(expected.rawValue), got \(answer.outcome.rawValue): `\(line.text)`"
          )
        }
        switch format {
        case .text: try writer.write(HotplugScriptReport.text(line, answer, style: style))
        case .json:
          var object = JSONWriter(capacity: 512)
          object.appendAnswer(answer, to: line)
          try writer.write(object.bytes)
        }
      }
    }
    for difference in differences { complain(difference) }
    if !differences.isEmpty { throw ExitCode.no }
  }
}

extension JSONWriter {
  /// A line of a script with its outcome, as an object and a newline.
  fileprivate mutating func appendAnswer(_ answer: HotplugAnswer, to line: HotplugScript.Line) {
    append(#"{"line":"#)
    append(UInt64(line.number))
    append(#","op":"#)
    appendString(line.text)
    append(#","outcome":"#)
    appendString(answer.outcome.rawValue)
    append(#","why":"#)
    appendString(answer.description)
    append("}\n")
  }
}

extension HotplugMachine {
  /// The machine that was read, as it stands after boot.
  fileprivate init(_ machine: Machine, _ command: HotplugCommand) throws {
    // A list without CMRs says nothing: a host that has TDX has some.
    let convertible = machine.convertible.flatMap { $0.isEmpty ? nil : $0 }
    self.init(
      machine.map,
      convertible: convertible,
      blockSize: try command.blocks.blockSize(of: machine),
      options: command.options,
      keyIDBits: command.module.keyIDBits ?? ModuleArguments.defaultKeyIDBits
    )
  }
}
