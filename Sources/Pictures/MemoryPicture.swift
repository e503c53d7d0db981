import TDXMemory

/// The address space of a machine: a lane for each node, the CMRs, the TDMRs with their reserved areas and PAMTs, and in
/// red what broke a limit. Below it the TDMR that has too many areas, enlarged.
///
/// At most some 1000 marks, whatever the machine has: see ``LanePen``.
public struct MemoryPicture {
  static let width = 1000.0
  static let left = 96.0
  static let right = 988.0
  /// The most nodes with a lane of their own.
  private static let mostLanes = 32
  /// The most marks that are drawn one by one.
  private static let mostMarks = 900

  private let drawn: DrawnPlan
  private let scale: AddressScale
  private let narrowest: Double
  private var scene: Scene
  private var y = 0.0
  private var small = 0
  private var kinds: Set<String> = []

  /// - Parameters:
  ///   - name: tells the picture from others on a page.
  ///   - title: of which machine.
  public static func scene(of drawn: DrawnPlan, name: String, title: String) -> Scene {
    var picture = MemoryPicture(drawn, name: name, title: title)
    picture.draw()
    return picture.scene
  }

  private init(_ drawn: DrawnPlan, name: String, title: String) {
    self.drawn = drawn
    let stretches = Self.stretches(drawn)
    scale = AddressScale(
      borders: Self.borders(drawn, stretches),
      stretches: stretches,
      from: Self.left,
      to: Self.right,
      narrowest: 3
    )
    narrowest = Self.narrowestDrawn(drawn, scale)
    scene = Scene(
      name: name,
      width: Self.width,
      height: 0,
      title: title,
      summary: drawn.breach.map { "\(drawn.caption). \($0.sentence)" } ?? drawn.caption
    )
  }

  // MARK: - The scale

  /// All that holds something, joined.
  private static func stretches(_ drawn: DrawnPlan) -> [AddressRange] {
    var ranges = drawn.layout.tdmrs.map(\.range) + (drawn.convertible ?? [])
    // TDMRs cover nearly all memory, and then most regions need not be sorted.
    ranges.sort { $0.start < $1.start }
    var joined = merged(ranges)
    var next = 0
    var outside: [AddressRange] = []
    for region in drawn.map {
      while next < joined.count, joined[next].end <= region.start { next += 1 }
      if next < joined.count, joined[next].contains(region.range) { continue }
      if let last = outside.last, last.end >= region.start {
        outside[outside.count - 1] = AddressRange(unchecked: last.start, max(last.end, region.end))
      } else {
        outside.append(region.range)
      }
    }
    joined = merged((joined + outside).sorted { $0.start < $1.start })
    return joined.isEmpty ? [AddressRange(unchecked: 0, tdmrAlignment)] : joined
  }

