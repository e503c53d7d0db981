import Answers
import Foundation
import MapReaders
import TDXMemory
import TerminalText
import Testing

import struct TestSupport.Log

/// What `plan` prints for each log, held against files in Golden.
///
/// To record them anew: `RECORD=1 swift test --filter AnswersTests`, and read the diff.
@Suite struct PlanTextTests {
  static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Golden"
  )
  static let logs = (try? Log.all().filter { !$0.name.hasPrefix("cxl-srat") }) ?? []

  @Test(arguments: logs, [Policy.linux, .linuxCMR]) func printsWhatIsRecorded(log: Log, policy: Policy) throws
  {
    let text = try render(log, policy)
    let file = Self.golden.appendingPathComponent(
      log.name.replacing(".log", with: "") + ".\(policy.rawValue).txt"
    )
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    #expect(text == recorded)
  }

  /// Expect at most 80 characters a line, but for the kernel's own lines, which stay whole.
  @Test(arguments: logs, [Policy.linux, .linuxCMR]) func fits80Columns(log: Log, policy: Policy) throws {
    for line in try render(log, policy).split(separator: "\n") where !line.hasPrefix("  virt/tdx: ") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test(arguments: ["tdx-1t-5cmr", "tdx-emr-2024-issue135"]) func colourChangesNothingButColour(
    log name: String
  ) throws {
    let log = try Log.named(name)
    let plain = try render(log, .linux)
    let style = Style(color: true, unicode: true)
    let coloured = linesFitForTerminal(try render(log, .linux, style: style), style: style)
    #expect(coloured.contains("\u{1b}["))
    #expect(coloured.replacing(/\u{1b}\[\d+m/, with: "") == plain)
    #expect(!plain.contains("\u{1b}"))
  }

  @Test func asciiNeedsNoUnicode() throws {
    let text = try render(Log.named("tdx-1t-5cmr"), .linux, style: Style(color: false, unicode: false))
    #expect(text.allSatisfy { $0.isASCII })
    #expect(text.contains("0 +##########"))
  }

  /// More TDMRs than a screen holds: expect 64 of them, and how many more there are.
  @Test func longPlansAreCutOff() throws {
    let regions = (0..<100).map { MemoryRegion(start: UInt64($0) << 32, end: UInt64($0) << 32 + 1 << 30) }
    let machine = Machine(
      map: try MemoryMap(regions),
      source: .memblock,
      convertible: nil,
      keyIDBits: nil,
      observed: Observations(),
      blockSize: nil,
      notes: []
    )
    let options = PlanOptions(placement: .bottom, limits: ModuleLimits(maxTDMRs: 100, maxReserved: 200))
    let text = render(machine, options)
    #expect(text.contains("... and 36 more: --format json lists all"))
    #expect(text.contains("fits: 100 TDMRs"))
    #expect(text.contains("virt/tdx: consumed TDMRs reaching limit: 100 used out of 100"))
  }

  @Test("what keeps the machine from being a TDX host is said before anything else, and once")
  func obstacleComesFirst() throws {
    var machine = try readMachine(texts: [("log", Log.named("tdx-1t-5cmr").bytes)])
    let plain = render(machine, PlanOptions())
    machine.obstacle = "This machine is no TDX host."
    #expect(render(machine, PlanOptions()) == "Host      This machine is no TDX host.\n" + plain)
    #expect(machine.remarks.first == "This machine is no TDX host.")
  }

  private func render(_ log: Log, _ policy: Policy, style: Style = .plain) throws -> String {
    let machine = try readMachine(texts: [(log.name, log.bytes)])
    return render(machine, PlanOptions(policy: policy), style: style)
  }

  private func render(_ machine: Machine, _ options: PlanOptions, style: Style = .plain) -> String {
    let session = PlanSession()
    return machine.map.withRegions { regions in
      (machine.convertible ?? []).withUnsafeBufferPointer { convertible in
        let (plan, verdict) = session.plan(
          regions,
          convertible: machine.convertible == nil ? nil : convertible,
          options: options,
          keyIDBits: 6
        )
        return PlanText(plan, of: machine, options: options, verdict: verdict, style: style).render()
      }
    }
  }
}

extension Log: CustomTestStringConvertible {
  public var testDescription: String { name }
}
