/// A command line as a POSIX shell parts it into words: blanks part, quotes and backslashes keep together. Nothing is
/// expanded; a quote that is not closed reaches to the end.
struct ShellWords {
  private(set) var words: [String] = []

  init(_ line: String) {
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        // Within double quotes a backslash stands for itself before most characters.
        if quote == "\"", !"$`\"\\".contains(character) { word?.append("\\") }
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
        word = word ?? ""
      } else if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if quote == nil, character.isWhitespace {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
  }
}
