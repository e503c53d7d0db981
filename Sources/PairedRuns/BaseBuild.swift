import BenchmarkKit
import Glibc
import SystemIO

/// Builds an earlier revision of this program, in a worktree of its own.
///
/// The checkout that one works in is neither touched nor looked at, so it may have changes. The executable is kept in
/// `.build/bases`, by commit and Swift version: the next comparison with the same base builds nothing. The worktree is
/// removed, whatever came of it. Where this process is killed, the next one ends what still builds there and removes the
/// worktree, whether it has something to build or not: all that a build starts carries the worktree's path in its
/// environment (``marker``), so it is found whatever its parents and groups have become.
public struct BaseBuild {
  private let say: (String) -> Void
  private let progress: (String, Duration?) -> Void
  private let isInterrupted: () -> Bool

  /// - Parameters:
  ///   - say: told of what takes long.
  ///   - progress: told now and then what is being built, and how long it may still take; nil where nobody knows.
  ///   - isInterrupted: asked now and then. Once it is true, the build is ended and cleaned up.
  public init(
    say: @escaping (String) -> Void,
    progress: @escaping (String, Duration?) -> Void = { _, _ in },
    isInterrupted: @escaping () -> Bool
  ) {
    self.say = say
    self.progress = progress
    self.isInterrupted = isInterrupted
  }

  /// The executable of a revision, built if it is not there yet.
  ///
  /// - Parameters:
  ///   - revision: whatever git takes for a commit: `HEAD~1`, a branch, a hash.
  ///   - arguments: what makes the build take turns.
  /// - Throws: `TurnFailure` where there is no such revision, or it does not build.
  /// - Complexity: a release build, some 90 s on two processors.
  public func build(_ revision: String, arguments: [String]) throws(TurnFailure) -> Build {
    let root = try line(of: git(["rev-parse", "--show-toplevel"]), "this folder lies in no git checkout")
    let commit = try line(
      of: git(["-C", root, "rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"]),
      "\(revision) is no revision of this checkout; a shallow clone lacks older ones: git fetch --unshallow",
      .missing
    )
    let bases = "\(root)/.build/bases"
    let kept = "\(bases)/\(commit)-swift-\(_SwiftStdlibVersion.current)"
    let program = "\(kept)/tdxbench"
    let label = "\(revision) (\(commit.prefix(10)))"
    if access(program, X_OK) != 0 {
      try build(commit, label, at: root, bases: bases, into: kept)
    } else if access("\(bases)/worktree", F_OK) == 0, let lock = lock(bases) {
      endBuild(in: "\(bases)/worktree", root)
      close(lock)
    }
    return Build(label: label, program: program, arguments: arguments)
  }

  private func build(
    _ commit: String,
    _ label: String,
    at root: String,
    bases: String,
    into kept: String
  ) throws(TurnFailure) {
    for folder in ["\(root)/.build", bases] where mkdir(folder, 0o777) != 0 && errno != EEXIST {
      throw TurnFailure(SystemError(.write, folder).description)
    }
    guard let lock = lock(bases) else {
      throw TurnFailure(
        errno == EWOULDBLOCK
          ? "another process builds a base in \(bases): wait until it is done"
          : SystemError(.write, "\(bases)/lock").description
      )
    }
    defer { close(lock) }
    let worktree = "\(bases)/worktree"
    endBuild(in: worktree, root)
    defer { endBuild(in: worktree, root) }
    let added = git(["-C", root, "worktree", "add", "--quiet", "--detach", worktree, commit])
    guard let added, added.status == 0 else {
      let words = added?.errors.split(separator: "\n").last.map { ": \($0)" } ?? ""
      throw TurnFailure("\(label): git makes no worktree of it in \(bases)\(words)")
    }
    // The same dependencies on both sides.
    if let resolved = try? textOfFile("\(root)/Package.resolved"),
      access("\(worktree)/Package.resolved", F_OK) != 0
    {
      try? AtomicFile.write(resolved, to: "\(worktree)/Package.resolved")
    }
    let times = BuildTimes(in: bases)
    say("building \(label), once for this revision; some \(times.last.components.seconds) s")
    let start = ContinuousClock.now
    let arguments = ["build", "-c", "release", "--product", "tdxbench", "--package-path", worktree]
    let built = ChildProcess.run("swift", arguments, environment: ownEnvironment + [Self.marker(worktree)]) {
      let left = times.last - start.duration(to: .now)
      progress("building \(label)", left > .zero ? left : nil)
      return isInterrupted()
    }
    if isInterrupted() { throw TurnFailure("interrupted while building \(label)") }
    guard let built else { throw TurnFailure("swift, which builds \(label), cannot be started") }
    guard built.status == 0 else {
      let lines = (built.output + built.errors).split(separator: "\n")
      let wanted = lines.filter { $0.contains("error:") }
      let last = (wanted.isEmpty ? lines.suffix(5) : wanted.prefix(5)).map { "  \($0)" }
      throw TurnFailure("\(label) does not build:\n\(last.joined(separator: "\n"))")
    }
    guard mkdir(kept, 0o777) == 0 || errno == EEXIST,
      rename("\(worktree)/.build/release/tdxbench", "\(kept)/tdxbench") == 0
    else { throw TurnFailure("\(label): was built, and cannot be kept: \(SystemError(.write).reason)") }
    times.keep(start.duration(to: .now))
    removeOldest(in: bases, but: kept)
  }

