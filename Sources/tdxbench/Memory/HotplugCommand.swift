import Answers
import ArgumentParser
import JSON
import MapReaders
import MemoryHotplug
import Questions
import Requests
import Streams
import SystemIO
import TDXMemory
import TDXMessages
import TerminalText

struct HotplugCommand: StreamingCommand {
  typealias Request = HotplugRequest

  static let configuration = CommandConfiguration(
    commandName: "hotplug",
    abstract: "Memory blocks of a TDX host: what can go offline, come back, be added; scenarios.",
    discussion: """
      Without --script, tells what each memory block may do once TDX has taken its snapshot. With --script, does \
      what the script says, one operation a line, and prints the outcome of each:

      init-tdx | offline N | online N [kernel|movable] | add RANGE node N | remove RANGE | eject RANGE | \
      auto-online offline|online|online_kernel|online_movable | query RANGE | check-add RANGE | pin RANGE | \
      unpin RANGE

      A range is 0xSTART-0xEND, the end exclusive, or START+SIZE (4G+2G). `# expect OUTCOME` at the end of a line \
      makes it a test: exit status 1 where an outcome differs.
      """
  )

  @OptionGroup var input: InputArguments

  @Option(help: ArgumentHelp("Run a scenario; - for standard input.", valueName: "file"))
  var script: String?

  @Flag(help: "List all blocks.")
  var blocks = false

  @OptionGroup var sizes: BlockSizeArguments

  @Option(help: "How TDX chooses TDMRs and holes.")
  var policy = Policy.linux

  @Option(help: "Where the kernel's allocator is taken to place PAMTs.")
  var placement = Placement.firstFit

  @OptionGroup var module: ModuleArguments

  @OptionGroup var profile: ProfileArguments

  @Option(help: "What to print.")
  var format = HotplugFormat.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @OptionGroup var stream: StreamArguments

  @OptionGroup var terminal: TerminalArguments

  var keyIDBits: Int? { module.keyIDBits }
  var optionsOfOneAnswer: KeyValuePairs<String, Bool> {
    ["--blocks": blocks]
  }
  var profiles: NamedProfiles { profile.named(module) }

  func makeRequest() throws -> () -> HotplugRequest {
    let script = try script.map { try HotplugScript.text(of: $0) }
    return { HotplugRequest(script: script, sizes: sizes.members) }
  }

  func validate() throws {
    try validateStream()
    if script == "-", input.files.contains("-") || stream.jsonl && input.files.isEmpty {
      throw ValidationError("standard input can be read only once")
    }
    guard script == nil || !blocks else { throw ValidationError("--script and --blocks are two questions") }
  }

  func run() throws {
    guard !stream.jsonl else { return try answerStream() }
    // A script that cannot be read is told of before anything is done.
    let lines = try script.map { try HotplugScript(file: $0) }
    var described = profiles.applied(to: try input.machine())
    let upperBits = profiles.upperBits(keyIDBits: keyIDBits, module: described.module)
    let options = profiles.options(options, for: &described, upperBits: upperBits)
    ProgressWatch.begin("looking at the blocks of \(described.map.count) regions")
    var machine = try HotplugMachine(
      described,
      blockSize: sizes.blockSize(of: described),
      options: options,
      keyIDBits: upperBits
    )
    if let lines { return try run(lines, on: machine, kernel: described.kernel) }
    let initialized = machine.initializeTDX()
    if blocks {
      try list(machine, initialized, described)
    } else {
      try summarize(machine, initialized, described)
    }
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

  // MARK: - Blocks

  private func summarize(
    _ machine: HotplugMachine,
    _ initialized: HotplugAnswer,
    _ described: Machine
  ) throws {
    let target = OutputTarget(output)
    switch format {
    case .text:
      let text = HotplugText(
        machine,
        initialized: initialized,
        source: described.source,
        notes: described.remarks + described.tdxNotes,
        isRefused: described.observed.failsWhateverTheMemory,
        kernel: described.kernel,
        style: target.style
      )
      try target.write(text.render())
    case .json:
      var object = JSONWriter()
      object.appendSummary(machine, initialized: initialized, of: described)
      try target.write(object)
    case .csv: try target.write(data: HotplugCSV.classes(of: machine))
    }
  }

  /// The most blocks that are listed one by one: 2^52 bytes have a quarter of them.
  private static let mostBlocks: UInt64 = 1 << 27

  private func list(_ machine: HotplugMachine, _ initialized: HotplugAnswer, _ described: Machine) throws {
    let total = BlockCensus(machine).total
    guard total <= Self.mostBlocks else {
      throw Failure("\(total) blocks are too many to list; a larger --block-size makes fewer", .no)
    }
    let list = BlockList(machine, initialized: initialized, of: described)
    try OutputTarget(output).write { (writer) throws(SystemError) in
      try list.write(as: format) { (bytes) throws(SystemError) in try writer.write(bytes) }
    }
  }

  // MARK: - Scenarios

  private func run(
    _ script: HotplugScript,
    on machine: HotplugMachine,
    kernel: KernelProfile
  ) throws {
    var machine = machine
    var differences: [String] = []
    let name = self.script == "-" ? "standard input" : self.script ?? ""
    let target = OutputTarget(output)
    let style = target.style
    try target.write { (writer) throws(SystemError) in
      if format == .csv { try writer.write(HotplugCSV.scriptHead) }
      if format == .text, let note = script.noteOnWindow(kernel) { try writer.write(note) }
      for line in script.lines {
        let answer = machine.perform(line.operation)
        if let expected = line.expected, expected != answer.outcome {
          differences.append(
            "\(fitForTerminal(name)):\(line.number): expected \(expected.rawValue), got \(answer.outcome.rawValue): `\(line.text)`"
          )
        }
        switch format {
        case .text: try writer.write(target.fit(ScriptText.line(line, answer, style: style)))
        case .csv: try writer.write(target.data(HotplugCSV.line(line, answer)))
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

extension HotplugFormat: ExpressibleByArgument {}
