/// The CMR table as the module uses it: abutting CMRs are one run, unused slots are skipped.
struct ConvertibleRuns: ~Copyable {
  private var runs = Scratch<AddressRange>()
  private var count = 0
  /// The run that held the last range, of whatever table: the first guess for the next one.
  private var latest = 0

  init() {}

  /// Checks the table as TDH.SYS.INIT does, and merges it.
  ///
  /// - Returns: false where the module would refuse the table.
  mutating func build(
    _ slots: UnsafeBufferPointer<ConvertibleRegionSlot>,
    _ addresses: AddressLimit
  ) -> Bool {
    runs.reserve(slots.count)
    count = 0
    for slot in slots where slot.size != 0 {
      let (end, wraps) = slot.base.addingReportingOverflow(slot.size)
      guard !wraps, addresses.allows(slot.base), addresses.allows(end - 1),
        (slot.base | slot.size).isMultiple(ofPowerOfTwo: pageSize)
      else { return false }
      if count > 0, runs[count - 1].end >= slot.base {
        guard runs[count - 1].end == slot.base else { return false }
        runs[count - 1] = AddressRange(unchecked: runs[count - 1].start, end)
      } else {
        runs[count] = AddressRange(unchecked: slot.base, end)
        count += 1
      }
    }
    return true
  }

  /// Whether the range lies inside one run: in O(1) where it is the run of the last answer, else in O(log runs).
  mutating func contain(_ range: AddressRange) -> Bool {
    if latest < count, runs[latest].contains(range) { return true }
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].end < range.end { low = middle + 1 } else { high = middle }
    }
    guard low < count, runs[low].contains(range) else { return false }
    latest = low
    return true
  }
}

/// The module's address limit: below 2^52, and without key-id bits, which are the top ones of those 52.
struct AddressLimit {
  private let usableBits: UInt64

  /// - Parameter keyIDBits: 0 to 52.
  init(keyIDBits: Int) { usableBits = UInt64(maxAddressBits - keyIDBits) }

  func allows(_ address: UInt64) -> Bool { address >> usableBits == 0 }
}
