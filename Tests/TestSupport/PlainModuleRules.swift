import TDXMemory

/// What TDH.SYS.CONFIG is handed, as plain arrays that a test can change.
public struct PlainConfiguration: Sendable {
  public var cmrs: [ConvertibleRegionSlot]
  public var tdmrs: [PlanVector.TDMR]
  public var keyIDBits: Int
  public var dynamicPAMT: Bool
  public var limits: ModuleLimits

  public init(
    cmrs: [ConvertibleRegionSlot],
    tdmrs: [PlanVector.TDMR],
    keyIDBits: Int = 6,
    dynamicPAMT: Bool = false,
    limits: ModuleLimits = ModuleLimits()
  ) {
    self.cmrs = cmrs
    self.tdmrs = tdmrs
    self.keyIDBits = keyIDBits
    self.dynamicPAMT = dynamicPAMT
    self.limits = limits
  }

  public init(_ vector: ModuleVector) {
    self.init(
      cmrs: vector.cmrs,
      tdmrs: vector.tdmrs,
      keyIDBits: vector.keyIDBits,
      dynamicPAMT: vector.dynamicPAMT,
      limits: vector.limits
    )
  }

  /// The answer of the rules under test.
  public func verdict(_ rules: ModuleRules = ModuleRules()) -> ModuleVerdict {
    withConfiguration { rules.verdict(on: $0) }
  }

  /// Lends the configuration as the module would get it: with TDMR_INFO entries in memory.
  public func withConfiguration<Result>(_ body: (ModuleConfiguration) -> Result) -> Result {
    let slots = tdmrs.map(\.reserved.count).max() ?? 0
    let entries = EntryBytes(tdmrs, maxReserved: max(slots, Int(min(limits.maxReserved, 64))))
    return withExtendedLifetime(entries) {
      cmrs.withUnsafeBufferPointer {
        body(
          ModuleConfiguration(
            tdmrs: entries.table,
            cmrs: $0,
            keyIDBits: keyIDBits,
            dynamicPAMT: dynamicPAMT,
            limits: limits
          )
        )
      }
    }
  }
}

/// A refusal of the module as it hands it over: the status in RAX.
struct Refusal: Error {
  var status: UInt64

  init(_ status: UInt64, _ d0: Int = 0, _ d1: Int = 0, _ d2: Int = 0) {
    self.status = status + UInt64(d0 % 256) + UInt64(d1 % 256) << 8 + UInt64(d2 % 256) << 16
  }
}

/// The module's checks as their description reads, every pair held against each other, in the module's order: the
/// oracle that `ModuleRules` is held against. Sums are 128 bits wide, so that none of them wraps by accident.
public struct PlainModuleRules {
  typealias Span = (start: UInt128, end: UInt128)

  private let configuration: PlainConfiguration
  /// The CMRs; abutting ones as one.
  private var convertible: [Span] = []

  /// The status in RAX: 0 where the module accepts.
  public static func status(_ configuration: PlainConfiguration) -> UInt64 {
    do throws(Refusal) {
      var rules = PlainModuleRules(configuration: configuration)
      try rules.readCMRs()
      try rules.checkCall()
      for index in configuration.tdmrs.indices { try rules.check(index) }
      return 0
    } catch {
      return error.status
    }
  }

  private init(configuration: PlainConfiguration) { self.configuration = configuration }

  private mutating func readCMRs() throws(Refusal) {
    for slot in configuration.cmrs where slot.size != 0 {
      let cmr = span(slot.base, slot.size)
      if cmr.end >= 1 << 64 || !isAddressable(cmr) || !isPageAligned(cmr) {
        throw Refusal(0xC000_0A22_0000_0000)
      }
      if let last = convertible.last, cmr.start < last.end { throw Refusal(0xC000_0A22_0000_0000) }
      if let last = convertible.last, cmr.start == last.end {
        convertible[convertible.count - 1].end = cmr.end
      } else {
        convertible.append(cmr)
      }
    }
  }

  private func checkCall() throws(Refusal) {
    if configuration.tdmrs.count > configuration.limits.maxTDMRs || configuration.tdmrs.isEmpty {
      throw Refusal(0xC000_0100_0000_0002)
    }
    if configuration.dynamicPAMT && 52 - configuration.keyIDBits > 48 { throw Refusal(0xC000_0100_0000_0008) }
  }

  private func check(_ index: Int) throws(Refusal) {
    try checkRange(index)
    try checkReservedAreas(index)
    try checkPAMTShapes(index)
    try checkPAMTsAgainstPAMTs(index)
    try checkPAMTsAgainstMemory(index)
    try checkAgainstCMRs(index)
  }

  /// A.
  private func checkRange(_ index: Int) throws(Refusal) {
    let (invalid, nonOrdered): (UInt64, UInt64) = (0xC000_0A00_0000_0000, 0xC000_0A01_0000_0000)
    let tdmr = range(index)
    if tdmr.end >= 1 << 64 { throw Refusal(invalid, index) }
    if index > 0, tdmr.start < range(index - 1).start { throw Refusal(nonOrdered, index) }
    if index > 0, tdmr.start < range(index - 1).end { throw Refusal(nonOrdered, index) }
    if tdmr.start % (1 << 30) != 0 || tdmr.end % (1 << 30) != 0 || tdmr.start == tdmr.end {
      throw Refusal(invalid, index)
    }
    if !isAddressable(tdmr) { throw Refusal(invalid, index) }
  }

