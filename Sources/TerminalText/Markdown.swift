/// Text inside Markdown: names and sentences stay what they are: no markup, no cell, no line of their own.
///
/// What counts are unicode scalars, as to those who read Markdown: to Swift a bar with an accent behind it is one character,
/// and no bar.
public enum Markdown {
  /// A backslash before all that makes markup, links and HTML included; line ends are blanks, and what else steers a
  /// terminal is shown as its code point.
  public static func escaped(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var escaped = ""
    for (place, scalar) in scalars.enumerated() {
      if scalar.endsLine {
        escaped += " "
      } else {
        for shown in scalar.steersTerminals ? Array(scalar.escaped(asASCII: true).unicodeScalars) : [scalar] {
          if isMarkup(shown, at: place, of: scalars) { escaped += "\\" }
          escaped.unicodeScalars.append(shown)
        }
      }
    }
    return escaped
  }

  /// The text as code; escaped where backslashes, which do nothing inside a code span, would be needed.
  public static func code(_ name: String) -> String {
    let isCode = name.unicodeScalars.allSatisfy { $0 != "`" && $0 != "|" && !$0.steersTerminals }
    return isCode && !name.isEmpty ? "`\(name)`" : escaped(name)
  }

  private static func isMarkup(_ scalar: Unicode.Scalar, at place: Int, of scalars: [Unicode.Scalar]) -> Bool
  {
    let before = scalars[..<place]
    let endsWord = place + 1 == scalars.count || scalars[place + 1].properties.isWhitespace
    return switch scalar {
    case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "|", "~", "&", "@": true
    // An address becomes a link by itself.
    case ":": place + 1 < scalars.count && scalars[place + 1] == "/"
    case ".":
      (endsWord && isNumber(before))
        || before.suffix(3).map(\.properties.lowercaseMapping) == ["w", "w", "w"]
    case ")": endsWord && isNumber(before)
    case "-", "+": place == 0 && (endsWord || scalars[1] == scalar)
    default: false
    }
  }

  /// Whether a point behind it would begin a list.
  private static func isNumber(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    !scalars.isEmpty && scalars.count < 10 && scalars.allSatisfy { ("0"..."9").contains($0) }
  }
}

extension Unicode.Scalar {
  /// Whether readers of text take it for a line's end.
  fileprivate var endsLine: Bool { (0x0a...0x0d).contains(value) || [0x85, 0x2028, 0x2029].contains(value) }
}
