extension SplitMix64 {
  /// An index below `bound`, which is above 0.
  public mutating func below(_ bound: Int) -> Int { Int(below(UInt64(bound))) }

  /// True once in `times` on average.
  public mutating func oneIn(_ times: Int) -> Bool { below(times) == 0 }

  /// One of the elements, of which there is at least one.
  public mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
