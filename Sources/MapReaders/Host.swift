import SystemIO
import TDXMemory
import TDXMessages

#if canImport(Glibc)
  import Glibc
#endif

/// The machine that this runs on: everything that it lets us read.
enum Host {
  static let name = "this machine"

  /// What can be read. What cannot becomes a note with the reason.
  static func findings() -> Findings {
    var all = Findings()
    attempt("/sys/kernel/debug/memblock/memory", into: &all, readText)
    attempt("/dev/kmsg", into: &all) { (path) throws(InputError) in
      try kernelLog(path).withRawBytes {
        (bytes) throws(InputError) in
        try LogReader.read(bytes, file: path)
      }
    }
    attempt("/proc/iomem", into: &all, readText)
    attempt("/proc/zoneinfo", into: &all, readText)
    attempt("/proc/cpuinfo", into: &all) { (path) throws(InputError) in
      var findings = Findings()
      findings.hostSupport = try bytes(of: path).withBytes { HostSupport(cpuinfo: $0) }
      return findings
    }
    attempt("/proc/sys/kernel/osrelease", into: &all) { (path) throws(InputError) in
      var findings = Findings()
      findings.kernelRelease = KernelRelease(try SysfsDirectory().line(path))
      return findings
    }
    // Kernels before have no such folder, and machines without TDX none either.
    if isFolder("/sys/devices/faux/tdx_host") {
      attempt("/sys/devices/faux/tdx_host", into: &all, SysfsDirectory().read)
    }
    attempt("/sys/firmware/memmap", into: &all, SysfsDirectory().read)
    attempt("/sys/devices/system/memory", into: &all, SysfsDirectory().read)
    return all
  }

  private static func readText(_ path: String) throws(InputError) -> Findings {
    try bytes(of: path).withBytes { (bytes) throws(InputError) in
      try LogReader.read(bytes, file: path)
    }
  }

  private static func attempt(
    _ path: String,
    into all: inout Findings,
    _ read: (String) throws(InputError) -> Findings
  ) {
    do throws(InputError) {
      all.merge(try read(path))
    } catch {
      all.notes.append("\(path) is not used: \(error.message).")
    }
  }

  /// The messages of the running kernel, a line each. A record of /dev/kmsg is `6,339,514,-;TEXT`, then further
  /// lines that begin with a blank.
  static func kernelLog(_ path: String = "/dev/kmsg") throws(InputError) -> [UInt8] {
    try reading { () throws(SystemError) in try records(path) }
  }

  private static func records(_ path: String) throws(SystemError) -> [UInt8] {
    let descriptor = try openForReading(path, flags: O_NONBLOCK)
    defer { close(descriptor) }
    var text: [UInt8] = []
    var record = [UInt8](repeating: 0, count: 1 << 16)
    // The ring is far smaller; the limit keeps a kernel that logs as fast as we read from holding us.
    while text.count < 256 << 20 {
      let count = read(descriptor, &record, record.count)
      if count < 0 && (errno == EINTR || errno == EPIPE) { continue }  // EPIPE: the ring overtook us.
      if count < 0 && errno == EAGAIN { break }
      guard count >= 0 else { throw SystemError(.read, path) }
      guard count > 0 else { break }
      let message = record[..<count].prefix { $0 != 10 }
      guard let semicolon = message.firstIndex(of: UInt8(ascii: ";")) else { continue }
      text += message[(semicolon + 1)...]
      text.append(10)
    }
    return text
  }
}
