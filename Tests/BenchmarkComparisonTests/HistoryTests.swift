import BenchmarkKit
import RandomNumbers
import Testing

@testable import BenchmarkComparison
@testable import BenchmarkRecords

@Suite("steps of a series") struct ChangePointTests {
  /// Values around levels, each for so many records.
  func series(_ levels: [(Double, Int)], noise: Double = 0.02, seed: UInt64 = 1) -> [Double] {
    var random = SplitMix64(seed: seed)
    return levels.flatMap { level, count in
      (0..<count).map { _ in level * Double.random(in: 1 - noise...1 + noise, using: &random) }
    }
  }

  let rule = ChangePointRule()

  @Test("levels 1.0, 1.2, 0.9. Expect two steps, where they are and as large as they are")
  func twoSteps() throws {
    let points = rule.changePoints(in: series([(1, 40), (1.2, 40), (0.9, 40)]))
    try #require(points.count == 2)
    #expect(abs(points[0].index - 40) <= 2 && abs(points[1].index - 80) <= 2)
    #expect(abs(points[0].ratio - 1.2) < 0.02 && abs(points[1].ratio - 0.75) < 0.02)
  }

  @Test("a step six records before the end of a hundred. Expect it")
  func late() {
    let points = rule.changePoints(in: series([(1, 94), (1.2, 6)]))
    #expect(points.count == 1 && abs(points[0].index - 94) <= 1)
  }

  @Test("no step, 1,000 series of 60 records. Expect a step in at most 1 % of them")
  func noSteps() {
    let found = (1...1000).count {
      !rule.changePoints(in: series([(1, 60)], noise: 0.2, seed: UInt64($0))).isEmpty
    }
    #expect(found <= 10, "\(found)")
  }

  @Test("a step of 2 %, and ten wild records among a hundred. Expect none")
  func tooSmall() {
    #expect(rule.changePoints(in: series([(1, 50), (1.02, 50)], noise: 0.001)).isEmpty)
    var wild = series([(1, 100)])
    for index in stride(from: 3, to: 100, by: 10) { wild[index] *= 5 }
    #expect(rule.changePoints(in: wild).isEmpty)
  }

  @Test("no values, one, equal ones. Expect none")
  func few() {
    for values in [[], [1], Array(repeating: 2.0, count: 50), series([(1, 4), (2, 5)])] {
      #expect(rule.changePoints(in: values).isEmpty)
    }
  }
}

@Suite("sparklines") struct SparklineTests {
  @Test("eight levels. Expect eight heights; flat: all the same; more values than columns: medians")
  func heights() {
    #expect(Sparkline([1, 2, 3, 4, 5, 6, 7, 8], width: 10, isUnicode: true).text == "▁▂▃▄▅▆▇█")
    #expect(Sparkline([3, 3, 3], width: 10, isUnicode: true).text == "▅▅▅")
    #expect(Sparkline([], width: 10, isUnicode: true).text == "")
    let wide = Sparkline([0, 0, 9, 9, 9, 9], width: 2, isUnicode: false)
    #expect(wide.text == "_'" && wide.columns == [0, 0, 0, 1, 1, 1])
  }

  @Test("every count and width up to 40. Expect as many columns as fit, and every value in one of them")
  func columns() {
    for count in 1...40 {
      for width in 1...40 {
        let spark = Sparkline((0..<count).map(Double.init), width: width, isUnicode: true)
        #expect(spark.text.count == min(count, width))
        #expect(Set(spark.columns) == Set(0..<min(count, width)))
      }
    }
  }
}

@Suite("histories of many machines") struct ManyMachineTests {
  private let nowhere = MachineFacts(root: "/nowhere")

  private func record(_ number: Int, machine: Int) -> RecordSummary {
    var facts = nowhere
    (facts.processor, facts.load) = ("processor \(machine)", [Double(number)])
    return RecordSummary(
      record: "2026-01-01.\(number)-x",
      date: "2026-01-01T00:00:00Z",
      machine: facts,
      commit: nil,
      time: 1,
      ratios: [:],
      allocations: nil,
      instructions: nil
    )
  }

  @Test("records of two machines in turn, of other load each. Expect two machines, numbered as they come")
  func likeMachines() {
    let history = History("x", (0..<6).map { record($0, machine: $0 % 2) })
    #expect(history.machines == [0, 1, 0, 1, 0, 1])
  }

  /// Compared with each other they took the square of their number; 20,000 were minutes.
  @Test("20,000 records, each of another machine. Expect as many machines")
  func distinctMachines() {
    let history = History("x", (0..<20_000).map { record($0, machine: $0) })
    #expect(history.machines == Array(0..<20_000))
  }
}
