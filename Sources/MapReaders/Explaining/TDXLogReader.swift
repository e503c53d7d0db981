import TDXMemory
import TDXMessages
import TerminalText

/// Reads a log for its lines about TDX: every line, since none may be passed over.
struct TDXLogReader {
  private var log: TDXLog
  private var boot = TDXBoot()
  private var tdx = TDXReader()
  private var hasVersion = false
  private var hasFirmwareMap = false
  /// How many TDMRs the kernel has printed.
  private var tdmrs = 0

  private init(file: String) { log = TDXLog(file: file) }

  /// - Parameters:
  ///   - text: a log with nothing around its lines.
  ///   - numbers: which line of the file each comes from; nil where the text is the file.
  /// - Complexity: O(bytes); of a line the first KiB is looked at.
  static func read(_ text: TextCursor, numbers: [Int]?, file: String) -> TDXLog {
    var reader = TDXLogReader(file: file)
    var lines = LogLines(text)
    while let line = lines.next() {
      let shown = TextCursor(
        from: line.text.position,
        to: line.text.position + min(line.text.count, longestLine)
      )
      reader.read(shown, number: fileLine(line.number, numbers))
    }
    reader.endBoot()
    return reader.log
  }

  private static let longestLine = 1024

  private mutating func read(_ line: TextCursor, number: Int) {
    if beginsBoot(line) { return }
    guard Self.mayMatter(line) else {
      if !log.hasKernelLines, line.find("[mem 0x") != nil || line.find("BIOS-e820: ") != nil {
        log.hasKernelLines = true
      }
      return
    }
    let bytes = UnsafeBufferPointer(start: line.position, count: line.count)
    if let place = line.find("CMR"), readConvertible(line, at: place, number) { return }
    if let message = TDXMessage(bytes, line: number) {
      readMessage(message, line, number)
    } else if let other = OtherLine(bytes) {
      append(.other(other), line, number, text: other.text)
    } else if OtherLine.mentionsTDX(bytes) {
      append(.unknown, line, number)
    }
  }

  /// Whether a line can have anything that the readers know, or a word that begins with TDX: looked for in one pass.
  private static func mayMatter(_ line: TextCursor) -> Bool {
    var rest = line
    while let byte = rest.takeByte() {
      switch byte {
      case UInt8(ascii: "t"), UInt8(ascii: "T"):
        var word = rest
        if let d = word.takeByte(), d | 0x20 == UInt8(ascii: "d"), let x = word.takeByte(),
          x | 0x20 == UInt8(ascii: "x")
        {
          return true
        }
        if rest.starts(with: "DH") { return true }
      case UInt8(ascii: "S") where rest.starts(with: "EAM"): return true
      case UInt8(ascii: "C") where rest.starts(with: "MR"): return true
      case UInt8(ascii: "x") where rest.starts(with: "86/"): return true
      case UInt8(ascii: "k") where rest.starts(with: "vm") || rest.starts(with: "exec"): return true
      case UInt8(ascii: "K") where rest.starts(with: "HO: "): return true
      case UInt8(ascii: "o") where rest.starts(with: "mmand line: "): return true
      default: break
      }
    }
    return false
  }

  // MARK: - Boots

  /// `Linux version 6.…` or, in logs without it, a second map of firmware.
  private mutating func beginsBoot(_ line: TextCursor) -> Bool {
    if let place = line.find("Linux version ", by: 6) {
      let name = TextCursor(from: place + "Linux version ".utf8.count, to: line.end)
      guard let release = KernelRelease(UnsafeBufferPointer(start: name.position, count: name.count)) else {
        return false
      }
      if hasVersion || hasFirmwareMap || !boot.lines.isEmpty { endBoot() }
      hasVersion = true
      log.hasKernelLines = true
      boot.kernel = release
      return true
    }
    if line.find("BIOS-provided physical RAM map:") != nil {
      if hasFirmwareMap { endBoot() }
      hasFirmwareMap = true
      log.hasKernelLines = true
      return true
    }
    return false
  }

  /// The most boots of a file that are kept; the first ones go.
  private static let mostBoots = 64