  /// B.
  private func checkReservedAreas(_ index: Int) throws(Refusal) {
    let (invalid, nonOrdered): (UInt64, UInt64) = (0xC000_0A20_0000_0000, 0xC000_0A21_0000_0000)
    let slots = reservedSlots(index)
    for (j, area) in slots.enumerated() {
      if area.start == area.end {
        if j + 1 < slots.count, slots[j + 1].start < slots[j + 1].end { throw Refusal(nonOrdered, index, j) }
        continue
      }
      if area.end >= 1 << 64 { throw Refusal(invalid, index, j) }
      if j > 0, area.start < slots[j - 1].start { throw Refusal(nonOrdered, index, j) }
      if j > 0, area.start < slots[j - 1].end { throw Refusal(nonOrdered, index, j) }
      if !isPageAligned(area) { throw Refusal(invalid, index, j) }
      if range(index).start + area.end > range(index).end { throw Refusal(invalid, index, j) }
    }
  }

  /// C.
  private func checkPAMTShapes(_ index: Int) throws(Refusal) {
    let entry = configuration.limits.pamtEntryBytes
    let size = UInt128(configuration.tdmrs[index].size)
    let needed = [
      configuration.dynamicPAMT ? size / 4096 / 8 : size / 4096 * UInt128(entry.page4K),
      size / (1 << 21) * UInt128(entry.page2M),
      size / (1 << 30) * UInt128(entry.page1G),
    ]
    for level in [2, 1, 0] {
      let pamt = pamt(index, level)
      if pamt.end >= 1 << 64 || !isPageAligned(pamt) || !isAddressable(pamt)
        || pamt.end - pamt.start < needed[level]
      {
        throw Refusal(0xC000_0A10_0000_0000, index, level)
      }
    }
  }

  /// D.
  private func checkPAMTsAgainstPAMTs(_ index: Int) throws(Refusal) {
    for j in 0..<index {
      for level in 0...2 {
        for other in 0...2 where overlap(pamt(index, level), pamt(j, other)) {
          throw Refusal(0xC000_0A12_0000_0000, index, level, j)
        }
      }
    }
    for (one, other) in [(0, 1), (0, 2), (1, 2)] where overlap(pamt(index, one), pamt(index, other)) {
      throw Refusal(0xC000_0A12_0000_0000, index, one, index)
    }
  }

  /// E.
  private func checkPAMTsAgainstMemory(_ index: Int) throws(Refusal) {
    for j in 0...index {
      for level in 0...2 where available(j).contains(where: { overlap($0, pamt(index, level)) }) {
        throw Refusal(0xC000_0A12_0000_0000, index, level, j)
      }
      for level in 0...2 where j < index && available(index).contains(where: { overlap($0, pamt(j, level)) })
      {
        throw Refusal(0xC000_0A12_0000_0000, j, level, index)
      }
    }
  }

  /// F and G.
  private func checkAgainstCMRs(_ index: Int) throws(Refusal) {
    for level in [2, 1, 0] where !isConvertible(pamt(index, level)) {
      throw Refusal(0xC000_0A11_0000_0000, index, level)
    }
    if !available(index).allSatisfy(isConvertible) { throw Refusal(0xC000_0A02_0000_0000, index) }
  }

  // MARK: - Parts of a configuration

  private func range(_ index: Int) -> Span {
    span(configuration.tdmrs[index].base, configuration.tdmrs[index].size)
  }

  /// The reserved areas that the module reads, as offsets: MAX_RESERVED slots, whatever the host wrote after them.
  private func reservedSlots(_ index: Int) -> [Span] {
    configuration.tdmrs[index].reserved.prefix(Int(clamping: configuration.limits.maxReserved))
      .map { span($0[0], $0[1]) }
  }

  private func pamt(_ index: Int, _ level: Int) -> Span {
    span(configuration.tdmrs[index].pamts[level][0], configuration.tdmrs[index].pamts[level][1])
  }

  /// The maximal stretches of a TDMR that are not reserved.
  private func available(_ index: Int) -> [Span] {
    var stretches: [Span] = []
    var start = range(index).start
    for area in reservedSlots(index) where area.start < area.end {
      if start < range(index).start + area.start {
        stretches.append((start, range(index).start + area.start))
      }
      start = range(index).start + area.end
    }
    if start < range(index).end { stretches.append((start, range(index).end)) }
    return stretches
  }

  // MARK: - Predicates

  private func span(_ base: UInt64, _ size: UInt64) -> Span {
    (UInt128(base), UInt128(base) + UInt128(size))
  }

  private func isPageAligned(_ span: Span) -> Bool { span.start % 4096 == 0 && span.end % 4096 == 0 }

  /// The first and the last byte are below 2^52 and without key-id bits.
  private func isAddressable(_ span: Span) -> Bool {
    let ceiling: UInt128 = 1 << UInt128(52 - configuration.keyIDBits)
    return span.start < ceiling && span.end <= ceiling
  }

  private func isConvertible(_ span: Span) -> Bool {
    convertible.contains { $0.start <= span.start && span.end <= $0.end }
  }

  /// Nothing of no size overlaps anything.
  private func overlap(_ one: Span, _ other: Span) -> Bool {
    max(one.start, other.start) < min(one.end, other.end)
  }
}
