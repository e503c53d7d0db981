import BenchmarkKit
import BenchmarkRecords

/// A workload of a record with its statistics, computed once.
struct MeasuredWorkload {
  let name: String
  /// What its figures are shown with: `construct/linux`.
  let family: String
  let bytesPerCall: Int
  let time: Estimate
  let spread: Double?
  let itemsPerSecond: Double?
  let bytesPerSecond: Double?
  let reference: Estimate?
  let copy: Estimate?
  let allocations: Samples.Counts?
  let samples: Samples.Workload

  init?(_ workload: Samples.Workload, in samples: Samples) {
    let measurement = workload.measurement
    guard let time = measurement.nanosecondsPerCall, time.value > 0 else { return nil }
    name = workload.name
    let parts = workload.name.split(separator: "/")
    family = parts.prefix(parts.first == "construct" ? 2 : 1).joined(separator: "/")
    bytesPerCall = workload.bytesPerCall
    self.time = time
    spread = measurement.relativeSpread
    itemsPerSecond = workload.itemsPerCall > 0 ? measurement.perSecond(workload.itemsPerCall) : nil
    bytesPerSecond = workload.bytesPerCall > 0 ? measurement.perSecond(workload.bytesPerCall) : nil
    reference = samples.ratio(of: workload, to: .reference)
    copy = samples.ratio(of: workload, to: .memcpy)
    allocations = workload.allocations
    self.samples = workload
  }
}

extension Sequence<MeasuredWorkload> {
  /// The families in the order in which they first appear.
  var families: [(name: String, workloads: [MeasuredWorkload])] {
    var families: [(name: String, workloads: [MeasuredWorkload])] = []
    for workload in self {
      if let index = families.firstIndex(where: { $0.name == workload.family }) {
        families[index].workloads.append(workload)
      } else {
        families.append((workload.family, [workload]))
      }
    }
    return families
  }
}
