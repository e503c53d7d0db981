import BenchmarkKit
import Glibc
import SystemIO

/// What a run was measured on, as far as the machine tells. Nothing in it names the machine, its owner or a path.
public struct MachineFacts: Codable, Hashable, Sendable {
  /// A cache as the first processor sees it.
  public struct Cache: Codable, Hashable, Sendable {
    public var level: Int
    /// `Data`, `Instruction` or `Unified`.
    public var type: String
    public var bytes: Int
    /// The logical processors that share it.
    public var sharedBy: Int

    public init(level: Int, type: String, bytes: Int, sharedBy: Int) {
      self.level = level
      self.type = type
      self.bytes = bytes
      self.sharedBy = sharedBy
    }

    enum CodingKeys: String, CodingKey {
      case level, type, bytes
      case sharedBy = "shared_by"
    }
  }

  /// `Intel(R) Xeon(R) Processor @ 2.80GHz`
  public var processor: String?
  /// `x86_64`
  public var architecture: String
  public var logicalProcessors: Int
  public var cores: Int?
  public var sockets: Int?
  public var nodes: Int?
  /// As the kernel tells it, which is not what a processor with turbo runs at.
  public var megahertz: Double?
  public var caches: [Cache]
  public var memoryBytes: Int?
  /// The kernel's version: `6.8.0`.
  public var kernel: String?
  /// `Debian GNU/Linux 12 (bookworm)`
  public var system: String?
  /// How the processor's frequency is chosen; nil where this system cannot choose it, as most virtual machines.
  public var governor: String?
  /// The load averages over 1, 5 and 15 minutes, at the start of the run; empty where they are not told.
  public var load: [Double]
  /// `none` on the bare machine, the hypervisor's name where it tells it, `unnamed` where it does not; nil where
  /// the processor does not say.
  public var hypervisor: String?

  enum CodingKeys: String, CodingKey {
    case processor, architecture, cores, sockets, nodes, megahertz, caches, kernel, system, governor, load
    case hypervisor
    case logicalProcessors = "logical_processors"
    case memoryBytes = "memory_bytes"
  }

  /// Reads this machine. What it does not tell is nil or empty; nothing is an error.
  ///
  /// - Parameter root: where /proc, /sys and /etc are.
  public init(root: String = "") {
    let processors = CPUInfo((try? textOfFile("\(root)/proc/cpuinfo")) ?? "")
    processor = processors["model name"] ?? processors["Processor"] ?? processors["cpu model"]
    #if arch(x86_64)
      architecture = "x86_64"
    #elseif arch(arm64)
      architecture = "aarch64"
    #else
      architecture = "other"
    #endif
    logicalProcessors = processors.count > 0 ? processors.count : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    cores = processors.cores
    sockets = processors.sockets
    megahertz = processors["cpu MHz"].flatMap(Double.init)

    let devices = "\(root)/sys/devices/system"
    nodes = (try? textOfFile("\(devices)/node/online")).flatMap { count(inList: $0) }
    caches = Self.caches(in: "\(devices)/cpu/cpu0/cache")
    governor = line(of: "\(devices)/cpu/cpu0/cpufreq/scaling_governor")

    let memory = (try? textOfFile("\(root)/proc/meminfo"))?.split(separator: "\n").first {
      $0.hasPrefix("MemTotal:")
    }
    memoryBytes = memory.flatMap { line in
      line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.flatMap { kibibytes in
        let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
        return overflow || bytes < 0 ? nil : bytes
      }
    }
    // The version alone: what a build adds to it may name whoever built it.
    kernel = line(of: "\(root)/proc/sys/kernel/osrelease").map { release in
      String(release.prefix { $0.isNumber || $0 == "." })
    }
    system =
      (try? textOfFile("\(root)/etc/os-release"))?.split(separator: "\n").lazy
      .compactMap { line -> String? in
        guard line.hasPrefix("PRETTY_NAME=") else { return nil }
        return String(line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" })
      }.first
    load = (line(of: "\(root)/proc/loadavg") ?? "").split(separator: " ").prefix(3).compactMap { Double($0) }
    if load.count != 3 || !load.allSatisfy({ $0.isFinite && $0 >= 0 }) { load = [] }
    hypervisor = processors["flags"].map { flags in
      guard flags.split(separator: " ").contains("hypervisor") else { return "none" }
      return line(of: "\(root)/sys/hypervisor/type") ?? line(of: "\(root)/sys/class/dmi/id/sys_vendor")
        ?? "unnamed"
    }
  }

  private static func caches(in folder: String) -> [Cache] {
    let indices = ((try? namesInFolder(folder)) ?? []).compactMap { name in
      name.hasPrefix("index") ? Int(name.dropFirst("index".count)) : nil
    }
    return indices.sorted().compactMap { index in
      let cache = "\(folder)/index\(index)"
      guard let level = line(of: "\(cache)/level").flatMap({ Int($0) }),
        let type = line(of: "\(cache)/type"),
        let bytes = line(of: "\(cache)/size").flatMap(bytes(ofSize:))
      else { return nil }
      let sharing = line(of: "\(cache)/shared_cpu_list").flatMap { count(inList: $0) }
      return Cache(level: level, type: type, bytes: bytes, sharedBy: sharing ?? 1)
    }
  }

  /// The processor's model as part of a file name: `intel-xeon-processor-2.80ghz`.
  ///
  /// Lower-case letters, digits, `.` and single `-`, at most 40 characters, never empty.
  public var slug: String {
    var name = (processor ?? architecture).lowercased()
    for mark in ["(r)", "(tm)", "(c)"] { name = name.split(separator: mark).joined(separator: " ") }
    let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".")) }
      .filter { word in word != "cpu" && word.contains { $0 != "." } }
    var slug = ""
    for word in words where slug.count + word.count < 40 {
      slug += (slug.isEmpty ? "" : "-") + word
    }
    return slug.isEmpty ? "unknown" : slug
  }
}

