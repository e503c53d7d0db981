extension TDXMemoryList {
  /// The `linux-cmr` patch: every memory region inside one CMR, before anything else. Abutting CMRs are not one
  /// here, unlike in the module.
  ///
  /// - Throws: `notConvertible` for the first that is not.
  /// - Complexity: O(regions + CMRs).
  @inline(__always)
  func checkConvertible(_ convertible: UnsafeBufferPointer<AddressRange>) throws(PlanFailure) {
    var cmr = 0
    for index in 0..<count {
      let region = range(index)
      while cmr < convertible.count, convertible[cmr].end < region.end { cmr &+= 1 }
      guard cmr < convertible.count, convertible[cmr].start <= region.start else {
        throw .notConvertible(region)
      }
    }
  }
}

extension UnsafeBufferPointer<AddressRange> {
  /// Whether all ranges start and end on pages.
  @inline(__always)
  var areOnPages: Bool {
    var bits: UInt64 = 0
    for range in self { bits |= range.start | range.end }
    return bits.isMultiple(ofPowerOfTwo: pageSize)
  }
}
