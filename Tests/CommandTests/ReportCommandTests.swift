import Foundation
import TestSupport
import Testing

@Suite struct ReportCommandTests {
  private static let results = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../results")
    .standardized.path

  /// Two machines and all records: expect one page with all of them, and nothing on standard output.
  @Test func writesOnePage() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("report.html").path
      let logs = [Log.path("tdx-1t-5cmr"), Log.path("tdx-emr-2024-issue135")]
      let report = try Command(["report", Self.results] + logs + ["--output", file])
      #expect(report.status == 0 && report.output.isEmpty && report.errors.isEmpty, "\(report.errors)")
      let page = try String(contentsOfFile: file, encoding: .utf8)
      #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
      #expect(
        page.contains("<h2>tdx-1t-5cmr.log</h2>") && page.contains("<h2>tdx-emr-2024-issue135.log</h2>")
      )
      #expect(page.contains("TDX does not come up on 1 of 2"))
      #expect(page.contains("id=\"records\""))
    }
  }

  /// A log that is not there: expect a page with the others that names it, and exit status 65.
  @Test func namesWhatIsLeftOut() throws {
    let report = try Command("report", Log.path("tdx-1t-5cmr"), "no-such.log", "-o", "-")
    #expect(report.status == 65)
    #expect(report.errors.contains("left out: no-such.log"))
    #expect(report.output.contains("Left out") && report.output.contains("no-such.log"))
  }

  @Test func refusesWhatIsNoQuestion() throws {
    #expect(try Command("report", "-o", "-").status == 64)
    #expect(try Command("report", Log.path("tdx-1t-5cmr")).status == 64)
    #expect(try Command("report", Log.path("tdx-1t-5cmr"), "-o", "/no/such/folder/report.html").status == 74)
  }

  /// A machine on standard input.
  @Test func readsStandardInput() throws {
    let log = "BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable\n"
    let report = try Command("report", "-", "-o", "-", input: log)
    #expect(report.status == 0 && report.output.contains("<h2>standard input</h2>"))
  }
}
