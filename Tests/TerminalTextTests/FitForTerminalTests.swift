import Testing

@testable import TerminalText

struct FitForTerminalTests {
  @Test func whatSteersATerminalIsShownAsCodePoints() {
    #expect(fitForTerminal("\u{1b}[31mred\u{1b}[0m") == #"\u{1B}[31mred\u{1B}[0m"#)
    #expect(fitForTerminal("a\tb\nc\rd\u{0}e\u{7f}") == #"a\tb\nc\rd\0e\u{7F}"#)
    // C1 controls, which are escape sequences of one character.
    #expect(fitForTerminal("\u{9b}2J") == #"\u{009B}2J"#)
    // Marks that turn the direction of writing, an invisible one, and line separators.
    #expect(
      fitForTerminal("\u{202e}\u{2066}\u{200b}\u{2028}\u{2029}")
        == #"\u{202E}\u{2066}\u{200B}\u{2028}\u{2029}"#
    )
  }

  @Test func otherTextStaysAsItIs() {
    for text in ["", "virt/tdx: module initialized", "größer 日本語 🙂 é"] {
      #expect(fitForTerminal(text) == text)
    }
  }

  @Test func whatIsLongIsCut() {
    #expect(fitForTerminal("abcdef", limit: 6) == "abcdef")
    #expect(fitForTerminal("abcdefg", limit: 6) == "abcdef…")
    #expect(fitForTerminal("\u{1}\u{2}\u{3}", limit: 2) == #"\u{01}\u{02}…"#)
    #expect(fitForTerminal("abc", limit: 0) == "…")
  }

  @Test func everyScalarComesOutFit() {
    for value in (0...0x3000).compactMap(Unicode.Scalar.init) {
      let shown = fitForTerminal(String(value))
      #expect(
        !shown.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) },
        "\(value.value)"
      )
    }
  }

  @Test func linesKeepTheirEndsAndColoursAlone() {
    let style = Style(color: true, unicode: true)
    #expect(linesFitForTerminal("a\tb\n\u{1b}[31mc\n") == "a\tb\n\\u{1B}[31mc\n")
    #expect(
      linesFitForTerminal(style.paint("ä", .red) + "\u{9b}\n", style: style)
        == "\u{1b}[31mä\u{1b}[0m\\u{009B}\n"
    )
    // A mark that stands for no colour is none of ours.
    #expect(linesFitForTerminal(String(Unicode.Scalar(0xfdd9 as UInt32)!), style: style) == "\\u{FDD9}")
    // Where there are no colours there are no marks of ours.
    #expect(linesFitForTerminal(style.paint("x", .bold)) == "\\u{FDD0}x\\u{FDEF}")
    #expect(linesFitForTerminal("a\r\nb") == "a\\r\nb")
    for ink in Style.Ink.allCases {
      #expect(linesFitForTerminal(style.paint("x", ink), style: style) == "\u{1b}[\(ink.rawValue)mx\u{1b}[0m")
    }
  }

  @Test func jsonStaysTheSameValue() {
    #expect(
      jsonFitForTerminal("[\"a\u{9b}\u{202e}\u{e0041}ä\"]\n") == "[\"a\\u009b\\u202e\\udb40\\udc41ä\"]\n"
    )
    #expect(jsonFitForTerminal(#"{"a": "\u001b"}"#) == #"{"a": "\u001b"}"#)
  }

  @Test func cellsAreOfOneLine() {
    var table = TextTable([.init("name", .left), .init("n")])
    table.append(["a\nb\u{1b}", "1"])
    #expect(table.lines.last == "a\\nb\\u{1B}  1")
  }
}
