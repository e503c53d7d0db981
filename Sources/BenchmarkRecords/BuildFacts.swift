import BenchmarkKit
import Glibc
import SystemIO

/// How the program that was measured had been built.
public struct BuildFacts: Codable, Hashable, Sendable {
  /// `Swift 6.3.1`
  public var compiler: String
  /// `release` or `debug`.
  public var configuration: String
  /// What the configuration hands to the compiler.
  public var flags: String
  /// The commit that the checkout around the program stands at; nil where there is none.
  public var commit: String?
  /// Whether that checkout has changes that no commit holds, results aside.
  public var isModified: Bool?

  enum CodingKeys: String, CodingKey {
    case compiler, configuration, flags, commit
    case isModified = "modified"
  }

  /// This program. The commit is that of the checkout which the program lies in, as in `.build/release`; what was
  /// committed after the build cannot be told from what was built. An installed program has both from the installation.
  public init() {
    #if DEBUG
      configuration = "debug"
      flags = "-Onone"
    #else
      configuration = "release"
      flags = "-O -whole-module-optimization"
    #endif
    let installed = executablePath.flatMap(BuildNotes.ofInstalled(program:))
    let notes = installed ?? executablePath.flatMap(BuildNotes.ofBuilt(program:))
    compiler = notes?.compiler ?? "Swift, its library \(_SwiftStdlibVersion.current)"
    if let commit = installed?.commit {
      self.commit = commit
      isModified = installed?.isModified
    } else {
      let checkout = executablePath.flatMap(Checkout.around(program:))
      commit = checkout?.commit
      isModified = checkout?.isModified
    }
  }
}

/// What was written down beside a program when it was built or installed.
struct BuildNotes: Equatable {
  /// `Swift 6.3.1 (swift-6.3.1-RELEASE)`
  var compiler: String?
  var commit: String?
  var isModified: Bool?

  /// A line of what `swiftc --version` says, which SwiftPM keeps, and where it was installed `commit HASH [modified]`.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      if let version = line.split(separator: "Swift version ").last, version.count < line.count {
        compiler = "Swift \(version)"
      }
      let words = line.split(separator: " ")
      guard words.count > 1, words[0] == "commit" else { continue }
      commit = String(words[1])
      isModified = words.dropFirst(2) == ["modified"]
    }
  }

  /// What SwiftPM keeps in the folder of what it builds. Where two toolchains have built there, the later one counts.
  static func ofBuilt(program: String) -> BuildNotes? {
    let folder = folder(of: program)
    let files = ((try? namesInFolder(folder)) ?? []).filter { $0.hasPrefix("swift-version-") }
    let latest = files.map { "\(folder)/\($0)" }.max { timeOfChange($0) < timeOfChange($1) }
    return latest.flatMap { try? textOfFile($0) }.map(BuildNotes.init)
  }

  /// What `make install` puts below the same prefix (scripts/stage).
  static func ofInstalled(program: String) -> BuildNotes? {
    (try? textOfFile("\(folder(of: folder(of: program)))/share/tdxbench/build")).map(BuildNotes.init)
  }

  private static func timeOfChange(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
  }
}

/// A git checkout.
struct Checkout {
  let commit: String
  let isModified: Bool

  /// The checkout of a package in which a program was built.
  static func around(program: String) -> Checkout? {
    var folder = program[...]
    while let slash = folder.lastIndex(of: "/") {
      folder = folder[..<slash]
      if access("\(folder)/Package.swift", F_OK) == 0 { return Checkout(at: String(folder)) }
    }
    return nil
  }

  init?(at folder: String) {
    // Without optional locks: reading the status must not write to the repository.
    let git = { ChildProcess.run("git", ["--no-optional-locks", "-C", folder] + $0) }
    guard access("\(folder)/.git", F_OK) == 0, let head = git(["rev-parse", "HEAD"]), head.status == 0,
      let status = git(["status", "--porcelain", "--", ".", ":(exclude)results"]), status.status == 0
    else { return nil }
    commit = String(head.output.prefix { $0.isHexDigit })
    isModified = !status.output.isEmpty
  }
}
