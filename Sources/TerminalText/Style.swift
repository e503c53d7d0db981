/// How text is drawn: with or without colour, with block characters or plain ASCII.
public struct Style: Sendable {
  public var color: Bool
  public var unicode: Bool

  public init(color: Bool, unicode: Bool) {
    self.color = color
    self.unicode = unicode
  }

  public static let plain = Style(color: false, unicode: true)

  public enum Ink: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"
  }

  public func paint(_ text: String, _ ink: Ink) -> String {
    color && !text.isEmpty ? "\u{1b}[\(ink.rawValue)m\(text)\u{1b}[0m" : text
  }
}
