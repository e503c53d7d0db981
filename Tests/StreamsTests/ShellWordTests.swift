import Testing

@testable import Requests

/// A command line in a request, as a shell parts it.
@Suite struct ShellWordTests {
  @Test(
    arguments: [
      ("", []), ("  \t ", []), ("a", ["a"]), (" a  b\tc\n", ["a", "b", "c"]), ("''", [""]), ("a''b", ["ab"]),
      ("'a b' c", ["a b", "c"]), (#""a 'b'" 'c "d"'"#, ["a 'b'", #"c "d""#]),
      (#"a\ b \\ \'"#, ["a b", #"\"#, "'"]),
      (#""a\"b\\c\d""#, [#"a"b\c\d"#]), (#"'a\b'"#, [#"a\b"#]), ("'open to the end", ["open to the end"]),
      ("numactl --membind='0 1' qemu", ["numactl", "--membind=0 1", "qemu"]),
    ] as [(String, [String])]
  )
  func partsWords(line: String, words: [String]) {
    #expect(ShellWords(line).words == words)
  }
}