  /// The lock of those who build: a lock goes with its process, so a worktree that is there once it is taken was left by
  /// one that was killed. nil where another has it, or errno says why.
  private func lock(_ bases: String) -> Int32? {
    let lock = open("\(bases)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard lock >= 0 else { return nil }
    if flock(lock, LOCK_EX | LOCK_NB) == 0 { return lock }
    let code = errno
    close(lock)
    errno = code
    return nil
  }

  /// Ends what builds in a worktree, and removes it.
  private func endBuild(in worktree: String, _ root: String) {
    guard access(worktree, F_OK) == 0 else { return }
    endProcesses(with: Self.marker(worktree))
    remove(worktree, root)
  }

  /// What stands in the environment of all that builds in a worktree.
  private static func marker(_ worktree: String) -> String { "TDXBENCH_BASE_WORKTREE=\(worktree)" }

  /// Removes a worktree as a folder and from git's books, as far as it is in either.
  private func remove(_ worktree: String, _ root: String) {
    // A compiler of a build that was ended may write one more file meanwhile.
    for attempt in 0..<20 where access(worktree, F_OK) == 0 {
      if attempt > 0 { usleep(200_000) }
      _ = git(["-C", root, "worktree", "remove", "--force", worktree])
      _ = ChildProcess.run("rm", ["-rf", worktree])
    }
    _ = git(["-C", root, "worktree", "prune"])
  }

  /// Keeps the bases that were built last: each has some 20 MB.
  private func removeOldest(in bases: String, but kept: String) {
    let folders = ((try? namesInFolder(bases)) ?? []).map { "\(bases)/\($0)" }.filter {
      access("\($0)/tdxbench", F_OK) == 0
    }
    let byAge = folders.map { folder -> (Int, String) in
      var status = stat()
      return (stat("\(folder)/tdxbench", &status) == 0 ? status.st_mtim.tv_sec : 0, folder)
    }.sorted { $0 > $1 }
    for (_, folder) in byAge.dropFirst(Self.mostKept) where folder != kept {
      unlink("\(folder)/tdxbench")
      rmdir(folder)
    }
  }

  private static let mostKept = 5

  private func git(_ arguments: [String]) -> ChildProcess? { ChildProcess.run("git", arguments) }

  private func line(
    of child: ChildProcess?,
    _ complaint: String,
    _ kind: TurnFailure.Kind = .failed
  ) throws(TurnFailure) -> String {
    guard let child, child.status == 0, let line = child.output.split(separator: "\n").first else {
      throw TurnFailure(complaint, kind)
    }
    return String(line)
  }
}

/// How long a base takes to build here, as the last one did.
private struct BuildTimes {
  let last: Duration
  private let file: String

  init(in bases: String) {
    file = "\(bases)/seconds"
    let seconds = (try? textOfFile(file)).flatMap { Int($0.prefix { $0 != "\n" }) } ?? 90
    last = .seconds(min(max(seconds, 1), 86_400))
  }

  /// Only for the next estimate: where it cannot be kept, that is the same as before.
  func keep(_ time: Duration) { try? AtomicFile.write("\(time.components.seconds)\n", to: file) }
}
