import JSON
import TDXMemory

/// What `lsmem --json` prints, with or without `--bytes`.
enum Lsmem {
  /// - Returns: nil where the object has no member `memory`.
  static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings? {
    var reader = LsmemReader(bytes, file: file)
    do throws(LsmemReader.Failure) {
      return try reader.read()
    } catch {
      switch error {
      case .row(let error): throw error
      case .json(let error):
        let place = reader.place.isEmpty ? "" : "\(reader.place): "
        throw InputError(
          kind: .badData,
          file: file,
          message: "not what lsmem --json prints: \(place)\(error)"
        )
      case .noRange:
        throw InputError(
          kind: .badData,
          file: file,
          message: "not what lsmem --json prints: \(reader.place) has no member \"range\""
        )
      }
    }
  }
}

/// One pass over the text, without a copy of it.
private struct LsmemReader {
  enum Failure: Error {
    case json(JSONError)
    case noRange
    /// A row whose values do not make sense.
    case row(InputError)
  }

  private var scanner: JSONScanner
  private let file: String
  private var list = RangeList()
  private var offline = 0
  private var blockSize: UInt64?
  /// The row that is being read, and its member, for errors.
  private var index: Int?
  private var member: StaticString = ""

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    scanner = JSONScanner(bytes)
    self.file = file
  }

  /// `memory.[3].range`
  var place: String {
    let words = [index.map { "memory.[\($0)]" }, member.utf8CodeUnitCount > 0 ? "\(member)" : nil]
    return words.compactMap(\.self).joined(separator: ".")
  }

  mutating func read() throws(Failure) -> Findings? {
    var hasMemory = false
    try json { (scanner) throws(JSONError) in try scanner.enterObject() }
    while let name = try json({ (scanner) throws(JSONError) in try scanner.nextMember() }) {
      if case "memory" = name {
        hasMemory = try readRows()
      } else {
        try json { (scanner) throws(JSONError) in try scanner.skip() }
      }
    }
    try json { (scanner) throws(JSONError) in try scanner.end() }
    guard hasMemory else { return nil }
    var findings = Findings()
    findings.blockSize = blockSize
    findings.add(list, from: .lsmem, file: file)
    if offline > 0 { findings.notes.append(offlineNote(offline, file: file)) }
    return findings
  }

  /// - Returns: false for `null`.
  private mutating func readRows() throws(Failure) -> Bool {
    list.restart()
    (offline, blockSize) = (0, nil)
    member = "memory"
    let isNull = try json { (scanner) throws(JSONError) in try scanner.null() }
    if !isNull {
      try json { (scanner) throws(JSONError) in try scanner.enterArray() }
      while try json({ (scanner) throws(JSONError) in try scanner.nextElement() }) { try readRow() }
    }
    (index, member) = (nil, "")
    return !isNull
  }

  private mutating func readRow() throws(Failure) {
    index = list.entries.count
    member = ""
    var row = Row()
    try json { (scanner) throws(JSONError) in try scanner.enterObject() }
    while let name = try json({ (scanner) throws(JSONError) in try scanner.nextMember() }) {
      switch name {
      case "range":
        member = "range"
        row.range = try json { (scanner) throws(JSONError) in try scanner.string() }
      case "state":
        member = "state"
        row.state = try json { (scanner) throws(JSONError) in
          try scanner.null() ? nil : scanner.string()
        }
      case "node":
        member = "node"
        row.node = try json { (scanner) throws(JSONError) in try scanner.numberOfLsmem() }
      case "block":
        member = "block"
        row.block = try json { (scanner) throws(JSONError) in try scanner.numberOfLsmem() }
      case "size", "removable", "zones", "configured", "memmap-on-memory":
        try json { (scanner) throws(JSONError) in try scanner.skip() }
      default:
        if Self.isSlip(name) {
          throw .row(
            InputError(kind: .badData, file: file, text: name.string, message: "lsmem knows no such column")
          )
        }
        try json { (scanner) throws(JSONError) in try scanner.skip() }
      }
      member = ""
    }
    try add(row)
  }

  private mutating func add(_ row: Row) throws(Failure) {
    guard let text = row.range else { throw .noRange }
    let range: AddressRange
    do throws(BrokenLine) {
      range = try Self.range(text)
    } catch {
      throw .row(InputError(kind: .badData, file: file, text: text.string, message: error.message))
    }
    let node = row.node?.node
    guard node != nil || row.node?.isEmpty ?? true else {
      throw .row(
        InputError(
          kind: .badData,
          file: file,
          text: row.node?.text,
          message: "the node is not a number below 2^32"
        )
      )
    }
    if let state = row.state, !Self.isOnline(state) {
      guard !Self.isSlip(ofState: state) else {
        throw .row(
          InputError(
            kind: .badData,
            file: file,
            text: state.string,
            message: "the state is neither online nor offline"
          )
        )
      }
      offline += 1
    }
    list.append(ListedRange(range: range, node: node))
    if blockSize == nil { blockSize = row.block?.blockSize(of: range) }
  }

  private static let columns: [StaticString] = ["range", "state", "node", "block"]

  /// Whether a member would be one that is read, but for a slip.
  private static func isSlip(_ name: JSONText) -> Bool {
    withCursor(name.string) { name in columns.contains { name.isSlip(of: $0) } }
  }

  private static func isSlip(ofState state: JSONText) -> Bool {
    if case "offline" = state { return false }
    return withCursor(state.string) { $0.isSlipOfState }
  }

  private static func isOnline(_ state: JSONText) -> Bool {
    if case "online" = state { true } else { false }
  }

  private static func range(_ text: JSONText) throws(BrokenLine) -> AddressRange {
    guard !text.hasEscapes else {
      return try withCursor(text.string) { (cursor) throws(BrokenLine) in try inclusiveRange(cursor) }
    }
    // Behind the text stands its quote.
    let start = text.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    return try inclusiveRange(TextCursor(from: start, to: start + text.bytes.count))
  }

  private static func inclusiveRange(_ cursor: TextCursor) throws(BrokenLine) -> AddressRange {
    var cursor = cursor
    return try cursor.takeRangeOfLsmem()
  }

  @inline(__always)
  private mutating func json<Value>(
    _ read: (inout JSONScanner) throws(JSONError) -> Value
  ) throws(Failure) -> Value {
    do throws(JSONError) { return try read(&scanner) } catch { throw .json(error) }
  }
}

