extension TextCursor {
  /// Whether this is another word than `word`, and one letter that is missing, too many, another, or has changed places with
  /// its neighbour makes the difference.
  func isSlip(of word: StaticString) -> Bool {
    let (start, length) = (word.utf8Start, word.utf8CodeUnitCount)
    guard abs(count - length) <= 1, !equals(word) else { return false }
    var front = 0
    while front < min(count, length), position[front] == start[front] { front += 1 }
    var back = 0
    while back < min(count, length) - front, end[-1 - back] == start[length - 1 - back] { back += 1 }
    if max(count, length) - front - back <= 1 { return true }
    return count == length && count - front - back == 2 && position[front] == start[front + 1]
      && position[front + 1] == start[front]
  }
}