  private mutating func endBoot() {
    boot.observed = tdx.observed
    boot.convertible = tdx.convertible?.entries.map(\.range) ?? []
    if !boot.lines.isEmpty {
      log.boots.append(boot)
      if log.boots.count > Self.mostBoots { log.boots.removeFirst() }
    }
    boot = TDXBoot()
    tdx = TDXReader()
    (hasVersion, hasFirmwareMap, tdmrs) = (false, false, 0)
  }

  // MARK: - Lines

  private mutating func readConvertible(
    _ line: TextCursor,
    at place: UnsafePointer<UInt8>,
    _ number: Int
  ) -> Bool {
    let before = TextCursor(from: line.position, to: place)
    let after = TextCursor(from: place + 3, to: line.end)
    let isRead: Bool
    do throws(BrokenLine) {
      isRead = try tdx.readConvertible(before: before, after: after, line: number)
    } catch {
      append(.unknown, line, number)
      return true
    }
    guard isRead else { return false }
    // A list that begins anew is another one.
    let ranges = tdx.convertible?.entries.map(\.range) ?? []
    if let last = boot.lines.indices.last, case .convertible(let earlier) = boot.lines[last].content,
      ranges.count >= earlier.count
    {
      extend(last, to: number, .convertible(ranges))
    } else {
      append(.convertible(ranges), line, number)
    }
    return true
  }

  private mutating func readMessage(_ message: TDXMessage, _ line: TextCursor, _ number: Int) {
    let place = line.find("tdx: ", by: 2)
    if let place {
      let before = TextCursor(from: line.position, to: place)
      let after = TextCursor(from: place + 5, to: line.end)
      do throws(BrokenLine) {
        _ = try tdx.readMessage(before: before, after: after, line: number)
      } catch {
        append(.unknown, line, number)
        return
      }
      if after.starts(with: "TDX TDMR[") || after.starts(with: "TDX PAMT[") {
        return readLayout(line, number)
      }
    } else {
      _ = tdx.readMessage(in: line, line: number)
    }
    if let last = boot.lines.indices.last, case .message(let earlier) = boot.lines[last].content {
      if message.content == .unknown, let whole = earlier.withRegisters(of: message) {
        boot.lines[last].content = .message(whole)
        boot.lines[last].last = number
        return
      }
      if earlier.saysTheSame(as: message) { return extend(last, to: number, nil) }
    }
    append(.message(message), line, number)
  }

  /// A line of the TDMRs and PAMTs that an early kernel prints.
  private mutating func readLayout(_ line: TextCursor, _ number: Int) {
    let printed = tdx.observed.tdmrs
    let content = TDXLogLine.Content.layout(
      tdmrs: printed.count,
      pamtBytes: printed.reduce(0) { $0.addingSaturated($1.pamt?.size ?? 0) }
    )
    if let last = boot.lines.indices.last, case .layout = boot.lines[last].content {
      extend(last, to: number, content)
    } else {
      append(content, line, number)
    }
  }

  private mutating func extend(_ index: Int, to line: Int, _ content: TDXLogLine.Content?) {
    boot.lines[index].last = line
    boot.lines[index].count += 1
    if let content { boot.lines[index].content = content }
  }

  private mutating func append(
    _ content: TDXLogLine.Content,
    _ line: TextCursor,
    _ number: Int,
    text: String? = nil
  ) {
    guard boot.lines.count < TDXBoot.mostLines else {
      boot.hidden += 1
      return
    }
    boot.lines.append(TDXLogLine(content, line: number, text: text ?? Self.shown(line)))
  }

  /// The line without what a log puts before the kernel's own words.
  private static func shown(_ line: TextCursor) -> String {
    let marks: [StaticString] = [
      "virt/tdx: ", "tdx: ", "kvm_intel: ", "kvm-intel: ", "kexec: ", "x86/tme: ", "x86/mktme: ", "x86/cpu: ",
      "SEAMCALL",
    ]
    let start = marks.compactMap { line.find($0) }.min() ?? line.position
    return fitForTerminal(TextCursor(from: start, to: line.end).trimmed.text)
  }
}
