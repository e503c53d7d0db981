import Foundation
import Testing

/// Holds docs/thread.md against the commands that it shows.
@Suite struct ThreadDocumentTests {
  /// A command of the page and what the page says that it prints.
  struct Example: CustomStringConvertible, Sendable {
    var command: String
    var output: [Substring]
    var status: Int32
    var description: String { command }
  }

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let examples: [Example] = {
    let page = root.appendingPathComponent("docs/thread.md")
    let text = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
    var examples: [Example] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside.toggle()
      } else if isInside, line.hasPrefix("$ tdxbench ") {
        examples.append(Example(command: String(line.dropFirst(2)), output: [], status: 0))
      } else if isInside, !examples.isEmpty {
        examples[examples.count - 1].output.append(line)
      } else if line.hasPrefix("Exit status "), let status = Int32(line.dropFirst(12).dropLast()) {
        examples[examples.count - 1].status = status
      }
    }
    return examples
  }()

  @Test func thePageShowsItsCommands() { #expect(Self.examples.count >= 15) }

  /// Expect every line that is shown, in its order; `...` stands for any lines.
  @Test(arguments: examples) func whatIsShownIsWhatIsPrinted(example: Example) throws {
    let run = try Command(words(example.command))
    #expect(run.status == example.status)
    var rest = run.output.split(separator: "\n", omittingEmptySubsequences: false)[...]
    if rest.last == "" { rest = rest.dropLast() }
    var mayLeaveOut = false
    for line in example.output {
      if line == "..." {
        mayLeaveOut = true
        continue
      }
      if mayLeaveOut { rest = rest.drop { $0 != line } }
      mayLeaveOut = false
      #expect(rest.first == line)
      rest = rest.dropFirst()
    }
    #expect(mayLeaveOut || rest.isEmpty)
  }

  /// As a shell splits it: single quotes keep blanks together. Files are those of this package.
  private func words(_ command: String) -> [String] {
    var words: [String] = []
    for (index, part) in command.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
      words += index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
    return words.dropFirst().map { word in
      word.hasPrefix("Examples/") ? Self.root.appendingPathComponent(word).path : word
    }
  }
}
