/// How text is drawn: with or without colour, with block characters or plain ASCII, for a terminal or for a file.
public struct Style: Sendable {
  public var color: Bool
  public var unicode: Bool
  /// The columns of the terminal that shows the text; nil where none does.
  public var columns: Int?

  public init(color: Bool, unicode: Bool, columns: Int? = nil) {
    self.color = color
    self.unicode = unicode
    self.columns = columns
  }

  public static let plain = Style(color: false, unicode: true)

  public enum Ink: String, Sendable, CaseIterable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"
  }

  /// The text between a mark for its colour and one for the colour's end.
  ///
  /// Inside the program a colour is a noncharacter of Unicode, which is what those are for; ``linesFitForTerminal(_:)``
  /// makes escape sequences of them where text leaves. So an escape sequence that is found in a text is none of ours.
  public func paint(_ text: String, _ ink: Ink) -> String {
    guard color, !text.isEmpty else { return text }
    var painted = String(Self.mark(Ink.allCases.firstIndex(of: ink)!))
    painted += text
    painted.unicodeScalars.append(Self.end)
    return painted
  }

  private static let firstMark: UInt32 = 0xfdd0
  private static let end = Unicode.Scalar(0xfdef as UInt32)!

  private static func mark(_ place: Int) -> Unicode.Scalar { Unicode.Scalar(firstMark + UInt32(place))! }

  /// Whether a scalar is one of the marks, which take no column.
  static func isMark(_ scalar: Unicode.Scalar) -> Bool { (firstMark...end.value).contains(scalar.value) }

  /// The escape sequence that a mark stands for; nil for what is no mark.
  static func colourCode(_ scalar: Unicode.Scalar) -> String? {
    guard isMark(scalar) else { return nil }
    if scalar == end { return "\u{1b}[0m" }
    let place = Int(scalar.value - firstMark)
    return Ink.allCases.indices.contains(place) ? "\u{1b}[\(Ink.allCases[place].rawValue)m" : nil
  }
}
