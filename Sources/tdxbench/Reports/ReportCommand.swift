import ArgumentParser
import BenchmarkRecords
import Glibc
import MapReaders
import MemoryHotplug
import Questions
import Reports
import Requests
import TDXMemory

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes a page with pictures of machines and of recorded runs: one file, for any browser.",
    usage: "tdxbench report [<options>] [<record> ...] [<input> ...]",
    discussion: """
      A folder of a recorded run, or a folder of such folders (results), is told of as benchmarks, the last one in full; \
      anything else is a machine, one an argument unless --one-machine is given. What cannot be read is named in the page and on standard error, and \
      the exit status is 65.
      """
  )

  @Argument(
    help: ArgumentHelp("Folders of records, or boot logs, dumps and maps, one a machine.", valueName: "input")
  )
  private var named: [String] = []
  private var inputs: [String] { ManyArguments.unfolded(named) }

  @Flag(help: "Read this machine, too.")
  var host = false

  @Flag(help: "All inputs that are no records are of one machine, as `plan` takes them.")
  var oneMachine = false

  @Option(name: .shortAndLong, help: ArgumentHelp("The page, whole or not at all.", valueName: "file"))
  var output: String

  @OptionGroup var terminal: TerminalArguments

  func validate() throws {
    guard host || !inputs.isEmpty else {
      throw ValidationError("name records or inputs, or --host")
    }
    guard inputs.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input can be read only once")
    }
  }

  func run() throws {
    if output != "-" { try checkWritable([output]) }
    var machines: [MachineReport] = []
    var records: [Record] = []
    var omissions: [ReportPage.Omission] = []
    let start = ContinuousClock.now
    let parts = self.parts
    for (index, part) in parts.enumerated() {
      ProgressWatch.begin("looking at \(index + 1) of \(parts.count), \(part.name)", since: start) { _ in
        Double(index) / Double(parts.count)
      }
      do {
        switch part {
        case .records(let folders, _): for folder in folders { records.append(try Record.load(folder)) }
        case .machine(let inputs): machines.append(try Self.machine(inputs))
        }
      } catch {
        omissions.append(Self.omission(part.name, error))
      }
    }
    ProgressWatch.begin("drawing \(parts.count == 1 ? parts[0].name : "\(parts.count) inputs")")
    for omission in omissions { complain("left out: \(omission.why)") }
    let page = ReportPage(
      machines: machines,
      records: records.isEmpty ? nil : RecordReport(records),
      omissions: omissions
    )
    try OutputTarget(output).write(data: page.html)
    if !omissions.isEmpty { throw ExitCode.badData }
  }

  /// What the page tells of, one after the other.
  private enum Part {
    case records([String], of: String)
    case machine(MachineInputs)

    var name: String {
      switch self {
      case .records(_, let path): path
      case .machine(let inputs): inputs.name
      }
    }
  }

  /// An input each, but with `--one-machine` all that are no records together, and this machine with them.
  private var parts: [Part] {
    var parts = inputs.map { input in
      Self.records(in: input).map { Part.records($0, of: input) }
        ?? .machine(MachineInputs(files: [input]))
    }
    if host { parts.append(.machine(MachineInputs(files: [], host: true))) }
    guard oneMachine else { return parts }
    var all = MachineInputs(files: [], areOneMachine: true)
    for case .machine(let inputs) in parts {
      all.files += inputs.files
      all.host = all.host || inputs.host
    }
    let records = parts.filter { if case .records = $0 { true } else { false } }
    return records + (all.name.isEmpty ? [] : [.machine(all)])
  }

  /// The folders of records that a path names; nil where it is no such folder.
  private static func records(in path: String) -> [String]? {
    if access("\(path)/samples.json", F_OK) == 0 { return [path] }
    guard let names = try? RecordFolder(path).names(), !names.isEmpty else { return nil }
    return names.map { "\(path)/\($0)" }
  }

  private static func machine(_ inputs: MachineInputs) throws -> MachineReport {
    var machine = try inputs.read()
    let keyIDBits = machine.keyIDBits ?? RequestFrame.assumedKeyIDBits
    let options = NamedProfiles().options(PlanOptions(), for: &machine, upperBits: keyIDBits)
    let blocks = try BlockSizeArguments.parse([])
    let names = inputs.files.map {
      $0 == "-" ? "standard input" : String($0.split(separator: "/").last ?? "")
    }
    return try MachineReport(
      name: (names + (inputs.host ? ["this machine"] : [])).joined(separator: ", "),
      machine,
      options: options,
      hotplug: HotplugMachine(
        machine,
        blockSize: blocks.blockSize(of: machine),
        options: options,
        keyIDBits: keyIDBits
      ),
      keyIDBits: keyIDBits
    )
  }

  private static func omission(_ input: String, _ error: any Error) -> ReportPage.Omission {
    let why = (error as? Failure)?.message ?? (error as? RecordError)?.description ?? "\(error)"
    return ReportPage.Omission(name: input, why: why)
  }
}
