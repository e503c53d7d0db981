/// The value in the middle of `values`, in any order; the mean of the two middle ones where their number is even.
///
/// - Returns: nil where there are no values, or one of them is not a number.
/// - Complexity: O(n log n).
public func median(_ values: [Double]) -> Double? {
  guard !values.isEmpty, !values.contains(where: \.isNaN) else { return nil }
  let sorted = values.sorted()
  let upper = sorted[sorted.count / 2]
  guard sorted.count.isMultiple(of: 2) else { return upper }
  // Halved first: the sum of two finite values may not be finite.
  return sorted[sorted.count / 2 - 1] / 2 + upper / 2
}

/// The median distance of `values` from their median: a spread that a few outliers do not move. 0 for one value.
///
/// Not scaled: for normally distributed values the standard deviation is 1.4826 times as much.
///
/// - Returns: nil where there are no values, or one of them is not a number.
/// - Complexity: O(n log n).
public func medianAbsoluteDeviation(_ values: [Double]) -> Double? {
  guard let center = median(values) else { return nil }
  return median(values.map { abs($0 - center) })
}
