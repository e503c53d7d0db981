extension TDXMemoryList {
  /// The `linux-cmr` patch: every memory region inside one CMR, before anything else. Abutting CMRs are not one
  /// here, unlike in the module.
  ///
  /// - Throws: `notConvertible` for the first that is not.
  /// - Complexity: O(regions + CMRs), with two compares for each region that lies in the CMR of the one before.
  @inline(never)
  func checkConvertible(_ convertible: UnsafeBufferPointer<AddressRange>) throws(PlanFailure) {
    guard count > 0 else { return }
    guard var cmr = convertible.baseAddress, convertible.count > 0 else {
      throw .notConvertible(range(0))
    }
    let cmrsEnd = cmr + convertible.count
    var region = regions
    let last = regions + count
    // Only the first region may start below the first MiB.
    var start = self.start(0)
    while true {
      let end = region.pointee.end
      while cmr.pointee.end < end {
        cmr += 1
        if cmr == cmrsEnd { throw .notConvertible(AddressRange(unchecked: start, end)) }
      }
      guard cmr.pointee.start <= start else {
        throw .notConvertible(AddressRange(unchecked: start, end))
      }
      region += 1
      if region == last { return }
      start = region.pointee.start
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
