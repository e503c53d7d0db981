import Foundation
import Testing

@testable import BenchmarkKit

@Suite struct MachineStateTests {
  /// A state with the files of `contents`, by path, and nothing else.
  func state(_ contents: [String: String]) throws -> MachineState {
    let root = FileManager.default.temporaryDirectory.appending(path: "machine-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in contents {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    var state = MachineState(root: root.path)
    // These are the same whatever the files say.
    state.processors = 4
    state.isAllocatorForeign = false
    state.isDebugBuild = false
    return state
  }

  @Test("nothing can be read. Expect silence")
  func silent() throws {
    #expect(try state([:]).warnings == [])
  }

  @Test(
    "files, and the word that the warning has",
    arguments: [
      ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n", "governor"),
      ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n", nil),
      ("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n", "Turbo"),
      ("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n", nil),
      ("sys/devices/system/cpu/cpufreq/boost", "1\n", "Turbo"),
      ("sys/devices/system/cpu/cpufreq/boost", "0\n", nil),
      // What was before the run, by this program perhaps.
      ("proc/loadavg", "9.10 9.00 9.00 1/100 12345\n", nil),
      ("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n", "hpet"),
      ("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n", nil),
      ("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor avx2\n", "hypervisor"),
      ("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu avx2\n", nil), ("proc/cpuinfo", "\u{0}\u{1}", nil),
    ] as [(String, String, String?)]
  )
  func files(path: String, text: String, word: String?) throws {
    let warnings = try state([path: text]).warnings
    if let word {
      try #require(warnings.count == 1)
      #expect(warnings[0].contains(word))
    } else {
      #expect(warnings == [])
    }
  }

  @Test("a debug build, and a foreign allocator. Expect a warning for each")
  func build() throws {
    var state = try state([:])
    state.isDebugBuild = true
    #expect(state.warnings.count == 1)
    state.isAllocatorForeign = true
    #expect(state.warnings.count == 2)
  }

  @Test("other programs on 3.1 and on 2.9 of 4 processors. Expect a warning where none is left for the run")
  func busy() throws {
    var state = try state([:])
    state.busyElsewhere = 3.1
    #expect(state.warnings.count == 1 && state.warnings[0].contains("3.10 of 4 processors"))
    state.busyElsewhere = 2.9
    #expect(state.warnings == [])
  }

  @Test("a process that computes for over a second by itself. Expect its own time not to count as others'")
  func ownTime() throws {
    let before = try #require(ProcessorTime())
    let end = ContinuousClock.now + .milliseconds(1200)
    while ContinuousClock.now < end {}
    let after = try #require(ProcessorTime())
    // Whatever else runs keeps the rest busy, and never more than there is besides this one.
    let processors = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let others = try #require(after.busyElsewhere(since: before))
    #expect(others >= 0 && others <= processors + 0.1, "\(others)")
    #expect(after.busyElsewhere(since: after) == nil)
  }

  @Test(
    "/proc/stat of another form, or none. Expect nothing told",
    arguments: ["", "cpu", "cpu a b c d e f g", "x 1 2 3 4 5 6 7"]
  )
  func stat(text: String) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "machine-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(
      at: root.appending(path: "proc"),
      withIntermediateDirectories: true
    )
    try text.write(to: root.appending(path: "proc/stat"), atomically: false, encoding: .utf8)
    #expect(ProcessorTime(root: root.path) == nil)
  }

  /// A report of one row with `batches`.
  func report(_ batches: [UInt64]) -> Report {
    let workload = Workload("a", why: "", itemsPerCall: 1, bytesPerCall: 1) {
      Subject(run: { _ in }, check: { nil })
    }
    let measurement = Measurement(callsPerBatch: 1, batches: batches, allocations: .unavailable)
    return Report(rows: [Row(workload: workload, outcome: .measured(measurement))])
  }

  @Test("rows that spread, rows with few samples, and neither")
  func samples() {
    let spread = report((0..<15).map { 100 + 10 * ($0 % 3) }).warningsAboutSamples
    #expect(spread.count == 1 && spread[0].contains("spread"), "\(spread)")
    let few = report([UInt64](repeating: 100, count: 14)).warningsAboutSamples
    #expect(few.count == 1 && few[0].contains("samples"), "\(few)")
    #expect(report([UInt64](repeating: 100, count: 15)).warningsAboutSamples == [])
    #expect(Report(rows: []).warningsAboutSamples == [])
  }
}
