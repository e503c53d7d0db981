/// Steele, Lea and Flood's SplitMix64: a seed in, the same numbers on every machine out.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number below `bound`, which is not 0. The bias of the remainder does not matter here.
  public mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }

  /// An index below `bound`, which is not 0.
  public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// True once in `times` on average.
  public mutating func oneIn(_ times: Int) -> Bool { below(times) == 0 }

  public mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
