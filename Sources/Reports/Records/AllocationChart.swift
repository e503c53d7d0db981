import BenchmarkKit
import Pictures

/// The allocations of a call, for the workloads that have some.
enum AllocationChart {
  /// - Returns: nil where no workload allocates.
  static func scene(_ workloads: [MeasuredWorkload], name: String) -> Scene? {
    let allocating = workloads.filter { ($0.allocations?.allocations ?? 0) > 0 }
    guard !allocating.isEmpty else { return nil }
    let (left, right, row) = (220.0, 470.0, 20.0)
    let axis = LogAxis(
      allocating.map { Double($0.allocations?.allocations ?? 1) } + [1],
      from: left,
      to: right
    )
    var scene = Scene(
      name: name,
      width: 720,
      height: 40 + Double(allocating.count) * row,
      title: "Allocations of a call",
      summary: "\(allocating.count) of \(workloads.count) workloads allocate"
    )
    var layer = Scene.Layer()
    for tick in axis.ticks(most: 6) {
      let x = axis.place(tick)
      layer.paths.append(
        .init(kind: "grid", data: "M\(coordinate(x)) 26V\(coordinate(scene.height - 6))")
      )
      layer.labels.append(
        .init(kind: "label tick", x: x, y: 20, anchor: .middle, text: Figures.power(tick, unit: ""))
      )
    }
    var y = 30.0
    for workload in allocating {
      guard let counts = workload.allocations else { continue }
      layer.labels.append(.init(x: left - 10, y: y + 12, anchor: .end, text: workload.name))
      let end = max(axis.place(Double(counts.allocations)), left + 3)
      let bytes =
        "\(Figures.rate(Double(counts.bytes), unit: "B")), at most \(Figures.rate(Double(counts.peakBytes), unit: "B")) at once"
      layer.boxes.append(
        .init(
          kind: "own",
          x: left,
          y: y + 2,
          width: end - left,
          height: 13,
          tip: "\(workload.name): \(counts.allocations) allocations, \(bytes)"
        )
      )
      layer.labels.append(
        .init(
          x: end + 6,
          y: y + 12,
          text: "\(counts.isExact ? "" : "~")\(Figures.count(counts.allocations)): \(bytes)"
        )
      )
      y += row
    }
    scene.layers = [layer]
    return scene
  }
}
