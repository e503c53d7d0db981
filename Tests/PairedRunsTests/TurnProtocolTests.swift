import PairedRuns
import Testing

@Suite("what builds say to each other") struct TurnProtocolTests {
  /// Sentences that begin with a mark, which is one character with the blank before it, or with line ends. Expect that an
  /// answer with one is still an answer when it is written again.
  @Test(arguments: ["ok", "\u{301}ok", "\r\u{485}x", "\n\u{301}", "", " ", " \u{301}", "ok \u{301}"])
  func sentencesThatBeginStrangely(expectation: String) {
    #expect(TurnAnswers.survive("ready 2 0 0 - - \(expectation)"))
    #expect(TurnAnswers.survive("workload \(expectation) small"))
    #expect(TurnAnswers.survive("tdxbench-turns 1 \(expectation)"))
  }
}