/// The file /proc/cpuinfo: a block of `key : value` lines for each logical processor.
private struct CPUInfo {
  private var blocks: [[String: String]] = []

  init(_ text: String) {
    for block in text.split(separator: "\n\n") {
      var values: [String: String] = [:]
      for line in block.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { continue }
        values[trimmed(parts[0])] = trimmed(parts[1])
      }
      if values["processor"] != nil { blocks.append(values) }
    }
  }

  var count: Int { blocks.count }

  /// A value of the first processor that is not empty.
  subscript(key: String) -> String? {
    blocks.first?[key].flatMap { $0.isEmpty ? nil : $0 }
  }

  var sockets: Int? {
    let identifiers = Set(blocks.compactMap { $0["physical id"] })
    return identifiers.isEmpty ? nil : identifiers.count
  }

  var cores: Int? {
    let identifiers = Set(
      blocks.compactMap { block in
        block["physical id"].flatMap { socket in block["core id"].map { "\(socket) \($0)" } }
      }
    )
    return identifiers.isEmpty ? nil : identifiers.count
  }
}

/// The first line of a small file, without blanks around it; nil where there is none, or it is empty.
private func line(of path: String) -> String? {
  guard let first = (try? textOfFile(path))?.split(separator: "\n").first else { return nil }
  let text = trimmed(first)
  return text.isEmpty ? nil : text
}

private func trimmed(_ text: Substring) -> String {
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\0" }
  let front = text.drop(while: isBlank)
  return String(front.reversed().drop(while: isBlank).reversed())
}

/// How many numbers a list such as `0-3,8` has; nil where it is none.
private func count(inList text: String) -> Int? {
  var count = 0
  for part in trimmed(text.split(separator: "\n").first ?? "").split(separator: ",") {
    let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2, first >= 0,
      first <= last, last < 1 << 30
    else { return nil }
    count += last - first + 1
  }
  return count > 0 ? count : nil
}

/// `48K`, `1280K` or `2M` in bytes.
private func bytes(ofSize text: String) -> Int? {
  let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
  let unit = text.last.flatMap { units[$0] }
  guard let number = Int(unit == nil ? text : String(text.dropLast())), number >= 0 else { return nil }
  let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
  return overflow ? nil : bytes
}
