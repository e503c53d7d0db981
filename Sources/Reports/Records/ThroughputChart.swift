import BenchmarkKit
import Pictures

/// Bytes per second against bytes per call, both logarithmic, of the workloads of a family: themselves, and what memcpy
/// and the C reference made of the same bytes in the same rounds.
enum ThroughputChart {
  private struct Point {
    var x: Double
    var y: Double
    var tip: String
  }

  /// - Returns: nil where no workload of the family has bytes.
  static func scene(_ family: String, _ workloads: [MeasuredWorkload], name: String) -> Scene? {
    let own = points(workloads) { _ in 1 }
    guard !own.isEmpty else { return nil }
    let copy = points(workloads) { $0.copy?.value }
    let reference = points(workloads) { $0.reference?.value }
    let all = own + copy + reference
    var scene = Scene(
      name: name,
      width: 400,
      height: 270,
      title: family,
      summary: "Throughput against size of \(own.count) workloads, on logarithmic axes"
    )
    let across = LogAxis(all.map(\.x), from: 52, to: 372)
    let up = LogAxis(all.map(\.y), from: 226, to: 34)
    scene.layers = [
      grid(family, across, up), line(copy, "copy", across, up), line(reference, "reference", across, up),
      dots(own, "own", 3.4, across, up),
    ]
    return scene
  }

  /// - Parameter factor: how many times as fast somebody else was; nil where nobody was.
  private static func points(
    _ workloads: [MeasuredWorkload],
    _ factor: (MeasuredWorkload) -> Double?
  ) -> [Point] {
    workloads.compactMap { workload in
      guard workload.bytesPerCall > 0, let rate = workload.bytesPerSecond, let factor = factor(workload)
      else { return nil }
      return Point(
        x: Double(workload.bytesPerCall),
        y: rate * factor,
        tip: "\(workload.name): \(Figures.rate(rate * factor, unit: "B"))/s at "
          + "\(Figures.rate(Double(workload.bytesPerCall), unit: "B"))"
      )
    }.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
  }

  private static func grid(_ family: String, _ across: LogAxis, _ up: LogAxis) -> Scene.Layer {
    var layer = Scene.Layer()
    layer.labels.append(.init(kind: "label head", x: 8, y: 18, text: family))
    for tick in across.ticks(most: 5) {
      let x = across.place(tick)
      layer.paths.append(.init(kind: "grid", data: "M\(coordinate(x)) 34V226"))
      layer.labels.append(
        .init(kind: "label tick", x: x, y: 242, anchor: .middle, text: Figures.power(tick, unit: "B"))
      )
    }
    for tick in up.ticks(most: 6) {
      let y = up.place(tick)
      layer.paths.append(.init(kind: "grid", data: "M52 \(coordinate(y))H372"))
      layer.labels.append(
        .init(kind: "label tick", x: 46, y: y + 4, anchor: .end, text: Figures.power(tick, unit: "B"))
      )
    }
    layer.labels.append(.init(kind: "label quiet", x: 388, y: 260, anchor: .end, text: "bytes per call"))
    layer.labels.append(.init(kind: "label quiet", x: 388, y: 18, anchor: .end, text: "bytes per second"))
    return layer
  }

  private static func dots(
    _ points: [Point],
    _ kind: String,
    _ radius: Double,
    _ across: LogAxis,
    _ up: LogAxis
  ) -> Scene.Layer {
    var layer = Scene.Layer()
    layer.dots = points.map {
      .init(kind: kind, x: across.place($0.x), y: up.place($0.y), radius: radius, tip: $0.tip)
    }
    return layer
  }

  /// A line through the means of those that have the same size, and a dot for each.
  private static func line(_ points: [Point], _ kind: String, _ across: LogAxis, _ up: LogAxis) -> Scene.Layer
  {
    var layer = dots(points, kind, 1.6, across, up)
    var data = ""
    var index = 0
    while index < points.count {
      let same = points[index...].prefix { $0.x == points[index].x }
      let y = same.map { up.place($0.y) }.reduce(0, +) / Double(same.count)
      data += "\(data.isEmpty ? "M" : "L")\(coordinate(across.place(points[index].x))) \(coordinate(y))"
      index += same.count
    }
    if data.contains("L") { layer.paths.append(.init(kind: "\(kind)-line", data: data)) }
    return layer
  }
}

extension Figures {
  /// A power of ten: `1 kB`, `100 MB`.
  static func power(_ value: Double, unit: String) -> String {
    let units = ["", "k", "M", "G", "T", "P"]
    var (value, index) = (value, 0)
    while value >= 999.5, index < units.count - 1 { (value, index) = (value / 1000, index + 1) }
    return value < 1 ? "\(value)" : "\(Int(value.rounded())) \(units[index])\(unit)"
  }
}
