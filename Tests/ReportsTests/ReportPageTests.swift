import BenchmarkKit
import BenchmarkRecords
import Foundation
import MapReaders
import MemoryHotplug
import TDXMemory
import TestSupport
import Testing

@testable import Reports

@Suite struct ReportPageTests {
  private static let logs = (try? Log.all().filter { !$0.name.hasPrefix("cxl-srat") }) ?? []
  private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized

  /// Expect of every log and every record in results one page below 2 MB that asks for nothing elsewhere.
  @Test func isOneSmallFile() throws {
    let machines = try Self.logs.map { try report($0.name, $0.bytes) }
    let results = Self.root.appendingPathComponent("results").path
    let records = try RecordFolder(results).names().map { try Record.load("\(results)/\($0)") }
    let html = ReportPage(machines: machines, records: RecordReport(records), omissions: []).html
    #expect(html.utf8.count < 2_000_000)
    for log in Self.logs { #expect(html.contains("<h2>\(log.name)</h2>"), "\(log.name)") }
    // The name of SVG's namespace is no request.
    let rest = html.replacing("http://www.w3.org/2000/svg", with: "")
    for address in ["http:", "https:", "//cdn", "@import", "src=", "url(http"] {
      #expect(!rest.contains(address), "\(address)")
    }
    #expect(html.ranges(of: "<script").count == 1)
    let script = html.split(separator: "<script>")[1].split(separator: "</script>")[0]
    #expect(script.split(separator: "\n").count < 60)
    expectBalanced(html)
  }

  /// The failing host: expect the TDMR and the limit in its verdict, the advice's command line, and the optimal plan that
  /// fits.
  @Test func aFailureIsSeenAtOnce() throws {
    let log = try Log.named("tdx-emr-2024-issue135")
    let html = ReportPage(machines: [try report(log.name, log.bytes)], records: nil, omissions: []).html
    let verdict = try #require(html.firstMatch(of: /<p class="verdict bad">(.*)<\/p>/)).1
    #expect(verdict.contains("TDMR [0x0, 0x80000000) needs 18 reserved areas (17 holes and 1 PAMT)"))
    #expect(verdict.contains("the module takes 16"))
    #expect(html.contains("memmap=4K$0x64158000 memmap=4K$0x6f7ff000"))
    #expect(html.contains("Linux fails and the optimal plan fits, with 1 TDMR"))
    #expect(html.contains("<td>ENOSPC</td><td>fits</td>"))
    #expect(html.contains("Memory blocks") && html.contains("Nodes that TDX can use"))
  }

  /// A host whose module is too old: its memory fits, and yet expect the verdict to be bad.
  @Test func aFailureOfTheModuleIsAFailure() throws {
    let log = """
      BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable
      BIOS-e820: [mem 0x0000000100000000-0x00000010ffffffff] usable
      virt/tdx: BIOS enabled: private KeyID range [64, 128)
      virt/tdx: module initialization failed (-5)
      """
    let html = ReportPage(machines: [try report("a.log", Array(log.utf8))], records: nil, omissions: []).html
    #expect(html.contains("class=\"verdict bad\""))
  }

  /// Hosts whose memory fits by what is known, and whose logs tell of failures: of the memory after all, of the processor, of the
  /// module. Expect the page to say of each that TDX does not come up, and the remedy where one is known.
  @Test(arguments: [
    ("TDX-Module initialization failed (-12)", "ENOMEM", "none is known"),
    ("XSAVE is required for TDX", "failed", "boot without `noxsave`"),
    ("module initialization failed (-5)", "EIO", "none is known"),
  ])
  func aFailureInTheLogCounts(message: String, outcome: String, remedy: String) throws {
    let log = """
      Linux version 7.2.0 (b@h)
      BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable
      BIOS-e820: [mem 0x0000000100000000-0x000000087fffffff] usable
      virt/tdx: BIOS enabled: private KeyID range [64, 128)
      virt/tdx: \(message)
      """
    let machines = try ["a.log", "b.log"].map { try report($0, Array(log.utf8)) }
    let html = ReportPage(machines: machines, records: nil, omissions: []).html
    #expect(html.contains("TDX does not come up on 2 of 2."))
    #expect(html.ranges(of: "\u{2717} \(outcome)</span>").count == 2)
    #expect(html.contains("<td>\(remedy)</td>") && !html.contains("none needed"))
    #expect(
      html.contains("TDX would, by what is known of its memory, initialise ")
        && !html.contains("TDX initialises")
    )
  }

