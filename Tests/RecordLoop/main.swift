// Records the same small run again and again into the folder that it is called with, until it is killed.
import BenchmarkKit
import BenchmarkRecords

let workload = Workload("a", why: "To be recorded.", itemsPerCall: 1, bytesPerCall: 1) {
  Subject(run: { _ in }, check: { nil })
}
let measurement = Measurement(callsPerBatch: 1, batches: Array(1...1000), allocations: .unavailable)
let report = Report(rows: [Row(workload: workload, outcome: .measured(measurement))])
let machine = MachineFacts()
let build = BuildFacts()
let folder = RecordFolder(CommandLine.arguments[1])
while true {
  let record = try Record(report, machine: machine, build: build, run: RunFacts())
  _ = try folder.write(record, of: report, items: "items")
}
