/// A drawing as what is in it: marks with a kind each, in the units of its own width and height. What a kind looks like,
/// and in which language it is written, is not known here.
///
/// Coordinates grow to the right and down.
public struct Scene: Sendable {
  /// What lies above what was drawn before.
  public struct Layer: Sendable {
    public var boxes: [Box] = []
    public var paths: [Path] = []
    public var dots: [Dot] = []
    public var labels: [Label] = []

    public init() {}
  }

  public struct Box: Sendable {
    public var kind: String
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double
    /// What it is, for whoever points at it; empty for nothing.
    public var tip = ""

    public init(kind: String, x: Double, y: Double, width: Double, height: Double, tip: String = "") {
      (self.kind, self.x, self.y, self.width, self.height) = (kind, x, y, width, height)
      self.tip = tip
    }
  }

  /// Lines and areas, in the path language of SVG: made of numbers and letters only.
  public struct Path: Sendable {
    public var kind: String
    public var data: String
    public var tip = ""

    public init(kind: String, data: String, tip: String = "") {
      (self.kind, self.data, self.tip) = (kind, data, tip)
    }
  }

  public struct Dot: Sendable {
    public var kind: String
    public var x: Double
    public var y: Double
    public var radius: Double
    public var tip = ""

    public init(kind: String, x: Double, y: Double, radius: Double, tip: String = "") {
      (self.kind, self.x, self.y, self.radius, self.tip) = (kind, x, y, radius, tip)
    }
  }

  public struct Label: Sendable {
    public enum Anchor: String, Sendable { case start, middle, end }

    public var kind = "label"
    public var x: Double
    public var y: Double
    public var anchor = Anchor.start
    public var text: String

    public init(kind: String = "label", x: Double, y: Double, anchor: Anchor = .start, text: String) {
      (self.kind, self.x, self.y, self.anchor, self.text) = (kind, x, y, anchor, text)
    }
  }

  /// Tells the drawing from others on a page: letters, digits and dashes.
  public var name: String
  public var width: Double
  public var height: Double
  /// For those who do not see it, and as the drawing's own head.
  public var title: String
  public var summary: String
  public var layers: [Layer] = []

  public init(name: String, width: Double, height: Double, title: String, summary: String) {
    self.name = name
    self.width = width
    self.height = height
    self.title = title
    self.summary = summary
  }
}

/// A coordinate with at most one decimal: `12`, `12.5`, `-0.5`.
public func coordinate(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "0" }
  let tenths = Int((value * 10).rounded())
  let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
  return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
}
