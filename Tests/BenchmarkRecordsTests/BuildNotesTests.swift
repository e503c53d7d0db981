import Testing

@testable import BenchmarkRecords

@Suite("What is written beside a program")
struct BuildNotesTests {
  @Test("SwiftPM's file has the compiler, whatever stands before its version")
  func built() {
    let text = "Apple Swift version 6.3.1 (swift-6.3.1-RELEASE)\nTarget: x86_64-unknown-linux-gnu\n"
    let notes = BuildNotes(text)
    #expect(notes.compiler == "Swift 6.3.1 (swift-6.3.1-RELEASE)")
    #expect(notes.commit == nil)
  }

  @Test("an installation adds the commit, and whether it is all of what was built", arguments: [false, true])
  func installed(isModified: Bool) {
    let commit = String(repeating: "a1", count: 20)
    let notes = BuildNotes(
      "commit \(commit)\(isModified ? " modified" : "")\nSwift version 6.3.1 (swift-6.3.1-RELEASE)\n"
    )
    #expect(notes.commit == commit)
    #expect(notes.isModified == isModified)
    #expect(notes.compiler == "Swift 6.3.1 (swift-6.3.1-RELEASE)")
  }

  @Test("what says neither is nothing", arguments: ["", "\n", "commit", "Swift version "])
  func empty(text: String) {
    #expect(BuildNotes(text).commit == nil)
    #expect(BuildNotes(text).compiler.map { $0.count > "Swift ".count } ?? true)
  }

  @Test("this program was built by a compiler that its folder names")
  func thisProgram() {
    #expect(BuildFacts().compiler.hasPrefix("Swift 6."))
  }
}
