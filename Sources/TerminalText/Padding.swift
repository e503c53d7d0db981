public enum TextAlignment: Sendable { case left, right }

extension String {
  /// At least `width` columns, with blanks behind or before it.
  public func padded(to width: Int, _ alignment: TextAlignment) -> String {
    let blanks = String(repeating: " ", count: max(0, width - columnCount))
    return alignment == .left ? self + blanks : blanks + self
  }

  /// At most `width` characters: the middle gives way, because the kind stands at the front of a name and what
  /// tells it from its neighbours at the end.
  public func shortened(to width: Int) -> String {
    guard count > width else { return self }
    let front = (width - 1) / 2
    return prefix(front) + "…" + suffix(width - 1 - front)
  }

  /// Without the blanks at the end.
  public var withoutTrailingBlanks: String {
    guard let last = utf8.lastIndex(where: { $0 != UInt8(ascii: " ") }) else { return "" }
    return String(self[...last])
  }
}
