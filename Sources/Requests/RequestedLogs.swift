import JSON
import ReusableMemory

/// The texts of one machine that a request carries: `log`, or several as `logs`. Of both, the one that comes last
/// counts.
///
/// Nothing is allocated once the memory has grown to the longest request.
struct RequestedLogs: ~Copyable {
  private var texts = ReusableBuffer<JSONText>(capacity: 4)
  /// The texts unescaped, one behind the other, and where each ends.
  private var bytes = ReusableBuffer<UInt8>(capacity: 16)
  private var ends = ReusableBuffer<Int>(capacity: 4)
  private var areSeveral = false

  var isEmpty: Bool { texts.count == 0 }

  mutating func removeAll() {
    texts.removeAll()
    bytes.removeAll()
    ends.removeAll()
  }

  /// `log`.
  mutating func readOne(_ scanner: inout RequestScanner) throws(RequestError) {
    scanner.place = .init(.log)
    texts.removeAll()
    areSeveral = false
    if try !scanner.null() { texts.append(try scanner.string()) }
  }

  /// `logs`.
  mutating func readSeveral(_ scanner: inout RequestScanner) throws(RequestError) {
    texts.removeAll()
    areSeveral = true
    _ = try scanner.elements(of: .logs, each: .logElement) { (scanner) throws(RequestError) in
      texts.append(try scanner.string())
    }
  }

  /// Unescapes what was read; the line must still be there.
  mutating func unescape() {
    for text in texts.elements {
      text.append(to: &bytes)
      ends.append(bytes.count)
    }
  }

  /// The texts with their names in messages; valid until the next change.
  var named: [(name: String, bytes: UnsafeRawBufferPointer)] {
    let all = UnsafeRawBufferPointer(bytes.elements)
    return ends.elements.indices.map { index in
      let start = index == 0 ? 0 : ends[index - 1]
      return (
        areSeveral ? "logs[\(index)]" : "log", UnsafeRawBufferPointer(rebasing: all[start..<ends[index]])
      )
    }
  }
}
