import CGPerfTools
import Glibc
import SystemIO

/// Why there is no profile, or nothing to show of it, in a sentence.
public struct ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// Where a workload spends its time or its allocations, as gperftools' profilers see it, for google-pprof.
public enum Profile: String, CaseIterable, Sendable {
  /// Samples of the stack, a hundred a second of processor time.
  case cpu
  /// The stack of every allocation, freed or not.
  case heap

  /// Makes the call of a workload again and again for some time, and writes the profile of it to a file.
  ///
  /// - Returns: the number of calls made.
  /// - Throws: `ProfileError` where the result is wrong or the file cannot be written.
  public func record(
    _ workload: Workload,
    to path: String,
    for time: Duration = .seconds(5)
  ) throws(ProfileError) -> Int {
    let subject: Subject
    do {
      subject = try workload.makeSubject()
    } catch {
      throw ProfileError(description: "\(workload.name): could not be set up: \(error)")
    }
    subject.run(1)
    try check(subject, workload)
    let calls =
      switch self {
      case .cpu: try recordTime(path) { Self.loop(subject, for: time) }
      case .heap: try recordAllocations(path) { Self.loop(subject, for: time) }
      }
    try check(subject, workload)
    return calls
  }

  private func check(_ subject: Subject, _ workload: Workload) throws(ProfileError) {
    if let complaint = subject.check() {
      throw ProfileError(description: "\(workload.name): \(complaint)")
    }
  }

  private func recordTime(_ path: String, _ work: () -> Int) throws(ProfileError) -> Int {
    guard ProfilerStart(path) != 0 else { throw ProfileError(path, errno) }
    defer { ProfilerStop() }
    return work()
  }

  private func recordAllocations(_ path: String, _ work: () -> Int) throws(ProfileError) -> Int {
    guard AllocationCounter.isLive else {
      throw ProfileError(description: "tcmalloc does not serve this process: there is nothing to profile")
    }
    // The profiler writes files of its own too, now and then; only its final account is wanted.
    guard let folder = TemporaryFolder() else {
      throw ProfileError(
        description:
          "no folder for the profiler's files can be made in TMPDIR: \(SystemError(.write, temporaryFolderPath))"
      )
    }
    HeapProfilerStart("\(folder.path)/profile")
    let calls = work()
    let text = GetHeapProfile()
    HeapProfilerStop()
    defer { free(text) }
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw ProfileError(path, errno) }
    defer { close(file) }
    do throws(SystemError) {
      try writeAll(String(cString: text!), to: file, path)
    } catch {
      throw ProfileError(path, error.code)
    }
    return calls
  }

  /// Makes calls until `time` is over, in steps of about 10 ms.
  private static func loop(_ subject: Subject, for time: Duration) -> Int {
    let deadline = ContinuousClock.now + time
    var calls = 0
    var step = 1
    while ContinuousClock.now < deadline {
      let taken = MonotonicClock.time { subject.run(step) }
      calls += step
      if taken < 5_000_000 { step *= 2 }
    }
    return calls
  }

  /// The stacks of a profile of this program, with names as in the source.
  ///
  /// - Throws: `ProfileError` where google-pprof is not installed, or fails.
  public func stacks(of path: String) throws(ProfileError) -> StackProfile {
    guard let program = executablePath, ChildProcess.find("google-pprof") != nil else {
      throw ProfileError(
        description: "google-pprof, which reads profiles, is not here: apt-get install google-perftools"
      )
    }
    let options = ["--collapsed"] + (self == .heap ? ["--alloc_space"] : [])
    guard let child = ChildProcess.run("google-pprof", options + [program, path]), child.status == 0 else {
      throw ProfileError(description: "google-pprof cannot read \(path)")
    }
    var stacks = StackProfile(self, collapsed: child.output)
    stacks.demangle()
    return stacks
  }
}

extension ProfileError {
  fileprivate init(_ path: String, _ code: Int32) {
    self.init(description: "\(path): \(code == 0 ? "cannot be written" : String(cString: strerror(code)))")
  }
}
