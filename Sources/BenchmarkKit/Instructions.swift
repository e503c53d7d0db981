import CValgrind
import Glibc
import SystemIO

/// Why instructions could not be counted, in a sentence, with what to do about it.
public struct InstructionError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// Counts the instructions of one call of a workload, with valgrind's callgrind.
///
/// A child process runs under callgrind, always in the same environment, makes the workload, warms the exact call
/// up and counts one call; what is around the call in the subject's loop is counted apart and taken off. So the
/// count is the same to the instruction in every run of one build.
///
/// Counted is what the program itself executes: nothing of the kernel.
public struct InstructionCounter {
  private let valgrind: String
  private let folder: TemporaryFolder
  private let executable: String
  private let arguments: @Sendable (_ workload: String) -> [String]

  /// - Parameter arguments: what this program must be called with to do ``countCall(of:)`` on a workload.
  /// - Throws: `InstructionError` where valgrind is not installed.
  public init(arguments: @escaping @Sendable (_ workload: String) -> [String]) throws(InstructionError) {
    guard let valgrind = ChildProcess.find("valgrind") else {
      throw InstructionError(
        description: "instructions are counted by valgrind, which is not here: apt-get install valgrind"
      )
    }
    guard let folder = TemporaryFolder() else {
      throw InstructionError(
        description:
          "no folder for callgrind's files can be made in TMPDIR: \(SystemError(.write, temporaryFolderPath))"
      )
    }
    self.valgrind = valgrind
    self.folder = folder
    self.arguments = arguments
    guard let program = executablePath else {
      throw InstructionError(description: "/proc does not tell where this program is")
    }
    executable = Self.withoutDebugInformation(program, in: folder) ?? program
  }

  /// The instructions of one call of a workload.
  ///
  /// - Complexity: the child's start takes about a second, and one call about fifty times as long as it does
  ///   otherwise.
  ///
  /// - Parameter isInterrupted: asked now and then. Once it is true, the child is ended, and there is no count.
  public func count(
    _ workload: String,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(InstructionError) -> UInt64 {
    let output = "\(folder.path)/callgrind.out"
    defer { folder.removeFiles { $0.hasPrefix("callgrind.out") } }
    let options = [
      "--tool=callgrind", "--callgrind-out-file=\(output)", "--instr-atstart=no", "--compress-strings=no",
      "--quiet",
    ]
    // The rest of the environment lies on the child's stack and would move what stands there.
    let environment = ["SWIFT_DETERMINISTIC_HASHING=1", "LC_ALL=C"] + Self.libraryPath
    guard
      let child = ChildProcess.run(
        valgrind,
        options + [executable] + arguments(workload),
        environment: environment,
        isInterrupted: isInterrupted
      )
    else { throw InstructionError(description: "\(valgrind) cannot be started") }
    guard child.status == 0 else {
      throw InstructionError(description: Self.complaint(of: child, about: workload))
    }
    let dumps = (1...3).compactMap { try? textOfFile("\(output).\($0)") }.compactMap(CallgrindDump.init)
    guard let call = dumps.first(where: { $0.trigger == Self.callName }),
      let loop = dumps.first(where: { $0.trigger == Self.loopName }), call.instructions >= loop.instructions
    else { throw InstructionError(description: "\(workload): callgrind wrote nothing that can be read") }
    return call.instructions - loop.instructions
  }

  private static let rehearsalName = "rehearsal"
  private static let callName = "call"
  private static let loopName = "loop"

  /// The child's part: one call of a workload, between callgrind's counts.
  ///
  /// - Throws: `InstructionError` where this process does not run under valgrind, or the result is wrong.
  public static func countCall(of workload: Workload) throws(InstructionError) {
    guard valgrind_is_running() else {
      throw InstructionError(description: "counting needs valgrind around this process")
    }
    let subject: Subject
    do {
      subject = try workload.makeSubject()
    } catch {
      throw InstructionError(description: "\(workload.name): could not be set up: \(error)")
    }
    // Twice: the first call may allocate what the second one keeps.
    subject.run(1)
    subject.run(1)
    callgrind_start_instrumentation()
    // All of it once before it counts: what hands a name to callgrind is bound by the dynamic loader when it is first
    // called, which is some 1,100 instructions.
    count(Self.rehearsalName) { subject.run(1) }
    count(Self.callName) { subject.run(1) }
    count(Self.loopName) { subject.run(0) }
    if let complaint = subject.check() {
      throw InstructionError(description: "\(workload.name): \(complaint)")
    }
  }

  /// Makes callgrind write what is counted in `body` to a dump of this name.
  @inline(never)
  private static func count(_ name: String, _ body: () -> Void) {
    callgrind_zero_stats()
    body()
    callgrind_dump_stats(name)
  }

  /// A copy of a program that valgrind can read: valgrind 3.19 stops at the DWARF 5 of C targets, and reading
  /// what Swift writes takes it seconds. nil where there is no `strip`, or it fails.
  private static func withoutDebugInformation(_ program: String, in folder: TemporaryFolder) -> String? {
    let copy = "\(folder.path)/program"
    let child = ChildProcess.run("strip", ["--strip-debug", "-o", copy, program])
    return child?.status == 0 ? copy : nil
  }

  /// Where the loader was told to look for the libraries, the child must be told too.
  private static var libraryPath: [String] {
    getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\(String(cString: $0))"] } ?? []
  }

  private static func complaint(of child: ChildProcess, about workload: String) -> String {
    let lines = child.errors.split(separator: "\n")
    if lines.contains(where: { $0.contains("debuginfo") || $0.contains("Dwarf") || $0.contains("DWARF") }) {
      return "\(workload): valgrind cannot read the debug information, and `strip` is not here to remove it: "
        + "apt-get install binutils"
    }
    return "\(workload): \(lines.last.map(String.init) ?? "valgrind ended with status \(child.status)")"
  }
}

extension Progress {
  /// The instructions of a workload are counted, which takes about as long for each of those to come.
  public static func countingInstructions(of workload: String, timeLeft: Duration) -> Progress {
    Progress(step: "counting instructions of \(workload)", timeLeft: timeLeft)
  }
}

/// What a dump of callgrind says, as far as it is of use here.
struct CallgrindDump {
  /// The name that the client request gave.
  let trigger: String
  let instructions: UInt64

  /// - Returns: nil where `text` is no dump that a client request caused, or counts something else first.
  init?(_ text: String) {
    var trigger: String?
    var instructions: UInt64?
    for line in text.split(separator: "\n") {
      if let name = line.suffix(after: "desc: Trigger: Client Request: ") {
        trigger = String(name)
      } else if let events = line.suffix(after: "events: ") {
        guard events.split(separator: " ").first == "Ir" else { return nil }
      } else if let counts = line.suffix(after: "totals: ") {
        instructions = counts.split(separator: " ").first.flatMap { UInt64($0) }
      }
    }
    guard let trigger, let instructions else { return nil }
    self.trigger = trigger
    self.instructions = instructions
  }
}

extension Substring {
  fileprivate func suffix(after prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
