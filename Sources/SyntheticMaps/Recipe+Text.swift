import TDXMemory

extension Recipe: CustomStringConvertible {
  /// `fragmented size=64TiB regions=100000 holes=4KiB...2MiB nodes=1 alignment=4KiB cmrs=exact seed=7`: all
  /// parameters, so that the text outlives a change of the recipe's own. `init(text:)` reads it back.
  public var description: String {
    """
    \(name) size=\(ByteCount(parameters.totalBytes).exactText) regions=\(parameters.regionCount) \
    holes=\(parameters.holeText) nodes=\(parameters.nodes) \
    alignment=\(ByteCount(parameters.alignment).exactText) cmrs=\(parameters.convertible) seed=\(parameters.seed)
    """
  }

  /// Reads a recipe as it is printed; parameters that are missing are the recipe's own, and the last of two counts.
  ///
  /// - Throws: what is not understood. Whether the parameters make a map is for `make()` to say.
  public init(text: String) throws(RecipeError) {
    var words = text.split(whereSeparator: \.isWhitespace)[...]
    guard let name = words.popFirst() else { throw RecipeError(.recipe, "there is no name") }
    guard let recipe = Recipe(named: String(name)) else {
      throw RecipeError(.recipe, "there is no recipe named `\(name)`")
    }
    self = recipe
    for word in words {
      let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, let part = RecipeError.Part(rawValue: String(sides[0])), part != .recipe else {
        throw RecipeError(.recipe, "`\(word)` is not a parameter and its value")
      }
      try parameters.set(part, to: String(sides[1]))
    }
  }
}

extension RecipeParameters {
  /// Sets one parameter from text, as in a printed recipe.
  ///
  /// - Parameter part: any but `recipe`.
  /// - Throws: where the text is no such value.
  public mutating func set(_ part: RecipeError.Part, to text: String) throws(RecipeError) {
    switch part {
    case .recipe: throw RecipeError(.recipe, "the name of a recipe cannot be changed")
    case .size: totalBytes = try bytes(text, part)
    case .regions: regionCount = try number(text, part)
    case .holes: holeBytes = try range(text)
    case .nodes: nodes = try number(text, part)
    case .alignment: alignment = try bytes(text, part)
    case .seed: seed = try number(text, part)
    case .cmrs: convertible = try ConvertibleMode(text: text)
    }
  }

  fileprivate var holeText: String {
    let lower = ByteCount(holeBytes.lowerBound).exactText
    return holeBytes.lowerBound == holeBytes.upperBound
      ? lower : "\(lower)...\(ByteCount(holeBytes.upperBound).exactText)"
  }
}

extension ConvertibleMode: CustomStringConvertible {
  /// `none`, `exact`, `merged=2MiB` or `split=1GiB`.
  public var description: String {
    switch self {
    case .none: "none"
    case .exact: "exact"
    case .merged(let hole): "merged=\(ByteCount(hole).exactText)"
    case .split(let piece): "split=\(ByteCount(piece).exactText)"
    }
  }

  /// Reads a mode as it is printed.
  public init(text: String) throws(RecipeError) {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    switch (text, sides.first, sides.count) {
    case ("none", _, _): self = .none
    case ("exact", _, _): self = .exact
    case (_, "merged", 2): self = .merged(over: try bytes(String(sides[1]), .cmrs))
    case (_, "split", 2): self = .split(at: try bytes(String(sides[1]), .cmrs))
    default: throw RecipeError(.cmrs, "`\(text)` is not none, exact, merged=SIZE or split=SIZE")
    }
  }
}

private func number(_ text: String, _ part: RecipeError.Part) throws(RecipeError) -> UInt64 {
  guard let number = UInt64(text), text.utf8.first != UInt8(ascii: "+") else {
    throw RecipeError(part, "`\(text)` is not a number below 2^64")
  }
  return number
}

private func bytes(_ text: some StringProtocol, _ part: RecipeError.Part) throws(RecipeError) -> UInt64 {
  guard let size = ByteCount(text: text) else {
    throw RecipeError(part, "`\(text)` is not a size below 2^64 bytes, like 4KiB, 2M or 1.5TiB")
  }
  return size.bytes
}

/// `4KiB...2MiB`, or `64KiB` for one size.
private func range(_ text: String) throws(RecipeError) -> ClosedRange<UInt64> {
  let dots = Array(text.indices.filter { text[$0...].hasPrefix("...") })
  guard let first = dots.first else {
    let size = try bytes(text, .holes)
    return size...size
  }
  let lower = try bytes(text[..<first], .holes)
  let upper = try bytes(text[text.index(first, offsetBy: 3)...], .holes)
  guard lower <= upper else {
    throw RecipeError(.holes, "`\(text)`: the first size is above the second")
  }
  return lower...upper
}
