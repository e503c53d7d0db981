import JSON

/// The id of a request: the bytes that an answer repeats.
public enum RequestID {
  /// What is echoed where a line has no id.
  public static var null: UnsafeRawBufferPointer {
    let text: StaticString = "null"
    return UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// What an id says: a string without its quotes, anything else as it stands; nil for `null`.
  public static func text(_ id: UnsafeRawBufferPointer) -> String? {
    guard !id.elementsEqual(null) else { return nil }
    var scanner = JSONScanner(id)
    guard let text = try? scanner.string() else { return String(decoding: id, as: UTF8.self) }
    return text.string
  }

  /// Looks for the id in a line that is no request, as far as it is JSON, so that the answer can name it.
  static func find(in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var scanner = JSONScanner(line)
    var id = null
    do throws(JSONError) {
      try scanner.enterObject()
      while let name = try scanner.nextMember() {
        if case "id" = name { id = try scanner.scalar() } else { try scanner.skip() }
      }
    } catch {
      // Where the text stops making sense the search ends; what it has found stays.
    }
    return id
  }
}
