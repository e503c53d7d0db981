import TerminalText

/// A line of a log that matters for TDX and comes from none of the parts of the kernel that speak of it. A row of the
/// table, and what of the line it was found by.
public struct OtherLine: Hashable, Sendable {
  public let text: String
  public let explanation: Explanation

  /// - Parameter line: a whole line of a log.
  /// - Returns: nil where it is none of them, and does not speak of TDX at all.
  public init?(_ line: some Collection<UInt8>) {
    let bytes = Array(line.prefix(TDXMessage.longest))
    if let options = CommandLineOptions(bytes) {
      (text, explanation) = (options.text, options.explanation)
      return
    }
    for row in Self.all {
      guard let start = bytes.firstIndex(of: Array(row.mark.utf8)) else { continue }
      text = fitForTerminal(String(decoding: bytes[start...], as: UTF8.self))
      explanation = Explanation(
        what: row.what,
        kernels: row.kernels,
        here: row.here,
        remedy: row.remedy
      )
      return
    }
    return nil
  }

  /// Whether a line that nobody known says speaks of TDX: a word begins with it. Comments of those who keep logs do not.
  public static func mentionsTDX(_ line: some Collection<UInt8>) -> Bool {
    let bytes = Array(line.prefix(TDXMessage.longest))
    if bytes.first == UInt8(ascii: "#") { return false }
    guard bytes.count >= 3 else { return false }
    return (0...bytes.count - 3).contains { start in
      zip("tdx".utf8, bytes[start...]).allSatisfy { $0 == $1 | 0x20 }
        && (start == 0 || !isWordPart(bytes[start - 1]))
    }
  }

  private static func isWordPart(_ byte: UInt8) -> Bool {
    switch byte | 0x20 {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }

  struct Row: Sendable {
    var mark: String
    var kernels: String
    var what: String
    var here: String
    var remedy: String?
  }

  /// From `tdx_dump_mce_info` (arch/x86/virt/vmx/tdx/tdx.c) and `kho_in_kexec_metadata` (kernel/liveupdate).
  static let all: [Row] = [
    Row(
      mark: "TDX private memory error. Possible kernel bug",
      kernels: "6.8 on",
      what: "a machine check came of memory that belongs to TDX",
      here:
        "on Sapphire and Emerald Rapids a short write of the host to a TD's memory poisons it; this is no broken DIMM",
      remedy: "report it with the whole log: the host wrote where only TDX may"
    ),
    Row(
      mark: "KHO: exec from: ",
      kernels: "7.0 on",
      what: "this kernel was started by kexec, and memory was handed over to it",
      here:
        "the areas that were handed over are regions of their own in memblock, and so to TDX; they can cost TDMRs",
      remedy: "`tdxbench plan` on a log with `memblock=debug` shows how many"
    ),
  ]
}

/// What the kernel's command line says about TDX.
private struct CommandLineOptions {
  var text: String
  var explanation: Explanation

  /// - Returns: nil where the line is no command line, or none of its words matters.
  init?(_ line: [UInt8]) {
    guard let start = line.firstIndex(of: Array("ommand line: ".utf8)) else { return nil }
    let words = line[start...].dropFirst("ommand line: ".utf8.count).split(separator: 32)
    var said: [String] = []
    var meanings: [String] = []
    for word in words {
      guard let meaning = Self.meanings.first(where: { word.elementsEqual($0.word.utf8) })?.meaning else {
        continue
      }
      said.append(String(decoding: word, as: UTF8.self))
      meanings.append("\(said[said.count - 1]) \(meaning)")
    }
    guard !said.isEmpty else { return nil }
    text = "command line: … \(said.joined(separator: " ")) …"
    explanation = Explanation(
      what: "options of the kernel that matter for TDX",
      here: meanings.joined(separator: "; ")
    )
  }

  private static let meanings: [(word: String, meaning: String)] = [
    ("kvm_intel.tdx=1", "asks KVM for TDs"), ("kvm_intel.tdx=on", "asks KVM for TDs"),
    ("kvm_intel.tdx=Y", "asks KVM for TDs"), ("kvm_intel.tdx=0", "tells KVM to offer no TDs"),
    ("kvm_intel.tdx=off", "tells KVM to offer no TDs"),
    ("nohibernate", "switches hibernation off, without which Linux does not use TDX"),
    ("noxsave", "switches XSAVE off, which TDX requires"),
    ("kho=on", "lets memory be handed over to a kernel after kexec"),
    ("tdx=on", "switches TDX on in kernels with Intel's patches"),
    ("tdx_host=on", "switches TDX on in kernels with Intel's patches"),
  ]
}

extension [UInt8] {
  /// Where a text begins in this one.
  fileprivate func firstIndex(of text: [UInt8]) -> Int? {
    guard count >= text.count else { return nil }
    return (0...count - text.count).first { self[$0..<$0 + text.count].elementsEqual(text) }
  }
}
