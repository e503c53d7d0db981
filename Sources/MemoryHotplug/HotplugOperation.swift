import TDXMemory

/// One thing that is done to a machine, or asked about it.
public enum HotplugOperation: Hashable, Sendable {
  case initializeTDX
  case offline(UInt64)
  case online(UInt64, into: OnlineZone)
  case add(AddressRange, node: UInt64)
  case remove(AddressRange)
  /// Takes the blocks offline by itself, as an ACPI eject of a DIMM does.
  case eject(AddressRange)
  /// What becomes of added memory by itself (`auto_online_blocks`); nil: it stays offline.
  case autoOnline(OnlineZone?)
  case query(AddressRange)
  /// The check of whole ranges that was proposed in 2024.
  case checkAdd(AddressRange)
  /// Private pages of a TD come and go.
  case pin(AddressRange)
  case unpin(AddressRange)
}

extension HotplugMachine {
  /// Does what an operation says.
  public mutating func perform(_ operation: HotplugOperation) -> HotplugAnswer {
    switch operation {
    case .initializeTDX: initializeTDX()
    case .offline(let block): offline(block)
    case .online(let block, let zone): online(block, into: zone)
    case .add(let range, let node): add(range, node: node)
    case .remove(let range): remove(range)
    case .eject(let range): eject(range)
    case .autoOnline(let zone): setAutoOnline(zone)
    case .query(let range): query(range)
    case .checkAdd(let range): checkAdd(range)
    case .pin(let range): pin(range)
    case .unpin(let range): unpin(range)
    }
  }
}

extension HotplugOperation {
  /// The words of a line of a script.
  ///
  /// - Throws: what is wrong with them.
  init(words: [Substring]) throws(ScriptError.Reason) {
    let arguments = words.dropFirst()
    func check(_ count: ClosedRange<Int>, _ usage: String) throws(ScriptError.Reason) {
      guard count.contains(arguments.count) else { throw .usage(usage) }
    }
    func range(_ usage: String) throws(ScriptError.Reason) -> AddressRange {
      try check(1...1, usage)
      return try AddressRange(scriptText: words[1])
    }
    switch words[0] {
    case "init-tdx":
      try check(0...0, "init-tdx")
      self = .initializeTDX
    case "offline":
      try check(1...1, "offline N")
      self = .offline(try blockNumber(words[1]))
    case "online":
      try check(1...2, "online N [kernel|movable]")
      let zone: OnlineZone? =
        words.count == 2
        ? .inherited : words[2] == "kernel" ? .kernel : words[2] == "movable" ? .movable : nil
      guard let zone else { throw .usage("online N [kernel|movable]") }
      self = .online(try blockNumber(words[1]), into: zone)
    case "add":
      try check(3...3, "add RANGE node N")
      guard words[2] == "node" else { throw .usage("add RANGE node N") }
      let range = try AddressRange(scriptText: words[1])
      guard let node = number(words[3]) else { throw .node }
      self = .add(range, node: node)
    case "remove": self = .remove(try range("remove RANGE"))
    case "eject": self = .eject(try range("eject RANGE"))
    case "auto-online":
      let usage = "auto-online offline|online|online_kernel|online_movable"
      try check(1...1, usage)
      switch words[1] {
      case "offline": self = .autoOnline(nil)
      case "online": self = .autoOnline(.inherited)
      case "online_kernel": self = .autoOnline(.kernel)
      case "online_movable": self = .autoOnline(.movable)
      default: throw .usage(usage)
      }
    case "query": self = .query(try range("query RANGE"))
    case "check-add": self = .checkAdd(try range("check-add RANGE"))
    case "pin": self = .pin(try range("pin RANGE"))
    case "unpin": self = .unpin(try range("unpin RANGE"))
    default: throw .unknown
    }
  }
}

private func blockNumber(_ text: Substring) throws(ScriptError.Reason) -> UInt64 {
  guard let block = number(text) else { throw .block }
  return block
}

/// `0x` and hexadecimal digits, or decimal ones; no sign.
private func number(_ text: Substring) -> UInt64? {
  guard let first = text.utf8.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else {
    return nil
  }
  return text.hasPrefix("0x") || text.hasPrefix("0X")
    ? hexadecimal(text.dropFirst(2)) : UInt64(text, radix: 10)
}

private func hexadecimal(_ digits: Substring) -> UInt64? {
  digits.first == "+" || digits.first == "-" ? nil : UInt64(digits, radix: 16)
}

/// An address or a size: a number, or one with a unit.
private func bytes(_ text: Substring) -> UInt64? { number(text) ?? ByteCount(text: text)?.bytes }

extension AddressRange {
  /// `0xSTART-0xEND`, the end exclusive, or `START+SIZE`; both with numbers of either kind and with units.
  public init(scriptText text: some StringProtocol) throws(ScriptError.Reason) {
    let text = Substring(text)
    guard let separator = text.firstIndex(where: { $0 == "-" || $0 == "+" }),
      let start = bytes(text[..<separator]), let second = bytes(text[text.index(after: separator)...])
    else { throw .range }
    if text[separator] == "-" {
      guard let range = AddressRange(from: start, to: second) else { throw .rangeEndsFirst }
      self = range
    } else {
      let (end, overflow) = start.addingReportingOverflow(second)
      guard !overflow else { throw .rangeTooHigh }
      self.init(unchecked: start, end)
    }
  }
}
