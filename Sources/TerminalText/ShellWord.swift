/// A word as a shell takes it: as it is where nothing in it means anything to a shell.
///
/// What counts are unicode scalars: a shell reads bytes, and knows nothing of accents that join what stands before them.
public func shellWord(_ word: String) -> String {
  let isPlain = word.unicodeScalars.allSatisfy { scalar in
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", "=", ":", ",", "+", "@", "%": true
    default: scalar.value >= 0x80 && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
    }
  }
  return isPlain && !word.isEmpty ? word : quotedForShell(word)
}

/// A word between quotes, so that a shell takes it as it is whatever is in it: `'a b'`, and `$'a\033b'` (POSIX 2024, bash,
/// zsh) where something in it would steer the terminal that it is copied from.
public func quotedForShell(_ word: String) -> String {
  let scalars = word.unicodeScalars
  guard scalars.contains(where: \.steersTerminals) else {
    return "'"
      + scalars.split(separator: "'", omittingEmptySubsequences: false).map { String($0) }.joined(
        separator: #"'\''"#
      ) + "'"
  }
  let inside = scalars.map { scalar -> String in
    if scalar == "'" || scalar == "\\" { return "\\\(scalar)" }
    guard scalar.steersTerminals else { return String(scalar) }
    return String(scalar).utf8.map { byte in
      let digits = String(byte, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }.joined()
  }
  return "$'" + inside.joined() + "'"
}
