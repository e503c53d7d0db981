import BenchmarkKit
import Pictures

/// What each workload takes of its peers' time: a dot and the 95 % interval as whiskers, on one logarithmic axis. Left of
/// 1 the workload is faster.
enum RatioChart {
  private static let left = 262.0
  private static let right = 692.0
  private static let row = 15.0

  /// - Returns: nil where no workload has a peer.
  static func scene(_ workloads: [MeasuredWorkload], name: String) -> Scene? {
    let compared = workloads.filter { $0.reference != nil || $0.copy != nil }
    guard !compared.isEmpty else { return nil }
    let values = compared.flatMap { [$0.reference, $0.copy].compactMap { $0 } }.flatMap { [$0.low, $0.high] }
    let axis = LogAxis(values, from: left, to: right, limits: -3...4)
    let families = compared.families
    let height = 52 + Double(compared.count) * row + Double(families.count) * 22 + 10
    var scene = Scene(
      name: name,
      width: 720,
      height: height,
      title: "Time over that of the peers",
      summary: "\(compared.count) workloads against the C reference and memcpy, with 95 % intervals"
    )
    var layer = Scene.Layer()
    for tick in axis.ticks(most: 7) {
      let x = axis.place(tick)
      layer.paths.append(
        .init(kind: tick == 1 ? "even" : "grid", data: "M\(coordinate(x)) 30V\(coordinate(height - 6))")
      )
      layer.labels.append(
        .init(kind: "label tick", x: x, y: 24, anchor: .middle, text: tick < 1 ? "\(tick)" : "\(Int(tick))")
      )
    }
    layer.labels.append(
      .init(kind: "label quiet", x: axis.place(1) - 8, y: 42, anchor: .end, text: "faster than the peer")
    )
    layer.labels.append(.init(kind: "label quiet", x: axis.place(1) + 8, y: 42, text: "slower"))
    var y = 52.0
    for family in families {
      y += 18
      layer.labels.append(.init(kind: "label head", x: 8, y: y, text: family.name))
      y += 4
      for workload in family.workloads {
        y += row
        layer.labels.append(
          .init(
            x: left - 10,
            y: y,
            anchor: .end,
            text: String(workload.name.dropFirst(family.name.count + 1))
          )
        )
        layer.paths.append(
          .init(kind: "grid", data: "M\(coordinate(left)) \(coordinate(y - 4))H\(coordinate(right))")
        )
        if let copy = workload.copy {
          mark(copy, "copy", "memcpy", workload.name, y - 4, axis, &layer)
        }
        if let reference = workload.reference {
          mark(reference, "reference", "the C reference", workload.name, y - 4, axis, &layer)
        }
      }
    }
    scene.layers = [layer]
    return scene
  }

  private static func mark(
    _ ratio: Estimate,
    _ kind: String,
    _ peer: String,
    _ workload: String,
    _ y: Double,
    _ axis: LogAxis,
    _ layer: inout Scene.Layer
  ) {
    let (x, low, high) = (axis.place(ratio.value), axis.place(ratio.low), axis.place(ratio.high))
    let tip =
      "\(workload): \(Figures.ratio(ratio.value)) of the time of \(peer), "
      + "95 % \(Figures.ratio(ratio.low)) to \(Figures.ratio(ratio.high))"
    let (a, b) = (coordinate(low), coordinate(high))
    layer.paths.append(
      .init(
        kind: "\(kind)-line",
        data: "M\(a) \(coordinate(y))H\(b)M\(a) \(coordinate(y - 3))v6M\(b) \(coordinate(y - 3))v6"
      )
    )
    if !axis.contains(ratio.value) {
      let outward = ratio.value < 1 ? 7.0 : -7.0
      layer.paths.append(
        .init(
          kind: kind,
          data: "M\(coordinate(x)) \(coordinate(y))l\(coordinate(outward)) -4v8z",
          tip: tip
        )
      )
    } else if kind == "copy" {
      layer.paths.append(
        .init(kind: kind, data: "M\(coordinate(x)) \(coordinate(y - 4))l4 4l-4 4l-4 -4z", tip: tip)
      )
    } else {
      layer.dots.append(.init(kind: kind, x: x, y: y, radius: 3.6, tip: tip))
    }
  }
}
