import Glibc

/// How work grows with the size of its input.
public enum Complexity: String, CaseIterable, Hashable, Sendable {
  case constant = "O(1)"
  case linear = "O(n)"
  case linearithmic = "O(n log n)"
  case quadratic = "O(n^2)"

  /// What a time of this complexity is proportional to, at `size`, which is at least 1.
  func growth(_ size: Double) -> Double {
    switch self {
    case .constant: 1
    case .linear: size
    // The logarithm of 1 counts as that of 2, or the work on a single item would take no time.
    case .linearithmic: size * log2(max(size, 2))
    case .quadratic: size * size
    }
  }
}

/// The complexity that describes a series of times best.
public struct ComplexityFit: Hashable, Sendable {
  /// A complexity, and how far the times are from the best curve of its kind.
  public struct Candidate: Hashable, Sendable {
    public let complexity: Complexity
    /// The time that the curve has at growth 1, in nanoseconds.
    public let coefficient: Double
    /// The typical factor between a time and the curve, less one: 0.1 where times are 10 % above or below.
    public let error: Double
  }

  /// All complexities, the best first.
  public let candidates: [Candidate]
  /// The power of the size that the times grow with: the slope of a straight line through their logarithms.
  public let exponent: Double

  public var best: Candidate { candidates[0] }

  /// Fits `c * growth(size)` to the times, with the c that makes the sum of the squares of log(time / curve) least: in a
  /// series from 10 to 10 million, differences in nanoseconds would let the largest size alone decide, and twice
  /// too slow should count as much as twice too fast.
  ///
  /// - Parameter points: sizes and times. Those with a size below 1, or a time that is not positive and finite,
  ///   are left out.
  /// - Returns: nil where fewer than three sizes are left, through which too many curves go.
  public init?(_ points: [(size: Int, time: Double)]) {
    let points = points.filter { $0.size >= 1 && $0.time > 0 && $0.time.isFinite }
    guard Set(points.map(\.size)).count >= 3 else { return nil }
    let sizes = points.map { Double($0.size) }
    let times = points.map { log($0.time) }
    candidates = Complexity.allCases.map { complexity in
      let distances = zip(sizes, times).map { $1 - log(complexity.growth($0)) }
      let center = mean(distances)
      let error = mean(distances.map { ($0 - center) * ($0 - center) }).squareRoot()
      return Candidate(complexity: complexity, coefficient: exp(center), error: expm1(error))
    }.sorted { $0.error < $1.error }
    exponent = Self.slope(sizes.map { log($0) }, times)
  }

  /// The slope of the straight line through the points that has the least squares.
  ///
  /// - Precondition: the abscissas are not all the same.
  private static func slope(_ x: [Double], _ y: [Double]) -> Double {
    let (centerX, centerY) = (mean(x), mean(y))
    let together = zip(x, y).reduce(0) { $0 + ($1.0 - centerX) * ($1.1 - centerY) }
    return together / x.reduce(0) { $0 + ($1 - centerX) * ($1 - centerX) }
  }
}

/// - Precondition: there are values.
private func mean(_ values: [Double]) -> Double {
  values.reduce(0, +) / Double(values.count)
}
