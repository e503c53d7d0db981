import ArgumentParser
import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Shows a workload over all recorded runs: a line a record, a sparkline, steps marked.",
    discussion: """
      Steps are looked for in the ratio to a peer, which holds where times do not, and for each machine by itself. A \
      record that cannot be read is named on standard error and left out.
      """
  )

  @Argument(help: "The workload, as records name it.")
  var workload: String

  @Option(help: ArgumentHelp("The folder of the records.", valueName: "folder"))
  var results = "results"

  func run() throws {
    let folder = RecordFolder(results)
    let names: [String]
    do throws(RecordError) {
      names = try folder.names()
    } catch {
      throw Failure(error)
    }
    guard !names.isEmpty else { throw Failure("\(results): has no records", .noInput) }
    var summaries: [RecordSummary] = []
    for name in names {
      do throws(RecordError) {
        if let summary = try RecordSummary.load("\(results)/\(name)", workload: workload) {
          summaries.append(summary)
        }
      } catch {
        complain("left out: \(error)")
      }
    }
    guard !summaries.isEmpty else { throw notRecorded(names) }
    let target = OutputTarget(nil)
    try target.write(History(workload, summaries).text(isUnicode: target.style.unicode))
  }

  /// - Parameter records: their names; the last one's workloads are those that are offered.
  private func notRecorded(_ records: [String]) -> Failure {
    let known = records.last.flatMap { try? RecordSummary.workloads("\(results)/\($0)") } ?? []
    let nearest = NameFilter.nearest(to: workload, among: known).joined(separator: ", ")
    return Failure(
      "no record has the workload \(workload)" + (nearest.isEmpty ? "" : "; the nearest are \(nearest)"),
      .wrongUsage
    )
  }
}
