/// Whether the processor of a machine can be that of a TDX host, as /proc/cpuinfo tells.
enum HostSupport: Equatable {
  /// The kernel says `tdx_host_platform`: firmware has given TDX keys of its own.
  case offered
  /// The machine is a TD itself.
  case trustDomain
  case virtualMachine
  /// The processor is not Intel's.
  case otherVendor(String)
  /// None of these: the processor, its firmware or the kernel is without.
  case notOffered

  /// - Parameter cpuinfo: the text of /proc/cpuinfo.
  /// - Returns: nil where the text does not tell: it lists no flags.
  init?(cpuinfo: UnsafeRawBufferPointer) {
    // All processors of a host are of one kind: the first one is enough.
    var values: [Substring: Substring] = [:]
    let first = cpuinfo.prefix(1 << 16)
    for line in String(decoding: first, as: UTF8.self).split(separator: "\n") {
      let sides = line.split(separator: ":", maxSplits: 1)
      guard sides.count == 2 else { continue }
      let name = sides[0].prefix { $0 != "\t" && $0 != " " }
      if values[name] == nil { values[name] = sides[1].drop { $0 == " " } }
    }
    guard let flags = values["flags"]?.split(separator: " "), !flags.isEmpty else { return nil }
    if flags.contains("tdx_host_platform") {
      self = .offered
    } else if flags.contains("tdx_guest") {
      self = .trustDomain
    } else if flags.contains("hypervisor") {
      self = .virtualMachine
    } else if let vendor = values["vendor_id"], vendor != "GenuineIntel" {
      self = .otherVendor(String(vendor))
    } else {
      self = .notOffered
    }
  }

  /// What is in the way of TDX and what would be needed; nil where nothing is.
  var obstacle: String? {
    let reason =
      switch self {
      case .offered: nil as String?
      case .trustDomain: "it is a TD, a guest of TDX (tdx_guest)"
      case .virtualMachine: "it is a virtual machine (hypervisor)"
      case .otherVendor(let vendor): "its processor is made by \(vendor), and TDX is Intel's"
      case .notOffered: "nothing offers it"
      }
    return reason.map {
      "This machine is no TDX host: \($0), and /proc/cpuinfo does not say tdx_host_platform. TDX needs an Intel Xeon that "
        + "has it, firmware that enables it and gives it key ids, and Linux 6.8 or newer on the bare machine. The memory is "
        + "planned as if all of that were there."
    }
  }
}
