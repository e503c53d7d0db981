import Testing

@testable import TerminalText

private let coloured = Style(color: true, unicode: true)

@Suite struct LayoutTests {
  @Test("colours take no column, and a character takes one however many bytes it has")
  func columns() {
    #expect("plain".columnCount == 5)
    #expect(coloured.paint("red", .red).columnCount == 3)
    #expect(coloured.paint("█▒·", .bold).columnCount == 3)
    #expect("a\r\nb".columnCount == 3)
    #expect("".columnCount == 0)
  }

  @Test("padded text has the columns that it is asked for, coloured or not, or as many as it had")
  func padding() {
    #expect("ab".padded(to: 4, .left) == "ab  ")
    #expect("ab".padded(to: 4, .right) == "  ab")
    #expect("·".padded(to: 3, .right) == "  ·")
    #expect(coloured.paint("ab", .bold).padded(to: 3, .left) == coloured.paint("ab", .bold) + " ")
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
    let red = coloured.paint("ab", .red)
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
    #expect(
      linesFitForTerminal(table.text(coloured), style: coloured) == "\u{1b}[1mname  n\u{1b}[0m\na     1\n"
    )
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

@Suite struct MarkdownTests {
  @Test(
    "text stays text: scalars that make markup are escaped, whatever stands behind them",
    arguments: [
      ("a|b", #"a\|b"#), ("a|\u{301}b", "a\\|\u{301}b"), ("`\u{301}x`", "\\`\u{301}x\\`"),
      ("<b>&lt;", #"\<b\>\&lt;"#), ("[x](y)", #"\[x\](y)"#), ("![x]", #"!\[x\]"#),
      ("*a* _b_ ~c~", #"\*a\* \_b\_ \~c\~"#),
      ("a\nb\r\nc\u{2028}d\u{85}e", "a b  c d e"), ("http://x www.x @me", #"http\://x www\.x \@me"#),
      ("- a", #"\- a"#), ("1. a", #"1\. a"#), ("2) a", #"2\) a"#), ("1.5 ns", "1.5 ns"), ("+1", "+1"),
      ("---", #"\---"#),
      ("a 1.5 - b", "a 1.5 - b"),
      ("\u{1b}[31m", #"\\u\{1B\}\[31m"#), ("\u{202e}", #"\\u\{202E\}"#), ("\\|", #"\\\|"#),
    ]
  )
  func escaping(text: String, escaped: String) { #expect(Markdown.escaped(text) == escaped) }

  @Test("code is code only where nothing in it can end it, for scalars and not for characters")
  func code() {
    #expect(Markdown.code("a/b*c") == "`a/b*c`")
    #expect(Markdown.code("a`\u{301}b") == "a\\`\u{301}b")
    #expect(Markdown.code("a|\u{20e3}b") == "a\\|\u{20e3}b")
    #expect(Markdown.code("a\r\nb") == "a  b")
    #expect(Markdown.code("a\u{202e}") == #"a\\u\{202E\}"#)
    #expect(Markdown.code("") == "")
  }

  @Test("no scalar of a text makes a cell or a line more, or markup, whatever stands beside it")
  func everyScalar() {
    for value in (0...0x3000).compactMap(Unicode.Scalar.init) {
      for text in ["a\(value)b", "a\(value)\u{301}", "\u{301}\(value)\u{fe0f}"] {
        for shown in [Markdown.escaped(text), Markdown.code(text)] {
          var isEscaped = false
          let isCode = shown.unicodeScalars.first == "`"
          for scalar in shown.unicodeScalars {
            let isLive =
              isCode
              ? "|\n\r".unicodeScalars.contains(scalar) : "|`<[*_~&\n\r".unicodeScalars.contains(scalar)
            #expect(!isLive || isEscaped, "\(value.value): \(shown.debugDescription)")
            isEscaped = scalar == "\\" && !isEscaped
          }
        }
      }
    }
  }
}

@Suite struct ShellWordTests {
  @Test(
    "words that mean something to a shell are quoted, others are not",
    arguments: [
      ("numactl", "numactl"), ("--membind=0-3,+1", "--membind=0-3,+1"), ("", "''"), ("a b", "'a b'"),
      ("it's", #"'it'\''s'"#), ("it'\u{301}s", "'it'\\''\u{301}s'"), ("a/\u{301}", "'a/\u{301}'"),
      ("a\nb", #"$'a\012b'"#), ("\u{9b}'\\", #"$'\302\233\'\\'"#), ("$HOME", "'$HOME'"), ("a*", "'a*'"),
      ("ä/ß", "ä/ß"),
    ]
  )
  func words(word: String, quoted: String) { #expect(shellWord(word) == quoted) }
}
