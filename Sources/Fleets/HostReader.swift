import Advice
import MapReaders
import Questions
import Requests
import Streams
import SystemIO

/// Works out the rows of hosts, on one thread: reads, and asks for advice where the layout is a new one.
final class HostReader {
  private let question: AdviceQuestion
  private let layouts: LayoutTable
  private let request: AdviseRequest
  private let defaults: RequestDefaults

  init(_ question: AdviceQuestion, _ layouts: LayoutTable) {
    self.question = question
    self.layouts = layouts
    request = AdviseRequest(slack: question.slack)
    defaults = RequestDefaults(
      question.options,
      keyIDBits: question.keyIDBits,
      profiles: question.profiles
    )
  }

  func row(of input: HostInput) -> HostRow {
    switch input.content {
    case .unreadable(let message): row(input.host, .failure(HostError(message)), question)
    case .files(let files):
      row(input.host, reading { () throws(InputError) in try self.machine(files) }, question)
    case .texts(let texts):
      row(input.host, reading { () throws(InputError) in try readMachine(texts: texts) }, question)
    case .request(let line): row(of: line, fallback: input.host)
    }
  }

  private func row(
    _ host: String,
    _ machine: Result<Machine, HostError>,
    _ question: AdviceQuestion
  ) -> HostRow {
    switch machine {
    case .failure(let error): return HostRow(host: host, result: .failure(error))
    case .success(var machine):
      let question = question.settled(on: &machine)
      var row = HostRow(host: host, result: .success(layouts.figures(of: machine, question)))
      (row.kernel, row.moduleVersion) = (machine.kernelName, machine.moduleName)
      return row
    }
  }

  private func reading(_ body: () throws(InputError) -> Machine) -> Result<Machine, HostError> {
    do throws(InputError) {
      return .success(try body())
    } catch {
      return .failure(HostError(error.description))
    }
  }

  /// A folder of /sys has to be read where it lies; files are called by their names in the fleet.
  private func machine(_ files: [(name: String, path: String)]) throws(InputError) -> Machine {
    guard !files.contains(where: { isFolder($0.path) }) else {
      return try readMachine(files.map { .file($0.path) }, areOneMachine: true)
    }
    var opened: [InputBytes] = []
    for file in files { opened.append(try readBytes(of: .file(file.path))) }
    defer { withExtendedLifetime(opened) {} }
    return try readMachine(texts: zip(files, opened).map { ($0.name, $1.withBytes { $0 }) })
  }

  private func row(of line: [UInt8], fallback: String) -> HostRow {
    line.withUnsafeBytes { bytes in
      do throws(RequestError) {
        try request.decode(bytes, defaults: defaults)
      } catch {
        return HostRow(host: name(fallback), result: .failure(HostError(error.description)))
      }
      var question = question
      (question.options, question.slack) = (request.plan.options, request.slack)
      (question.keyIDBits, question.profiles) = (request.givenKeyIDBits, request.profiles)
      return row(
        name(fallback),
        reading { () throws(InputError) in try readMachine(request.plan) },
        question
      )
    }
  }

  /// The `id` of the request: text as it is, anything else as JSON has it.
  private func name(_ fallback: String) -> String {
    let prefix = fallback.lastIndex(of: "/").map { fallback[...$0] } ?? ""
    let id = RequestID.text(request.id)
    return id.map { prefix + $0 } ?? fallback
  }
}

/// The figures of layouts, each worked out once.
///
/// Memory: an entry for each layout.
final class LayoutTable: @unchecked Sendable {
  // Sendable: what changes is guarded by a lock.
  private let lock = Lock()
  private var figures: [MachineGroup: HostFigures] = [:]

  func figures(of machine: Machine, _ question: AdviceQuestion) -> HostFigures {
    let layout = MachineGroup(machine, question)
    var found = lock.locked { figures[layout] } ?? add(layout, machine, question)
    found.take(machine.observed)
    return found
  }

  /// Two threads may meet a layout at the same time: then both find the same.
  private func add(
    _ layout: MachineGroup,
    _ machine: Machine,
    _ question: AdviceQuestion
  ) -> HostFigures {
    var machine = machine
    let found = HostFigures(question.answer(about: &machine), question, layout: layout)
    lock.locked { figures[layout] = found }
    return found
  }
}
