import TerminalText
import Testing

@Suite struct LayoutTests {
  @Test("colours take no column, and a character takes one however many bytes it has")
  func columns() {
    #expect("plain".columnCount == 5)
    #expect("\u{1b}[31mred\u{1b}[0m".columnCount == 3)
    #expect("\u{1b}[1m█▒·\u{1b}[0m".columnCount == 3)
    #expect("a\r\nb".columnCount == 3)
    #expect("".columnCount == 0)
  }

  @Test("padded text has the columns that it is asked for, coloured or not, or as many as it had")
  func padding() {
    #expect("ab".padded(to: 4, .left) == "ab  ")
    #expect("ab".padded(to: 4, .right) == "  ab")
    #expect("·".padded(to: 3, .right) == "  ·")
    #expect("\u{1b}[1mab\u{1b}[0m".padded(to: 3, .left) == "\u{1b}[1mab\u{1b}[0m ")
    #expect("abc".padded(to: 2, .left) == "abc")
    #expect(" a  ".withoutTrailingBlanks == " a")
    #expect("   ".withoutTrailingBlanks == "")
  }

  @Test("a long name loses its middle")
  func shortening() {
    #expect("abcdefgh".shortened(to: 8) == "abcdefgh")
    #expect("abcdefgh".shortened(to: 5) == "ab…gh")
    #expect("abcdefgh".shortened(to: 4) == "a…gh")
  }

  @Test("a line is broken at the last blank that fits; what follows stands behind the indent")
  func wrapping() {
    #expect(wrapped("aa bb cc", to: 5) == ["aa bb", "cc"])
    #expect(wrapped("aa bb cc", to: 4) == ["aa", "bb", "cc"])
    #expect(wrapped("aa bb cc dd", to: 5, indent: "  ") == ["aa bb", "  cc", "  dd"])
    #expect(wrapped("aa bb c dd", to: 5, indent: " ") == ["aa bb", " c dd"])
  }

  @Test("a word that is longer than a line stays whole; blanks of every kind part words, and none is kept")
  func oddText() {
    #expect(wrapped("a verylongword b", to: 4) == ["a", "verylongword", "b"])
    #expect(wrapped(" a \t b\n\nc ", to: 80) == ["a b c"])
    #expect(wrapped("", to: 4) == [""])
    #expect(paragraph(" \n ") == "")
  }

  @Test("colours do not make a line longer")
  func colouredLine() {
    let red = "\u{1b}[31mab\u{1b}[0m"
    #expect(wrapped("\(red) \(red) \(red)", to: 5) == ["\(red) \(red)", red])
  }

  @Test("text beside a label: 80 columns, ten of them for labels")
  func label() {
    let words = Array(repeating: "words", count: 14).joined(separator: " ")
    #expect(
      labelled("Note", words)
        == """
        Note      words words words words words words words words words words words
                  words words words

        """
    )
    #expect(labelled("", "x") == "          x\n")
  }

  @Test("a paragraph: 80 columns, the second line behind two blanks")
  func paragraphs() {
    let text = paragraph(Array(repeating: "words", count: 14).joined(separator: " "))
    #expect(
      text
        == """
        words words words words words words words words words words words words words
          words

        """
    )
  }
}

@Suite struct TableTests {
  @Test("columns as wide as their cells, no blank at the end of a line")
  func widths() {
    var table = TextTable([.init("name", .left), .init("n"), .init("", .left)])
    table.append(["a", "1000", ""])
    table.append(["bcdefg", "1", "<"])
    #expect(
      table.text
        == """
        name       n
        a       1000
        bcdefg     1  <

        """
    )
  }

  @Test("columns that are never narrower, cells that are cut, one blank between columns")
  func bounds() {
    var table = TextTable([.init("name", .left, widest: 5), .init("n", narrowest: 4)], gap: 1)
    table.append(["abcdefgh", "1"])
    #expect(table.lines == ["name     n", "ab…gh    1"])
  }

  @Test("a head in bold, over the columns where it stood without")
  func boldHead() {
    var table = TextTable([.init("name", .left), .init("n")])
    table.append(["a", "1"])
    #expect(table.text(Style(color: true, unicode: true)) == "\u{1b}[1mname  n\u{1b}[0m\na     1\n")
    #expect(table.text(.plain) == table.text)
  }

  @Test("a table of Markdown, with what could end a cell escaped")
  func markdown() {
    var table = MarkdownTable([("name", .left), ("n", .right)])
    table.append([Markdown.code("a|b"), Markdown.escaped("1|2\n3")])
    table.append([Markdown.code("a"), "1"])
    #expect(
      table.text
        == #"""
        | name | n |
        | --- | --: |
        | a\|b | 1\|2 3 |
        | `a` | 1 |

        """#
    )
  }
}

@Suite struct ShellWordTests {
  @Test(
    "words that mean something to a shell are quoted, others are not",
    arguments: [
      ("numactl", "numactl"), ("--membind=0-3,+1", "--membind=0-3,+1"), ("", "''"), ("a b", "'a b'"),
      ("it's", #"'it'\''s'"#), ("$HOME", "'$HOME'"), ("a*", "'a*'"), ("ä/ß", "ä/ß"),
    ]
  )
  func words(word: String, quoted: String) { #expect(shellWord(word) == quoted) }
}
