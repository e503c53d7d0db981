/// Stacks as a flame graph: a box for each function, as wide as what it cost with all that it called, upon the one that
/// called it; beside each other those that one function called, by name.
public enum FlameGraph {
  /// - Parameters:
  ///   - stacks: functions, the outermost first, and what the stack cost; those with equal beginnings share boxes.
  ///   - name: what the lowest box is called.
  ///   - text: a cost as people read it.
  /// - Complexity: O(functions in all stacks).
  public static func scene(
    of stacks: [(frames: [String], cost: UInt64)],
    name: String,
    title: String,
    text: @escaping (UInt64) -> String
  ) -> Scene {
    let root = Function(name)
    for stack in stacks { root.add(stack.frames, stack.cost) }
    let rows = min(root.height, mostRows)
    let height = top + Double(rows) * rowHeight + margin
    var scene = Scene(
      name: "flames",
      width: width,
      height: height,
      title: title,
      summary:
        "\(text(root.cost)) in all. A box is a function: as wide as what it cost with those that it called, which stand "
        + "upon it. What is narrower than a pixel is left out."
    )
    var layer = Scene.Layer()
    layer.labels.append(.init(kind: "label head", x: margin, y: 18, text: title))
    layer.labels.append(
      .init(kind: "label quiet", x: width - margin, y: 18, anchor: .end, text: "\(text(root.cost)) in all")
    )
    var pen = Pen(total: max(root.cost, 1), bottom: height - margin, text: text)
    pen.draw(root, x: margin, width: width - 2 * margin, row: 0, into: &layer)
    scene.layers = [layer]
    return scene
  }

  private static let width = 1200.0
  private static let margin = 8.0
  /// Room for the title.
  private static let top = 28.0
  private static let rowHeight = 17.0
  /// Deeper stacks lose their innermost functions.
  private static let mostRows = 120

  /// A function as one stack reached it.
  private final class Function {
    let name: String
    var cost: UInt64 = 0
    var called: [String: Function] = [:]

    init(_ name: String) { self.name = name }

    func add(_ frames: [String], _ cost: UInt64) {
      var function = self
      function.cost += cost
      for frame in frames {
        let next = function.called[frame] ?? Function(frame)
        function.called[frame] = next
        next.cost += cost
        function = next
      }
    }

    var height: Int { 1 + (called.values.map(\.height).max() ?? 0) }
  }

  private struct Pen {
    let total: UInt64
    let bottom: Double
    let text: (UInt64) -> String

    /// The width of a character of a label, at most.
    private static let characterWidth = 6.3

    mutating func draw(
      _ function: Function,
      x: Double,
      width: Double,
      row: Int,
      into layer: inout Scene.Layer
    ) {
      guard width >= 1, row < FlameGraph.mostRows else { return }
      let y = bottom - Double(row + 1) * FlameGraph.rowHeight
      let share = (Double(function.cost) / Double(total) * 1000).rounded() / 10
      layer.boxes.append(
        .init(
          kind: "flame\(FlameGraph.colour(function.name))",
          x: x,
          y: y,
          width: max(width - 0.6, 0.4),
          height: FlameGraph.rowHeight - 1,
          tip: "\(function.name): \(text(function.cost)), \(share) %"
        )
      )
      let room = Int((width - 8) / Self.characterWidth)
      if room >= 4 {
        let label = function.name.count <= room ? function.name : function.name.prefix(room - 1) + "…"
        layer.labels.append(.init(x: x + 4, y: y + 12, text: String(label)))
      }
      var left = x
      for callee in function.called.values.sorted(by: { $0.name < $1.name }) {
        let part = width * Double(callee.cost) / Double(max(function.cost, 1))
        draw(callee, x: left, width: part, row: row + 1, into: &layer)
        left += part
      }
    }
  }

  /// One of four: a function has the same in every picture.
  private static func colour(_ name: String) -> Int {
    Int(name.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) } >> 7 & 3)
  }
}
