import BenchmarkRecords
import Foundation
import TestSupport
import Testing

@Suite struct KilledRecorderTests {
  @Test("a recorder killed 50 times, at any moment. Expect whole records, and at most one leftover")
  func killed() throws {
    try withFolder { folder in
      var random = SystemRandomNumberGenerator()
      for _ in 0..<50 {
        let recorder = Process()
        recorder.executableURL = productsFolder.appendingPathComponent("record-loop")
        recorder.arguments = [folder]
        try recorder.run()
        // From its first record on, somewhere within the next ones.
        let before = try records(in: folder).count
        while try records(in: folder).count == before, recorder.isRunning { usleep(200) }
        usleep(UInt32.random(in: 0..<5000, using: &random))
        kill(recorder.processIdentifier, SIGKILL)
        recorder.waitUntilExit()
        #expect(recorder.terminationReason == .uncaughtSignal)

        // Each recorder removes what the one before it left, so no more than one is there.
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count { $0.hasPrefix(".tmp-") } <= 1)
      }
      let names = try records(in: folder)
      #expect(names.count >= 50)
      for name in names { _ = try Record.load("\(folder)/\(name)") }
      // The numbers count up without a gap: nothing took a number and vanished.
      let numbers = Dictionary(grouping: names) { $0.prefix { $0 != "." } }
      for (day, names) in numbers {
        for number in 1...names.count { #expect(names.contains { $0.hasPrefix("\(day).\(number)-") }) }
      }
    }
  }

  func records(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".tmp-") }
  }
}
