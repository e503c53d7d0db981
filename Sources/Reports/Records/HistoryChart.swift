import BenchmarkComparison
import BenchmarkKit
import Glibc
import Pictures

/// A workload over its records: a line for each machine, steps marked.
enum HistoryChart {
  static func scene(_ history: History, name: String) -> Scene {
    let (width, height) = (180.0, 34.0)
    var scene = Scene(
      name: name,
      width: width,
      height: height,
      title: history.workload,
      summary: "\(history.records.count) records, \(history.steps.count) steps"
    )
    let values = history.records.map(history.figure)
    let logs = values.map { log(max($0, .leastNormalMagnitude)) }
    // Less than a tenth up and down is no movement that one should see.
    let middle = ((logs.min() ?? 0) + (logs.max() ?? 0)) / 2
    let half = max(((logs.max() ?? 0) - (logs.min() ?? 0)) / 2, log(1.1))
    func x(_ index: Int) -> Double { 8 + (width - 16) * Double(index) / Double(max(values.count - 1, 1)) }
    func y(_ index: Int) -> Double { height / 2 - (logs[index] - middle) / half * (height / 2 - 6) }
    var layer = Scene.Layer()
    for machine in Set(history.machines).sorted() {
      let indices = values.indices.filter { history.machines[$0] == machine }
      let data = indices.enumerated().map {
        "\($0.offset == 0 ? "M" : "L")\(coordinate(x($0.element))) \(coordinate(y($0.element)))"
      }
      layer.paths.append(.init(kind: "trend", data: data.joined()))
    }
    for index in values.indices {
      let step = history.steps[index]
      let figure = history.peer == nil ? Figures.time(values[index]) : Figures.ratio(values[index])
      layer.dots.append(
        .init(
          kind: step == nil ? "own" : "step",
          x: x(index),
          y: y(index),
          radius: step == nil ? 2.6 : 4.5,
          tip: "\(history.records[index].record): \(figure)"
            + (step.map { ", a step of \(Figures.precise($0.ratio))" } ?? "")
        )
      )
    }
    scene.layers = [layer]
    return scene
  }
}