  /// Markup in a file's name, in a line of a log and in what could not be read: expect text.
  @Test func markupStaysText() throws {
    let evil = #"<b onclick="x">&'</b>"#
    let log = """
      BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable
      virt/tdx: <b onclick="x">&'</b> failed
      virt/tdx: initialization failed: <b onclick="x">&'</b>.
      """
    let machine = try report(evil, Array(log.utf8))
    let html = ReportPage(
      machines: [machine],
      records: nil,
      omissions: [.init(name: evil, why: "\(evil): no")]
    ).html
    #expect(!html.contains("<b onclick"))
    #expect(html.contains("&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;&lt;/b&gt;"))
    expectBalanced(html)
  }

  /// The same for what a record says.
  @Test func markupInARecordStaysText() throws {
    let evil = "<b>/&'\""
    let html = try ReportPage(
      machines: [],
      records: RecordReport([record(evil, times: [100])]),
      omissions: []
    ).html
    #expect(!html.contains("<b>/"))
    #expect(html.contains("&lt;b&gt;/&amp;&#39;&quot;"))
    expectBalanced(html)
  }

  /// Twenty records whose time doubles after the tenth: expect a step in the history, and no comparison's verdict but
  /// that of the last two, which are the same.
  @Test func aStepIsMarked() throws {
    let records = try (0..<20).map { index in
      try record(
        "plan/a",
        times: [100, 101, 102, 103, 104, 105, 106].map { $0 * (index < 10 ? 1 : 2) + UInt64(index) }
      )
    }
    let html = ReportPage(machines: [], records: RecordReport(records), omissions: []).html
    #expect(html.contains("class=\"step\""))
    #expect(html.firstMatch(of: /1\.9\d+ slower|2\.0\d+ slower/) != nil)
    #expect(html.contains("No time and no allocation count changed."))
  }

  // MARK: - Making

  private func report(_ name: String, _ bytes: [UInt8]) throws -> MachineReport {
    let machine = try readMachine(texts: [(name, bytes)])
    return MachineReport(
      name: name,
      machine,
      hotplug: HotplugMachine(
        machine.map,
        convertible: machine.convertible,
        blockSize: try #require(BlockSize(128 << 20)),
        options: PlanOptions(),
        keyIDBits: 6
      ),
      keyIDBits: 6
    )
  }

  private func record(_ name: String, times: [UInt64]) throws -> Record {
    let workload = Workload(name, why: "A test.", itemsPerCall: 10, bytesPerCall: 1000) {
      Subject {
      } check: {
        nil
      }
    }
    let measurement = Measurement(
      callsPerBatch: 1,
      batches: times,
      allocations: .exact(AllocationCounts(allocations: 3, frees: 3, bytes: 100, peakBytes: 50))
    )
    let report = Report(rows: [Row(workload: workload, outcome: .measured(measurement))])
    return try Record(report, machine: MachineFacts(), build: BuildFacts(), run: RunFacts(arguments: [name]))
  }

  /// Every element that is opened is closed, in order.
  private func expectBalanced(_ html: String) {
    let void: Set = ["meta", "link", "br", "!doctype"]
    var open: [Substring] = []
    let text = html.replacing(/<script>[\s\S]*<\/script>/, with: "").replacing(
      /<style>[\s\S]*?<\/style>/,
      with: ""
    )
    for match in text.matches(of: /<(\/?)([a-zA-Z!][a-zA-Z0-9]*)[^>]*?(\/?)>/) {
      if !match.3.isEmpty || void.contains(match.2.lowercased()) { continue }
      if match.1.isEmpty {
        open.append(match.2)
      } else if open.popLast() != match.2 {
        Issue.record("</\(match.2)> closes nothing")
        return
      }
    }
    #expect(open.isEmpty)
  }
}
