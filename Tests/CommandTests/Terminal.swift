import Foundation
import Glibc
import TestSupport

/// Runs the built `tdxbench` with standard error on a terminal, and perhaps standard output.
struct Terminal {
  var status: Int32
  /// All that came on the terminal, controls included.
  var screen: String
  /// How long it took.
  var time: Duration

  // TIOCSPTLCK and TIOCGPTN of Linux: what unlockpt and ptsname ask, which this module of the C library leaves out.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430

  /// - Parameter hasOutput: whether standard output is the terminal, too; else nobody sees it.
  init(_ arguments: [String], hasOutput: Bool = false) throws {
    let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (lock, number): (Int32, UInt32) = (0, 0)
    guard main >= 0, ioctl(main, Self.setLock, &lock) == 0, ioctl(main, Self.getNumber, &number) == 0 else {
      throw CocoaError(.fileReadUnknown)
    }
    defer { close(main) }
    let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    let process = Process()
    let start = ContinuousClock.now
    process.executableURL = productsFolder.appendingPathComponent("tdxbench")
    process.arguments = arguments
    process.environment = Command.environment
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: terminal)
    process.standardOutput = hasOutput ? FileHandle(fileDescriptor: terminal) : FileHandle.nullDevice
    try process.run()
    close(terminal)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    // A terminal that nobody has open any more is an error, not an end.
    while case let count = read(main, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    process.waitUntilExit()
    (status, time) = (process.terminationStatus, ContinuousClock.now - start)
    screen = String(decoding: bytes, as: UTF8.self)
  }

  init(_ arguments: String..., hasOutput: Bool = false) throws {
    try self.init(arguments, hasOutput: hasOutput)
  }

  /// What stood in the line of progress, one after the other, without what was said twice.
  var progress: [String] {
    screen.components(separatedBy: "\r\u{1b}[K").reduce(into: []) { lines, line in
      if lines.last != line { lines.append(line) }
    }
  }
}
