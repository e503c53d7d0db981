/// The one of some words that a mistyped one may have meant: the nearest, where at most a third of its letters, and one
/// at least, must be changed, added, left out or swapped with their neighbours. Case does not count.
///
/// - Complexity: O(characters of all words x characters of the mistyped one).
public func suggestion(for word: String, among words: [String]) -> String? {
  let typed = Array(word.lowercased())
  let ranked = words.map { (distance(typed, Array($0.lowercased())), $0) }
  guard let (least, nearest) = ranked.min(by: { $0.0 < $1.0 }) else { return nil }
  return least <= max(1, min(typed.count, nearest.count) / 3) ? nearest : nil
}

/// `; did you mean X?`, or nothing.
public func didYouMean(_ word: String, among words: [String]) -> String {
  suggestion(for: word, among: words).map { "; did you mean \($0)?" } ?? ""
}

/// The least number of edits, a swap of neighbours being one (optimal string alignment).
private func distance(_ one: [Character], _ other: [Character]) -> Int {
  guard one.count <= 64 else { return .max }
  var (beforeLast, last) = ([Int](), Array(0...other.count))
  for (row, letter) in one.enumerated() {
    var current = [row + 1]
    for (column, counterpart) in other.enumerated() {
      var least = min(
        last[column + 1] + 1,
        current[column] + 1,
        last[column] + (letter == counterpart ? 0 : 1)
      )
      if row > 0, column > 0, letter == other[column - 1], one[row - 1] == counterpart {
        least = min(least, beforeLast[column - 1] + 1)
      }
      current.append(least)
    }
    (beforeLast, last) = (last, current)
  }
  return last[other.count]
}