  private static func merged(_ ranges: [AddressRange]) -> [AddressRange] {
    var merged: [AddressRange] = []
    for range in ranges where !range.isEmpty {
      if let last = merged.last, last.end >= range.start {
        merged[merged.count - 1] = AddressRange(unchecked: last.start, max(last.end, range.end))
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private static func borders(_ drawn: DrawnPlan, _ stretches: [AddressRange]) -> [UInt64] {
    var borders: [UInt64] = []
    for region in drawn.map { borders += [region.start, region.end] }
    for range in (drawn.convertible ?? []) + stretches { borders += [range.start, range.end] }
    for tdmr in drawn.layout.tdmrs {
      for range in [tdmr.range] + tdmr.pamts + tdmr.areas.map(\.range) {
        borders += [range.start, range.end]
      }
    }
    return borders
  }

  /// What a mark is wide at least, so that they are not too many.
  private static func narrowestDrawn(_ drawn: DrawnPlan, _ scale: AddressScale) -> Double {
    let widths = [0.8, 1.5, 2.5, 4, 6, 10, 16, 30]
    var counts = [Int](repeating: 0, count: widths.count)
    func count(_ range: AddressRange) {
      let width = scale.width(range)
      for (index, least) in widths.enumerated() where width >= least { counts[index] += 1 }
    }
    for region in drawn.map { count(region.range) }
    for cmr in drawn.convertible ?? [] { count(cmr) }
    for tdmr in drawn.layout.tdmrs {
      count(tdmr.range)
      for area in tdmr.areas { count(area.range) }
      for pamt in tdmr.pamts { count(pamt) }
    }
    return zip(widths, counts).first { $1 <= mostMarks }?.0 ?? widths.last!
  }

  // MARK: - Drawing

  private mutating func draw() {
    y = 22
    head()
    let top = y + 6
    axis()
    let behind = scene.layers.count
    nodes()
    convertible()
    tdmrs()
    folds(from: top, to: y, behind: behind)
    breach(from: top, to: y)
    if let crowded = drawn.breach?.crowded { enlarge(crowded) }
    legend()
    scene.height = y
  }

  private mutating func label(
    _ text: String,
    _ x: Double,
    _ y: Double,
    _ anchor: Scene.Label.Anchor = .start,
    kind: String = "label"
  ) {
    var layer = Scene.Layer()
    layer.labels.append(.init(kind: kind, x: x, y: y, anchor: anchor, text: text))
    scene.layers.append(layer)
  }

  private mutating func head() {
    label(scene.title, 12, y, kind: "label head")
    y += 18
    label(drawn.caption, 12, y, kind: "label")
    if let breach = drawn.breach {
      y += 20
      label(breach.sentence, 12, y, kind: "label bad")
    }
    y += 12
  }

  /// Addresses where there is room for them: first where stretches and TDMRs begin and end.
  private mutating func axis() {
    y += 14
    let important = drawn.layout.tdmrs.prefix(256).flatMap { [$0.range.start, $0.range.end] }
    let edges = scale.folds.flatMap { [$0.range.start, $0.range.end] }
    let ends = [drawn.map.first?.start ?? 0, drawn.map.last?.end ?? 0]
    let others = drawn.map.prefix(256).flatMap { [$0.start, $0.end] }
    var taken: [(from: Double, to: Double)] = []
    var layer = Scene.Layer()
    for address in (drawn.breach?.places.prefix(8).map(\.start) ?? []) + edges + important + ends + others {
      let x = scale.x(address)
      let text = address == 0 ? "0" : ByteCount(address).description
      let half = Double(text.count) * 3.1 + 5
      let middle = min(max(x, Self.left + half - 5), Self.right - half + 5)
      guard !taken.contains(where: { $0.from < middle + half && middle - half < $0.to }) else { continue }
      taken.append((middle - half, middle + half))
      layer.labels.append(.init(kind: "label tick", x: middle, y: y, anchor: .middle, text: text))
      layer.paths.append(
        .init(kind: "line", data: "M\(coordinate(x)) \(coordinate(y + 3))v5", tip: hex(address))
      )
    }
    scene.layers.append(layer)
    label("address", Self.left - 8, y, .end, kind: "label lane")
    y += 10
  }

  private mutating func lane(_ name: String, height: Double) {
    label(name, Self.left - 8, y + height / 2 + 4, .end, kind: "label lane")
  }

  private mutating func draw(
    _ ranges: some Sequence<AddressRange>,
    _ kind: String,
    y: Double,
    height: Double,
    tip: (AddressRange) -> String
  ) {
    var pen = LanePen(scale: scale, narrowest: narrowest)
    pen.draw(ranges, kind, y: y, height: height, tip: tip)
    small += pen.small
    if !pen.layer.boxes.isEmpty || !pen.layer.paths.isEmpty { kinds.insert(kind) }
    scene.layers.append(pen.layer)
  }

  private mutating func nodes() {
    let nodes = drawn.map.nodes
    let height = nodes.count > 12 ? 11.0 : 18
    for (index, node) in nodes.prefix(Self.mostLanes).enumerated() {
      let isRest = index == Self.mostLanes - 1 && nodes.count > Self.mostLanes
      let rest = Set(nodes.dropFirst(index))
      let regions = drawn.map.lazy.filter { isRest ? rest.contains($0.node) : $0.node == node }
      lane(isRest ? "\(rest.count) more nodes" : nodes.count == 1 ? "memory" : "node \(node)", height: height)
      draw(holes(regions.map(\.range)), "hole", y: y, height: height) {
        "hole \($0), \(ByteCount($0.size))"
      }
      draw(regions.map(\.range), "memory", y: y, height: height) { range in
        "memory \(range), \(ByteCount(range.size)), node \(node)"
      }
      y += height + (nodes.count > 12 ? 2 : 5)
    }
  }

  /// What lies between the regions of a node inside TDMRs, folded space apart.
  private func holes(_ regions: some Sequence<AddressRange>) -> [AddressRange] {
    var holes: [AddressRange] = []
    var end: UInt64?
    let folds = scale.folds.map(\.range)
    for region in regions {
      if let end, region.start > end {
        let hole = AddressRange(unchecked: end, region.start)
        // Where other nodes lie between, it is no hole.
        if hole.size < tdmrAlignment || !folds.contains(where: { $0.overlaps(hole) }), hole.size < 16 << 30 {
          holes.append(hole)
        }
      }
      end = region.end
    }
    return holes
  }

  private mutating func convertible() {
    guard let cmrs = drawn.convertible, !cmrs.isEmpty else {
      lane("CMRs", height: 12)
      label("not known", Self.left, y + 10, kind: "label quiet")
      y += 18
      return
    }
    lane("CMRs", height: 12)
    draw(cmrs, "cmr", y: y, height: 12) { "CMR \($0), \(ByteCount($0.size))" }
    y += 18
  }

  private mutating func tdmrs() {
    let tdmrs = drawn.layout.tdmrs
    let blamed = Set(drawn.breach?.places ?? [])
    lane("TDMRs", height: 24)
    guard !tdmrs.isEmpty else {
      label("none", Self.left, y + 16, kind: "label quiet")
      y += 32
      return
    }
    let index = Dictionary(tdmrs.enumerated().map { ($1.range.start, $0) }) { first, _ in first }
    let allowed = drawn.limits.maxReserved
    func tip(_ range: AddressRange) -> String {
      guard let number = index[range.start] else { return "" }
      let tdmr = tdmrs[number]
      return "TDMR \(number) \(range), \(ByteCount(range.size)), node \(tdmr.node), "
        + "\(tdmr.areas.count) of \(allowed) reserved areas, "
        + "PAMT \(ByteCount(tdmr.pamts.reduce(0) { $0 + $1.size }))"
    }
    let good = tdmrs.filter { !$0.isTooMany && !blamed.contains($0.range) }.map(\.range)
    draw(good, "tdmr", y: y, height: 24, tip: tip)
    let bad = tdmrs.filter { $0.isTooMany || blamed.contains($0.range) }.map(\.range)
    draw(bad, "failing", y: y, height: 24, tip: tip)
    var numbers = Scene.Layer()
    for (number, tdmr) in tdmrs.enumerated().prefix(256) {
      let width = scale.width(tdmr.range)
      let text = width >= 44 ? "\(number): \(tdmr.areas.count)/\(allowed)" : "\(number)"
      guard width >= Double(text.count) * 5.6 + 2 else { continue }
      let isBad = tdmr.isTooMany || blamed.contains(tdmr.range)
      let half = Double(text.count) * 3.2 + 4
      if isBad {
        let x = scale.x(tdmr.range.start) + width / 2 - half
        numbers.boxes.append(.init(kind: "plate", x: x, y: y + 5, width: 2 * half, height: 14))
      }
      numbers.labels.append(
        .init(
          kind: isBad ? "label number bad" : "label number",
          x: scale.x(tdmr.range.start) + width / 2,
          y: y + 16,
          anchor: .middle,
          text: text
        )
      )
    }
    scene.layers.append(numbers)
    y += 30
    lane("reserved", height: 14)
    let areas = tdmrs.flatMap(\.areas)
    draw(areas.filter { !$0.isTooMany && !$0.isPAMT }.map(\.range), "area", y: y, height: 14) {
      "reserved area over the hole \($0), \(ByteCount($0.size))"
    }
    draw(areas.filter { !$0.isTooMany && $0.isPAMT }.map(\.range), "area", y: y, height: 14) {
      "reserved area over the PAMT \($0), \(ByteCount($0.size))"
    }
    draw(areas.filter(\.isTooMany).map(\.range), "failing", y: y, height: 14) {
      "no reserved area is left for \($0), \(ByteCount($0.size))"
    }
    y += 19
    lane("PAMTs", height: 14)
    let pamts = tdmrs.flatMap(\.pamts).sorted { $0.start < $1.start }
    draw(pamts, "pamt", y: y, height: 14) { "PAMT \($0), \(ByteCount($0.size))" }
    y += 22
  }

  /// - Parameter behind: the index of the first layer that lies above.
  private mutating func folds(from top: Double, to bottom: Double, behind: Int) {
    guard !scale.folds.isEmpty else { return }
    var layer = Scene.Layer()
    for fold in scale.folds {
      let (x, middle) = (fold.x, fold.x + fold.width / 2)
      layer.boxes.append(
        .init(
          kind: "fold",
          x: x + 1,
          y: top + 12,
          width: max(fold.width - 2, 1),
          height: bottom - top - 18,
          tip: "nothing in \(fold.range), \(ByteCount(fold.range.size)), folded"
        )
      )
      var zigzag = "M\(coordinate(middle)) \(coordinate(top + 12))"
      var (place, side) = (top + 12, 3.0)
      while place < bottom - 8 {
        zigzag += "l\(coordinate(side)) 6"
        side = -side
        place += 6
      }
      layer.paths.append(.init(kind: "zigzag", data: zigzag))
    }
    scene.layers.insert(layer, at: behind)
    kinds.insert("fold")
  }

  /// A frame around what is to blame, through all lanes.
  private mutating func breach(from top: Double, to bottom: Double) {
    guard let breach = drawn.breach else { return }
    var layer = Scene.Layer()
    for place in Self.framed(breach.places) {
      let x = scale.x(place.start)
      let width = max(scale.width(place), 3)
      layer.boxes.append(
        .init(
          kind: "frame",
          x: x,
          y: top + 11,
          width: width,
          height: bottom - top - 14,
          tip: "\(breach.sentence) Here: \(place)"
        )
      )
      let middle = x + width / 2
      layer.paths.append(
        .init(kind: "arrow", data: "M\(coordinate(middle)) \(coordinate(top + 11))l-5 -8h10z")
      )
    }
    scene.layers.append(layer)
    if !breach.places.isEmpty { kinds.insert("failing") }
  }

  /// A few places each, many as one.
  private static func framed(_ places: [AddressRange]) -> [AddressRange] {
    guard places.count > 4, let first = places.first, let last = places.last else { return places }
    return [AddressRange(unchecked: first.start, last.end)]
  }

  // MARK: - The crowded TDMR

  private mutating func enlarge(_ range: AddressRange) {
    guard let number = drawn.layout.tdmrs.firstIndex(where: { $0.range == range }) else { return }
    let tdmr = drawn.layout.tdmrs[number]
    let inside = drawn.map.compactMap { $0.range.intersection(range) }
    let borders =
      [range.start, range.end] + (inside + tdmr.areas.map(\.range)).flatMap { [$0.start, $0.end] }
    let scale = AddressScale(
      borders: borders,
      stretches: [range],
      from: Self.left,
      to: Self.right,
      narrowest: 13
    )
    y += 14
    label(
      "TDMR \(number) enlarged: its reserved areas in the order in which Linux asks for them",
      Self.left,
      y
    )
    y += 22
    let top = y
    var pen = LanePen(scale: scale, narrowest: 0.8)
    pen.draw(inside, "memory", y: y, height: 26) { "memory \($0), \(ByteCount($0.size))" }
    let fitting = tdmr.areas.filter { !$0.isTooMany }.map(\.range)
    pen.draw(fitting, "area", y: y, height: 26) { "reserved area \($0), \(ByteCount($0.size))" }
    pen.draw(tdmr.areas.filter(\.isTooMany).map(\.range), "failing", y: y, height: 26) {
      "no reserved area is left for \($0), \(ByteCount($0.size))"
    }
    small += pen.small
    scene.layers.append(pen.layer)
    lane("TDMR \(number)", height: 26)
    var layer = Scene.Layer()
    let order = tdmr.areas.filter { !$0.isPAMT } + tdmr.areas.filter(\.isPAMT)
    var lastPlace = -100.0
    for (count, area) in order.enumerated().sorted(by: { $0.element.range.start < $1.element.range.start }) {
      let middle = scale.x(area.range.start) + scale.width(area.range) / 2
      guard middle - lastPlace >= (area.isTooMany ? 8 : 12) else { continue }
      lastPlace = middle
      layer.labels.append(
        .init(
          kind: area.isTooMany ? "label number bad" : "label number",
          x: middle,
          y: top - 5,
          anchor: .middle,
          text: "\(count + 1)"
        )
      )
    }
    scene.layers.append(layer)
    y += 40
    label(hex(range.start), Self.left, y, kind: "label tick")
    label(hex(range.end), Self.right, y, .end, kind: "label tick")
    let first = order.first(where: \.isTooMany)
    if let first {
      let what = first.isPAMT ? "a PAMT" : "a hole"
      label(
        "area \(Int(clamping: drawn.limits.maxReserved) + 1) is \(what) at \(first.range), "
          + "and the module takes \(drawn.limits.maxReserved)",
        (Self.left + Self.right) / 2,
        y,
        .middle,
        kind: "label bad"
      )
    }
    y += 6
  }

  // MARK: - The legend

  private static let meanings: [(kind: String, text: String)] = [
    ("memory", "memory"), ("hole", "hole"), ("cmr", "convertible (CMR)"), ("tdmr", "TDMR: areas/limit"),
    ("area", "reserved area"), ("pamt", "PAMT"), ("failing", "what broke the limit"),
    ("fold", "nothing, folded"),
  ]

  private mutating func legend() {
    y += 20
    var layer = Scene.Layer()
    var x = Self.left
    for (kind, text) in Self.meanings where kinds.contains(kind) {
      layer.boxes.append(.init(kind: kind, x: x, y: y - 10, width: 16, height: 12))
      layer.labels.append(.init(x: x + 21, y: y, text: text))
      x += 21 + Double(text.count) * 6.2 + 18
    }
    scene.layers.append(layer)
    y += 18
    label(
      "Not to scale: widths grow with the logarithm of sizes, so that kilobytes show beside terabytes. Point at a part for "
        + "its addresses.",
      Self.left,
      y,
      kind: "label quiet"
    )
    if small > 0 {
      y += 15
      label(
        "\(small) parts are too small to be seen alone and are drawn as density: the darker, the more of them.",
        Self.left,
        y,
        kind: "label quiet"
      )
    }
    y += 12
  }
}
