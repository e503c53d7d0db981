/// A word as a shell takes it: as it is where nothing in it means anything to a shell.
public func shellWord(_ word: String) -> String {
  let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0) }
  return isPlain && !word.isEmpty ? word : quotedForShell(word)
}

/// A word between quotes, so that a shell takes it as it is whatever is in it.
public func quotedForShell(_ word: String) -> String {
  "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
}
