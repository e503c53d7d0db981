/// The memory of a TDMR that is not reserved, by address: the maximal stretches between reserved areas.
///
/// - Precondition: the TDMR's shape has been checked.
struct AvailableStretches {
  private let tdmr: TDMRInfo
  private var slot = 0
  private var position: UInt64

  init(of tdmr: TDMRInfo) {
    self.tdmr = tdmr
    position = tdmr.base
  }

  mutating func next() -> AddressRange? {
    while slot < tdmr.reservedSlots {
      let (offset, size) = tdmr.reserved(slot)
      // Null entries stand after all others.
      guard size > 0 else { break }
      slot += 1
      let (start, areaStart) = (position, tdmr.base &+ offset)
      position = areaStart &+ size
      if start < areaStart { return AddressRange(unchecked: start, areaStart) }
    }
    slot = tdmr.reservedSlots
    let (start, end) = (position, tdmr.base &+ tdmr.size)
    position = end
    return start < end ? AddressRange(unchecked: start, end) : nil
  }
}
