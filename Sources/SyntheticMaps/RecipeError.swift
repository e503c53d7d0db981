/// Why a recipe makes no map, or why a text is no recipe.
public struct RecipeError: Error, Hashable, Sendable {
  /// What is to blame; the raw value is its name in a printed recipe and on the command line.
  public enum Part: String, CaseIterable, Sendable {
    case recipe, size, regions, holes, nodes, alignment, seed, cmrs
  }

  public var part: Part
  /// Why, in words that name the value and the limit.
  public var reason: String

  public init(_ part: Part, _ reason: String) {
    self.part = part
    self.reason = reason
  }
}

extension RecipeError: CustomStringConvertible {
  public var description: String { "\(part.rawValue): \(reason)" }
}
