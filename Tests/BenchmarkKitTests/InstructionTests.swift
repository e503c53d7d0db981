import Testing

@testable import BenchmarkKit

@Suite("instructions") struct InstructionTests {
  let dump = """
    # callgrind format
    version: 1
    creator: callgrind-3.19.0
    pid: 1
    cmd:  ./program
    part: 1

    desc: I1 cache: \n
    desc: Timerange: Basic block 0 - 1888
    desc: Trigger: Client Request: call

    positions: line
    events: Ir
    summary: 10064

    fn=main
    0 10064
    totals: 10064
    """

  @Test("a dump of callgrind") func parse() throws {
    let parsed = try #require(CallgrindDump(dump))
    #expect(parsed.trigger == "call")
    #expect(parsed.instructions == 10064)
  }

  @Test("dumps that are torn, of something else, or at the program's end. Expect nothing")
  func refused() {
    #expect(CallgrindDump("") == nil)
    #expect(CallgrindDump(String(dump.prefix(120))) == nil)
    #expect(CallgrindDump(dump.replacingOccurrence(of: "events: Ir", with: "events: Dr Ir")) == nil)
    #expect(CallgrindDump(dump.replacingOccurrence(of: "totals: 10064", with: "totals: many")) == nil)
    #expect(
      CallgrindDump(dump.replacingOccurrence(of: "Client Request: call", with: "Program termination")) == nil
    )
  }

  @Test("this process, which valgrind does not run. Expect that nothing is counted")
  func noValgrind() {
    let workload = Workload("a", why: "To be refused.", itemsPerCall: 1, bytesPerCall: 1) {
      Subject(run: { _ in }, check: { nil })
    }
    #expect(throws: InstructionError.self) { try InstructionCounter.countCall(of: workload) }
  }
}

extension String {
  fileprivate func replacingOccurrence(of old: String, with new: String) -> String {
    split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }
}
