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
      anything else is a machine, one an argument. What cannot be read is named in the page and on standard error, and \
      the exit status is 65.
      """
  )

  @Argument(
    help: ArgumentHelp("Folders of records, or boot logs, dumps and maps, one a machine.", valueName: "input")
  )
  var inputs: [String] = []

  @Flag(help: "Read this machine, too.")
  var host = false

  @Option(name: .shortAndLong, help: ArgumentHelp("The page, whole or not at all.", valueName: "file"))
  var output: String

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
    for input in inputs {
      do {
        if let folders = try Self.records(in: input) {
          for folder in folders { records.append(try Record.load(folder)) }
        } else {
          machines.append(try Self.machine(MachineInputs(files: [input])))
        }
      } catch {
        omissions.append(Self.omission(input, error))
      }
    }
    if host {
      do {
        machines.append(try Self.machine(MachineInputs(files: [], host: true)))
      } catch {
        omissions.append(Self.omission("--host", error))
      }
    }
    for omission in omissions { complain("left out: \(omission.why)") }
    let page = ReportPage(
      machines: machines,
      records: records.isEmpty ? nil : RecordReport(records),
      omissions: omissions
    )
    try OutputTarget(output).write(data: page.html)
    if !omissions.isEmpty { throw ExitCode.badData }
  }

  /// The folders of records that a path names; nil where it is no such folder.
  private static func records(in path: String) throws -> [String]? {
    if access("\(path)/samples.json", F_OK) == 0 { return [path] }
    guard let names = try? RecordFolder(path).names(), !names.isEmpty else { return nil }
    return names.map { "\(path)/\($0)" }
  }

  private static func machine(_ inputs: MachineInputs) throws -> MachineReport {
    var machine = try inputs.machine()
    let keyIDBits = machine.keyIDBits ?? RequestFrame.assumedKeyIDBits
    let options = NamedProfiles().options(PlanOptions(), for: &machine, upperBits: keyIDBits)
    let blocks = try BlockSizeArguments.parse([])
    let name = inputs.files.first.map {
      $0 == "-" ? "standard input" : String($0.split(separator: "/").last ?? "")
    }
    return try MachineReport(
      name: name ?? "this machine",
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
