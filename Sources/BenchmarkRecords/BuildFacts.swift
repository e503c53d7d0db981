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
  /// committed after the build cannot be told from what was built.
  public init() {
    compiler = Toolchain.version ?? "Swift, its library \(_SwiftStdlibVersion.current)"
    #if DEBUG
      configuration = "debug"
      flags = "-Onone"
    #else
      configuration = "release"
      flags = "-O -whole-module-optimization"
    #endif
    let checkout = executablePath.flatMap(Checkout.around(program:))
    commit = checkout?.commit
    isModified = checkout?.isModified
  }
}

/// The toolchain whose libraries this program runs with, which is the one that built it.
private enum Toolchain {
  /// `Swift 6.3.1 (swift-6.3.1-RELEASE)`; nil where the libraries are linked statically, or lie apart from their
  /// compiler.
  static var version: String? {
    guard let mappings = try? textOfFile("/proc/self/maps"),
      let library = mappings.split(separator: "\n").first(where: { $0.hasSuffix("/libswiftCore.so") }),
      let start = library.firstIndex(of: "/")
    else { return nil }
    // usr/lib/swift/linux/libswiftCore.so
    let parts = library[start...].split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    let compiler = parts.joined(separator: "/") + "/bin/swiftc"
    guard let child = ChildProcess.run(compiler, ["--version"]), child.status == 0,
      let line = child.output.split(separator: "\n").first(where: { $0.contains("Swift version ") })
    else { return nil }
    return line.split(separator: "Swift version ").last.map { "Swift \($0)" }
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
