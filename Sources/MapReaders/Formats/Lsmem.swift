import FoundationEssentials
import TDXMemory

/// What `lsmem --json` prints, with or without `--bytes`.
struct Lsmem: Decodable {
  struct Row: Decodable {
    var range: String
    var state: String?
    var node: Number?
    /// `0-23`, or `7`.
    var block: Number?
  }

  /// A number as lsmem has it: bare or in a string.
  struct Number: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(UInt64.self) {
        text = String(number)
      } else {
        text = container.decodeNil() ? "" : try container.decode(String.self)
      }
    }
  }

  var memory: [Row]?

  /// - Returns: nil where the object has no member `memory`.
  static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Lsmem? {
    do {
      let lsmem = try JSONDecoder().decode(Lsmem.self, from: Data(bytes))
      return lsmem.memory == nil ? nil : lsmem
    } catch let error as DecodingError {
      throw InputError(kind: .badData, file: file, message: "not what lsmem --json prints: \(reason(error))")
    } catch {
      throw InputError(kind: .badData, file: file, message: "not valid JSON")
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context): context.debugDescription
    case .keyNotFound(let key, let context): "\(path(context)) has no member \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(path(context)): \(context.debugDescription)"
    @unknown default: "it cannot be decoded"
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
  }

  func findings(file: String) throws(InputError) -> Findings {
    var findings = Findings()
    var list = RangeList()
    var offline = 0
    for row in memory ?? [] {
      let range: AddressRange
      do throws(BrokenLine) {
        range = try withCursor(row.range) { (cursor) throws(BrokenLine) in
          var cursor = cursor
          let range = try cursor.takeInclusiveRange()
          try cursor.requireEnd()
          return range
        }
      } catch {
        throw InputError(kind: .badData, file: file, text: row.range, message: error.message)
      }
      var node: UInt32?
      if let text = row.node?.text, !text.isEmpty {
        node = UInt32(text)
        guard node != nil else {
          throw InputError(
            kind: .badData,
            file: file,
            text: text,
            message: "the node is not a number below 2^32"
          )
        }
      }
      if let state = row.state, state != "online" { offline += 1 }
      list.append(ListedRange(range: range, node: node))
      if findings.blockSize == nil { findings.blockSize = blockSize(of: row, range) }
    }
    findings.add(list, from: .lsmem, file: file)
    if offline > 0 { findings.notes.append(offlineNote(offline, file: file)) }
    return findings
  }

  /// The size of the range by the number of its blocks.
  private func blockSize(of row: Row, _ range: AddressRange) -> UInt64? {
    guard let bounds = row.block?.text.split(separator: "-"), (1...2).contains(bounds.count),
      let first = UInt64(bounds[0]), let last = UInt64(bounds[bounds.count - 1]), first <= last
    else { return nil }
    let count = (last - first).addingSaturated(1)
    let (size, rest) = range.size.quotientAndRemainder(dividingBy: count)
    return rest == 0 && size > 0 ? size : nil
  }
}
