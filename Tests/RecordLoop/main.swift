// Records the same small run again and again into the folder that it is called with, or, after --baselines, updates the
// baselines in it, until it is killed.
import BenchmarkKit
import BenchmarkRecords

if CommandLine.arguments[1] == "--baselines" {
  updateBaselines(in: BaselineFolder(CommandLine.arguments[2]))
} else {
  record(in: RecordFolder(CommandLine.arguments[1]))
}

func record(in folder: RecordFolder) -> Never {
  let workload = Workload("a", why: "To be recorded.", itemsPerCall: 1, bytesPerCall: 1) {
    Subject(run: { _ in }, check: { nil })
  }
  let measurement = Measurement(callsPerBatch: 1, batches: Array(1...1000), allocations: .unavailable)
  let report = Report(rows: [Row(workload: workload, outcome: .measured(measurement))])
  let machine = MachineFacts()
  let build = BuildFacts()
  while true {
    do {
      let record = try Record(report, machine: machine, build: build, run: RunFacts())
      _ = try folder.write(record, of: report, items: "items")
    } catch {
      fatalError("\(error)")
    }
  }
}

/// Every update has figures of its own, the same in all six files.
func updateBaselines(in folder: BaselineFolder) -> Never {
  let conditions = BaselineConditions(toolchain: "t", processor: "p")
  var generation = Int.random(in: 0..<1 << 40)
  while true {
    generation += 1
    let pairs = (0..<60).map { ("group\($0 % 6)/\($0)", Baseline(result: "right", allocations: generation)) }
    do {
      let baselines = Baselines(conditions: conditions, workloads: Dictionary(uniqueKeysWithValues: pairs))
      try folder.write(baselines) { String($0.split(separator: "/")[0]) }
    } catch {
      fatalError("\(error)")
    }
  }
}
