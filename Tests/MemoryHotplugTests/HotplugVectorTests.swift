import Answers
import MemoryHotplug
import TDXMemory
import TestSupport
import Testing

/// The scripts of vectors/hotplug.jsonl, through the parser of scripts.
@Suite struct HotplugVectorTests {
  @Test func all300ScriptsComeOutAsExpected() throws {
    let vectors = try HotplugVector.all()
    #expect(vectors.count == 300)
    for vector in vectors {
      let script = try HotplugScript(vector.script.joined(separator: "\n"))
      var machine = HotplugMachine(
        try MemoryMap(vector.regions),
        convertible: vector.convertible,
        blockSize: try #require(BlockSize(vector.blockSize))
      )
      let answers = script.lines.map { machine.perform($0.operation) }
      #expect(answers.map(\.outcome.rawValue) == vector.expect, "\(vector.id)")
      #expect(answers.allSatisfy { !$0.description.isEmpty }, "\(vector.id): an answer says nothing")
    }
  }
}
