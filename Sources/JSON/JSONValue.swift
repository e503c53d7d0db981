/// A JSON text to be, its members in the order in which they are to be read.
///
/// Written here and not by Foundation, whose encoder orders members by name and puts every number of an array on a
/// line of its own.
package enum JSONValue: Equatable {
  case object([(name: String, value: JSONValue)])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  case unsigned(UInt64)
  /// Where it is not finite, `null`.
  case number(Double)
  case bool(Bool)
  case null

  package static func == (left: JSONValue, right: JSONValue) -> Bool { left.text == right.text }

  /// A value that may not be known: `null` then.
  package static func known(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
  package static func known(_ number: Int?) -> JSONValue { number.map(JSONValue.integer) ?? .null }

  /// The text, indented by two, with a line end: objects over several lines, an array of plain values on one.
  package var text: String {
    var text = ""
    write(to: &text, indentation: "")
    return text + "\n"
  }

  private func write(to text: inout String, indentation: String) {
    switch self {
    case .object(let members):
      write(members, "{", "}", to: &text, indentation, isOneLine: false) { member, text, indentation in
        Self.write(member.name, to: &text)
        text += ": "
        member.value.write(to: &text, indentation: indentation)
      }
    case .array(let values):
      let isOneLine = values.allSatisfy(\.isPlain)
      write(values, "[", "]", to: &text, indentation, isOneLine: isOneLine) { value, text, indentation in
        value.write(to: &text, indentation: indentation)
      }
    case .string(let string): Self.write(string, to: &text)
    case .integer(let number): text += "\(number)"
    case .unsigned(let number): text += "\(number)"
    case .number(let number): text += number.isFinite ? "\(number)" : "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .null: text += "null"
    }
  }

  private func write<Element>(
    _ elements: [Element],
    _ opening: String,
    _ closing: String,
    to text: inout String,
    _ indentation: String,
    isOneLine: Bool,
    _ body: (Element, inout String, String) -> Void
  ) {
    let inner = indentation + "  "
    text += opening
    for (index, element) in elements.enumerated() {
      if index > 0 { text += isOneLine ? ", " : "," }
      if !isOneLine { text += "\n" + inner }
      body(element, &text, inner)
    }
    if !isOneLine && !elements.isEmpty { text += "\n" + indentation }
    text += closing
  }

  private var isPlain: Bool {
    switch self {
    case .object, .array: false
    default: true
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 0x20 || 0x7f...0x9f ~= scalar.value:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
