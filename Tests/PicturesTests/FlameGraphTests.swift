import Pictures
import Testing

@Suite struct FlameGraphTests {
  ///     c c d
  ///     b b b e
  ///     a a a a     of 10, 20, 30 and 40
  private let stacks: [(frames: [String], cost: UInt64)] = [
    (["a", "b", "c"], 10), (["a", "b", "c"], 20), (["a", "b", "d"], 30), (["a", "e"], 40),
  ]

  private func scene(_ stacks: [(frames: [String], cost: UInt64)]) -> Scene {
    FlameGraph.scene(of: stacks, name: "call", title: "A call") { "\($0) ms" }
  }

  /// Expect a box for each function, as wide as its cost, above its caller, and side by side in it.
  @Test func boxesAreCosts() throws {
    let boxes = scene(stacks).layers[0].boxes
    func box(_ name: String) throws -> Scene.Box {
      try #require(boxes.first { $0.tip.hasPrefix("\(name): ") })
    }
    #expect(boxes.count == 6)
    let whole = try box("call").width
    for (name, share) in [("a", 1.0), ("b", 0.6), ("c", 0.3), ("d", 0.3), ("e", 0.4)] {
      #expect(abs(try box(name).width / whole - share) < 0.001, "\(name)")
      #expect(try box(name).tip.hasSuffix(", \(share * 100) %"))
    }
    for (name, caller) in [("a", "call"), ("b", "a"), ("e", "a"), ("c", "b"), ("d", "b")] {
      let (one, other) = (try box(name), try box(caller))
      #expect(one.y < other.y && one.x >= other.x && one.x + one.width <= other.x + other.width + 0.01)
    }
    #expect(try box("c").x + box("c").width <= box("d").x)
    #expect(try box("a").tip == "a: 100 ms, 100.0 %")
  }

  /// Expect every label inside its box, and nothing of functions too narrow to see.
  @Test func whatIsNarrow() {
    let many = (0..<5000).map { (frames: ["a", "function number \($0)"], cost: UInt64(1)) }
    let scene = scene(many + [(["a", "large"], 5000)])
    #expect(scene.layers[0].boxes.count == 3)
    let deep = (0..<500).map { "level \($0)" }
    #expect(self.scene([(deep, 1)]).layers[0].boxes.count == 120)
    #expect(self.scene([]).layers[0].boxes.count <= 1)
  }
}
