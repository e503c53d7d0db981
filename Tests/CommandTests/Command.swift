import Foundation
import SystemIO
import TestSupport
import Testing

/// Runs the built `tdxbench` and tells what came of it.
struct Command {
  var status: Int32
  var output: String
  var errors: String

  /// - Parameters:
  ///   - arguments: as on the command line.
  ///   - input: what comes on standard input.
  ///   - environment: in place of this process's; it has a UTF-8 locale.
  ///   - folder: where it runs, if not where the tests do.
  init(
    _ arguments: String...,
    input: String = "",
    environment: [String: String] = Self.environment,
    folder: URL? = nil
  ) throws {
    try self.init(arguments, input: input, environment: environment, folder: folder)
  }

  /// Under the address sanitizer children get its options as well.
  static let environment = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"].merging(
    ProcessInfo.processInfo.environment.filter { $0.key == "ASAN_OPTIONS" }
  ) { own, _ in own }

  init(
    _ arguments: [String],
    input: String = "",
    environment: [String: String] = Self.environment,
    folder: URL? = nil
  ) throws {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.environment = environment
    if let folder { process.currentDirectoryURL = folder }
    let files = try ["in", "out", "err"].map { name in
      let url = FileManager.default.temporaryDirectory.appendingPathComponent("tdxbench-\(UUID()).\(name)")
      try Data(name == "in" ? Array(input.utf8) : []).write(to: url)
      return url
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    output = try String(contentsOf: files[1], encoding: .utf8)
    errors = try String(contentsOf: files[2], encoding: .utf8)
  }

  /// Runs lines of a shell, to which `$tdxbench` is the program. What takes over `seconds` is killed, and its status is 124.
  init(shell script: String, in folder: URL? = nil, seconds: Int = 60) throws {
    var variables = Self.environment
    variables["tdxbench"] = Self.program.path
    variables["folder"] = folder?.path ?? "."
    // Not by Foundation: its children have the signals blocked that threads of tests have.
    let child = try #require(
      ChildProcess.run(
        "/usr/bin/timeout",
        ["-k", "1", "\(seconds)", "bash", "-c", "cd \"$folder\" || exit; \(script)"],
        environment: variables.map { "\($0)=\($1)" }
      )
    )
    (status, output, errors) = (child.status, child.output, child.errors)
  }

  private static var program: URL { productsFolder.appendingPathComponent("tdxbench") }
}

/// A folder that is there for the length of one test.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tdxbench-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