/// What is read of a row.
private struct Row {
  var range: JSONText?
  var state: JSONText?
  var node: LsmemNumber?
  /// `0-23`, or `7`.
  var block: LsmemNumber?
}

/// A number as lsmem has it: bare or in a string.
private enum LsmemNumber {
  case bare(UInt64)
  case quoted(JSONText)

  var text: String {
    switch self {
    case .bare(let number): "\(number)"
    case .quoted(let text): text.string
    }
  }

  var isEmpty: Bool {
    if case .quoted(let text) = self { text.bytes.isEmpty } else { false }
  }

  /// The number, if it is one of a node.
  var node: UInt32? {
    switch self {
    case .bare(let number): UInt32(exactly: number)
    case .quoted(let text): UInt32(text.string)
    }
  }

  /// The size of the range by the number of its blocks.
  func blockSize(of range: AddressRange) -> UInt64? {
    let bounds = text.split(separator: "-")
    guard (1...2).contains(bounds.count), let first = UInt64(bounds[0]),
      let last = UInt64(bounds[bounds.count - 1]), first <= last
    else { return nil }
    let count = (last - first).addingSaturated(1)
    let (size, rest) = range.size.quotientAndRemainder(dividingBy: count)
    return rest == 0 && size > 0 ? size : nil
  }
}

extension JSONScanner {
  /// Reads a number, bare or in a string; nil for `null`.
  fileprivate mutating func numberOfLsmem() throws(JSONError) -> LsmemNumber? {
    if try null() { return nil }
    return try isString() ? .quoted(string()) : .bare(integer())
  }
}
