/// Text inside Markdown: names and sentences stay what they are: no markup, no cell, no line of their own.
public enum Markdown {
  public static func escaped(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      if character.isNewline {
        escaped += " "
      } else {
        if "\\`*_{}[]<>#|~".contains(character) { escaped += "\\" }
        escaped.append(character)
      }
    }
  }

  public static func code(_ name: String) -> String {
    // Backslashes do nothing inside a code span, so a name that could end it is not one.
    name.contains { "`|".contains($0) || $0.isNewline } ? escaped(name) : "`\(name)`"
  }
}
