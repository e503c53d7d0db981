/// A bar cut in proportion to some counts, each part with its name where there is room.
public enum ShareBar {
  /// - Parameter parts: positive counts; what is small is drawn 4 units wide, so that it is seen.
  public static func scene(_ parts: [(name: String, count: Double)], name: String, title: String) -> Scene {
    let (width, left) = (480.0, 2.0)
    var scene = Scene(
      name: name,
      width: width,
      height: 48,
      title: title,
      summary: parts.map { "\($0.name): \(Int($0.count))" }.joined(separator: ", ")
    )
    var layer = Scene.Layer()
    let total = parts.reduce(0) { $0 + $1.count }
    let room = width - 2 * left - 4 * Double(parts.count)
    var x = left
    for part in parts where total > 0 {
      let share = 4 + room * part.count / total
      layer.boxes.append(
        .init(
          kind: "block \(part.name)",
          x: x,
          y: 4,
          width: share,
          height: 22,
          tip: "\(part.name): \(Int(part.count))"
        )
      )
      if share > Double(part.name.count) * 6.5 + 8 {
        layer.labels.append(.init(kind: "label", x: x + 2, y: 42, text: part.name))
      }
      x += share
    }
    scene.layers = [layer]
    return scene
  }
}
