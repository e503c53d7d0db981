import TDXMemory

/// Draws ranges of addresses in a lane: those that are wide enough one by one, the others together as density.
struct LanePen {
  /// Grains: the columns that what is too small is counted in.
  private static let grain = 2.0
  private static let shades = 4

  let scale: AddressScale
  /// Narrower ranges are not drawn one by one.
  let narrowest: Double
  private(set) var layer = Scene.Layer()
  /// How many ranges were too small to be drawn one by one.
  private(set) var small = 0
  /// The width that small ranges take in each column of a lane, by its height and place.
  private var grains: [Double] = []
  private var origin = 0.0

  init(scale: AddressScale, narrowest: Double) {
    self.scale = scale
    self.narrowest = narrowest
  }

  /// Draws ranges of one kind, which ascend and are disjoint.
  mutating func draw(
    _ ranges: some Sequence<AddressRange>,
    _ kind: String,
    y: Double,
    height: Double,
    tip: (AddressRange) -> String
  ) {
    grains.removeAll(keepingCapacity: true)
    for range in ranges {
      let (start, end) = (scale.x(range.start), scale.x(range.end))
      if end - start >= narrowest {
        layer.boxes.append(
          .init(kind: kind, x: start, y: y, width: end - start, height: height, tip: tip(range))
        )
      } else {
        small += 1
        count(start, end)
      }
    }
    drawGrains(kind, y: y, height: height)
  }

  private mutating func count(_ start: Double, _ end: Double) {
    var x = start
    repeat {
      let column = Int(x / Self.grain)
      let next = min(end, Double(column + 1) * Self.grain)
      if column >= grains.count {
        grains += Array(repeating: 0, count: column + 1 - grains.count)
      }
      // However small, it leaves a trace.
      grains[column] += max(next - x, 0.05)
      x = max(next, x + 0.001)
    } while x < end
  }

  /// One path for each shade.
  private mutating func drawGrains(_ kind: String, y: Double, height: Double) {
    var paths = [String](repeating: "", count: Self.shades)
    var column = 0
    while column < grains.count {
      let shade = Self.shade(grains[column])
      var end = column + 1
      while end < grains.count, Self.shade(grains[end]) == shade { end += 1 }
      if let shade {
        let width = Double(end - column) * Self.grain
        paths[shade] +=
          "M\(coordinate(Double(column) * Self.grain)) \(coordinate(y))h\(coordinate(width))v\(coordinate(height))"
          + "h\(coordinate(-width))z"
      }
      column = end
    }
    for (shade, data) in paths.enumerated() where !data.isEmpty {
      layer.paths.append(.init(kind: "\(kind) shade\(shade + 1)", data: data))
    }
  }

  private static func shade(_ width: Double) -> Int? {
    guard width > 0 else { return nil }
    return min(shades - 1, Int(width / grain * Double(shades)))
  }
}
