/// Text from an input, fit to be shown on a terminal: control characters, and with them escape sequences, marks that
/// turn the direction of writing, and line separators are shown as their code points, `\u{1B}`.
///
/// The only place where that is done; who prints what an input said asks here. Cost: O(n).
///
/// - Parameter limit: the most characters of the text that are kept; `…` says that there were more.
public func fitForTerminal(_ text: String, limit: Int = .max) -> String {
  if text.utf8.count <= limit, text.isPrintableASCII { return text }
  var shown = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == limit { return shown + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
      shown += scalar.escaped(asASCII: true)
    default:
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

extension String {
  /// As almost all text is; some 3 instructions a byte, where `utf8.allSatisfy` takes 40.
  fileprivate var isPrintableASCII: Bool {
    func isPrintable(_ bytes: some Sequence<UInt8>) -> Bool {
      for byte in bytes where byte &- 0x20 >= 0x5f { return false }
      return true
    }
    return utf8.withContiguousStorageIfAvailable(isPrintable) ?? isPrintable(utf8)
  }
}
