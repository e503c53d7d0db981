/// Text from an input, fit to be shown on a terminal: control characters, and with them escape sequences, marks that
/// turn the direction of writing, and line separators are shown as their code points, `\u{1B}`.
///
/// Who prints a part of what an input said asks here, so that it is one line whatever is in it. Whatever was forgotten is
/// made fit where text leaves the program: see ``linesFitForTerminal(_:)``. Cost: O(n).
///
/// - Parameter limit: the most characters of the text that are kept; `…` says that there were more.
public func fitForTerminal(_ text: String, limit: Int = .max) -> String {
  if text.utf8.count <= limit, text.isPrintableASCII { return text }
  var shown = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == limit { return shown + "…" }
    if scalar.steersTerminals {
      shown += scalar.escaped(asASCII: true)
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// Lines that are ready to leave the program, whoever made them: line ends and tabs stay, the marks of ``Style`` become
/// the colours that they stand for where it has colours, and everything else that steers a terminal is shown as its code
/// point. Who says such a mark himself gets a colour on a terminal at most.
///
/// The only place where escape sequences are made, and the one that all text for people goes through on its way out:
/// `OutputTarget` and `complain` of the program. Cost: O(n).
public func linesFitForTerminal(_ text: String, style: Style = .plain) -> String {
  if text.isPrintableASCII(or: isLayout) { return text }
  var shown = ""
  shown.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    if style.color, let code = Style.colourCode(scalar) {
      shown += code
    } else if scalar.steersTerminals, scalar != "\n", scalar != "\t" {
      shown += scalar.escaped(asASCII: true)
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// The same of a part of a line, such as a cell of a table: the marks of ``Style`` stay marks, and no line ends in it.
func cellFitForTerminal(_ text: String) -> String {
  if text.isPrintableASCII { return text }
  var shown = ""
  for scalar in text.unicodeScalars {
    if scalar.steersTerminals, !Style.isMark(scalar) {
      shown += scalar.escaped(asASCII: true)
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// A JSON text for a terminal: the same value, with what steers terminals as `\u001b`. It stands inside strings alone,
/// where JSON allows it from U+007F on. Cost: O(n).
public func jsonFitForTerminal(_ text: String) -> String {
  if text.isPrintableASCII(or: isLayout) { return text }
  var shown = ""
  for scalar in text.unicodeScalars {
    if scalar.steersTerminals, scalar.value >= 0x7f {
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        shown += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// A line end or a tab, which lay lines out.
private func isLayout(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x09 }

extension Unicode.Scalar {
  /// Whether a terminal may do something else with it than to show it: controls (C0, C1), invisible marks of format and of
  /// the direction of writing, separators of lines, and what Unicode has not assigned.
  var steersTerminals: Bool {
    if value >= 0x20, value < 0x7f { return false }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: return true
    default: return false
    }
  }
}

extension String {
  fileprivate var isPrintableASCII: Bool { isPrintableASCII { _ in false } }

  /// As almost all text is; some 3 instructions a byte, where `utf8.allSatisfy` takes 40.
  @inline(__always)
  fileprivate func isPrintableASCII(or isOther: (UInt8) -> Bool) -> Bool {
    func isPrintable(_ bytes: some Sequence<UInt8>) -> Bool {
      for byte in bytes where byte &- 0x20 >= 0x5f && !isOther(byte) { return false }
      return true
    }
    return utf8.withContiguousStorageIfAvailable(isPrintable) ?? isPrintable(utf8)
  }
}
