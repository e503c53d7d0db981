import Foundation
import Testing

@Suite("documents say what is there")
struct DocumentTests {
  private let example: String
  private let readme: String
  private let article: String

  init() throws {
    example = try text("Examples/PlanAMap/Sources/PlanAMap/main.swift")
    readme = try text("README.md")
    article = try text("Sources/MapReaders/MapReaders.docc/FromALogToAPlan.md")
  }

  @Test("the example's code. Expect all of it in README, in one block")
  func readmeHasTheExample() {
    #expect(blocks("swift", in: readme).contains(example))
  }

  @Test("the article's blocks of code, one behind the other. Expect the example's code")
  func articleIsTheExample() {
    #expect(blocks("swift", in: article).joined(separator: "\n") == example)
  }

  @Test(
    "the version that the program says. Expect it in the packages for Python and Spark, README and CHANGELOG"
  )
  func version() throws {
    let words = try Command("--version").output.split(separator: " ")
    let version = try #require(words.dropFirst().first)
    for package in ["python", "spark"] {
      #expect(try text("Integrations/\(package)/pyproject.toml").contains("\nversion = \"\(version)\"\n"))
    }
    #expect(try text("CHANGELOG.md").contains("\n## \(version)\n"))
    #expect(readme.contains("tdxbench_\(version)_amd64.deb"))
  }
}

private let root = URL(filePath: #filePath).appending(path: "../../..").standardized

/// The text of a file of the checkout.
private func text(_ path: String) throws -> String {
  try String(contentsOf: root.appending(path: path), encoding: .utf8)
}

/// What stands in the fenced blocks of a kind.
private func blocks(_ kind: String, in markdown: String) -> [String] {
  markdown.components(separatedBy: "```\(kind)\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
}
