import RandomNumbers
import TDXMemory

extension PlainConfiguration {
  /// A configuration that the module accepts, in most cases: what Linux would hand over on a random machine; nil
  /// where that machine has no plan.
  public static func planned(using random: inout SplitMix64, planner: Planner) throws -> PlainConfiguration? {
    let machine = Machine.randomSound(using: &random)
    let plan = try machine.plan(planner: planner)
    guard plan.outcome == .ok else { return nil }
    return PlainConfiguration(
      cmrs: machine.convertible.map { ConvertibleRegionSlot(base: $0.start, size: $0.size) },
      tdmrs: plan.tdmrs,
      dynamicPAMT: machine.options.dynamicPAMT,
      limits: machine.options.limits
    )
  }

  /// TDMRs of a few GiB whose PAMTs lie anywhere among them: full of conflicts, and sound in shape.
  public static func crowded(using random: inout SplitMix64) -> PlainConfiguration {
    let count = 1 + random.below(7)
    var tdmrs: [PlanVector.TDMR] = []
    var base: UInt64 = random.below(3) << 30
    // With few places for PAMTs there are many conflicts, with many there are few.
    let places = random.pick([2, 8, 64, 512]) as UInt64
    let dynamicPAMT = random.oneIn(2)
    for _ in 0..<count {
      base += random.pick([0, 0, 1]) << 30
      let gibs = 1 + random.below(2) as UInt64
      var reserved: [[UInt64]] = []
      var offset: UInt64 = 0
      for _ in 0..<random.below(6) {
        offset += random.pick([0, 0, 1, 5, 64]) << 23
        let size = min(random.pick([1, 1, 2, 32]) << 23, (gibs << 30) - min(offset, gibs << 30))
        if size == 0 || random.oneIn(8) { continue }
        reserved.append([offset, size])
        offset += size
      }
      if random.oneIn(2) { reserved = [[0, gibs << 30]] }
      // All sizes of one GiB's 4K level, or the needed ones.
      let bytes = dynamicPAMT ? 32 << 10 : 4 << 20 as UInt64
      let pamts = [gibs * bytes, gibs << 13, 4096].map { size in
        [random.below(places) * (8 << 30) / places & ~0xfff, random.oneIn(6) ? size + 4096 : size]
      }
      tdmrs.append(PlanVector.TDMR(base: base, size: gibs << 30, node: 0, pamts: pamts, reserved: reserved))
      base += gibs << 30
    }
    let cmrs = random.oneIn(3) ? [] : [ConvertibleRegionSlot(base: 1 << 30, size: 5 << 30)]
    return PlainConfiguration(
      cmrs: cmrs + [ConvertibleRegionSlot(base: 6 << 30, size: 20 << 30)],
      tdmrs: tdmrs,
      dynamicPAMT: dynamicPAMT
    )
  }

  /// Changes one thing, in most cases to something that is wrong.
  public mutating func mutate(using random: inout SplitMix64) {
    let tdmr = tdmrs.isEmpty ? 0 : random.below(tdmrs.count)
    guard !tdmrs.isEmpty else { return mutateCall(using: &random) }
    switch random.below(16) {
    case 0: mutateCall(using: &random)
    case 1, 2: mutateCMRs(using: &random)
    case 3: tdmrs[tdmr].base = changed(tdmrs[tdmr].base, by: 1 << 30, using: &random)
    case 4: tdmrs[tdmr].size = changed(tdmrs[tdmr].size, by: 1 << 30, using: &random)
    case 5: tdmrs.swapAt(tdmr, random.below(tdmrs.count))
    case 6: tdmrs.insert(tdmrs[tdmr], at: random.below(tdmrs.count + 1))
    case 7, 8:
      let (level, word) = (random.below(3), random.below(2))
      tdmrs[tdmr].pamts[level][word] = changed(tdmrs[tdmr].pamts[level][word], by: 4096, using: &random)
    case 9:  // A PAMT at the place of another, or right beside it.
      let other = tdmrs[random.below(tdmrs.count)].pamts[random.below(3)]
      tdmrs[tdmr].pamts[random.below(3)][0] = random.pick([other[0], other[0] &+ other[1], other[0] &- 4096])
    case 10:  // A PAMT in the memory of a TDMR.
      let other = tdmrs[random.below(tdmrs.count)]
      tdmrs[tdmr].pamts[random.below(3)][0] = other.base &+ random.below(max(other.size, 1)) & ~0xfff
    case 11: tdmrs[tdmr].pamts.swapAt(random.below(3), random.below(3))
    default: mutateReserved(of: tdmr, using: &random)
    }
  }

  private mutating func mutateCall(using random: inout SplitMix64) {
    switch random.below(5) {
    case 0: keyIDBits = random.oneIn(4) ? 52 : random.below(16)
    case 1: dynamicPAMT.toggle()
    case 2: limits.maxTDMRs = random.pick([0, 1, 2, 3, .max])
    case 3: limits.maxReserved = random.pick([0, 1, 2, 3, 8, .max])
    default:
      if random.oneIn(4) {
        tdmrs = []
      } else {
        limits.pamtEntryBytes.page4K = random.pick([0, 8, 17, 65535])
      }
    }
  }

  private mutating func mutateCMRs(using random: inout SplitMix64) {
    let slot = random.below(cmrs.count + 1)
    guard slot < cmrs.count else {
      return cmrs.insert(
        ConvertibleRegionSlot(base: random.next(), size: 0),
        at: random.below(cmrs.count + 1)
      )
    }
    let cmr = cmrs[slot]
    let middle = random.below(max(cmr.size >> 12, 1)) << 12
    switch random.below(8) {
    case 0: cmrs[slot].base = changed(cmr.base, by: 4096, using: &random)
    case 1: cmrs[slot].size = changed(cmr.size, by: 4096, using: &random)
    case 2: cmrs.remove(at: slot)
    case 3: cmrs.swapAt(slot, random.below(cmrs.count))
    case 4: cmrs.insert(cmr, at: slot)
    case 5, 6:  // Two that abut, or miss a page, with an empty slot between them.
      let hole: UInt64 = random.oneIn(2) ? 0 : 4096
      cmrs[slot].size = middle
      cmrs.insert(ConvertibleRegionSlot(base: 0, size: 0), at: slot + 1)
      cmrs.insert(
        ConvertibleRegionSlot(
          base: cmr.base &+ middle &+ hole,
          size: cmr.size - middle - min(hole, cmr.size - middle)
        ),
        at: slot + 2
      )
    default:
      cmrs = [ConvertibleRegionSlot(base: 0, size: 1 << (52 - UInt64(min(keyIDBits, 20))))]
    }
  }

  private mutating func mutateReserved(of tdmr: Int, using random: inout SplitMix64) {
    let count = tdmrs[tdmr].reserved.count
    let pages = max(tdmrs[tdmr].size >> 12, 1)
    let area = [random.below(pages) << 12, (1 + random.below(pages)) << 12]
    guard count > 0 else { return tdmrs[tdmr].reserved.append(area) }
    let slot = random.below(count)
    switch random.below(8) {
    case 0: tdmrs[tdmr].reserved[slot] = [tdmrs[tdmr].reserved[slot][0], 0]
    case 1: tdmrs[tdmr].reserved.swapAt(slot, random.below(count))
    case 2: tdmrs[tdmr].reserved.remove(at: slot)
    case 3: tdmrs[tdmr].reserved.insert(area, at: slot)
    case 4: tdmrs[tdmr].reserved.insert([random.next(), 0], at: slot)
    case 5: tdmrs[tdmr].reserved = [[0, tdmrs[tdmr].size]]
    default:
      let word = random.below(2)
      tdmrs[tdmr].reserved[slot][word] = changed(tdmrs[tdmr].reserved[slot][word], by: 4096, using: &random)
    }
  }

  /// A number near the one given, or near a border of the address space.
  private func changed(_ value: UInt64, by unit: UInt64, using random: inout SplitMix64) -> UInt64 {
    let border = random.pick([1 << 46, 1 << 48, 1 << 52, UInt64.max - unit + 1, 0] as [UInt64])
    return switch random.below(10) {
    case 0, 1: value &+ unit
    case 2, 3: value &- unit
    case 4: value ^ 1 << random.below(64 as UInt64)
    case 5: value &+ random.below(4096 as UInt64)
    case 6: border
    case 7: border &- unit
    case 8: border &- value
    default: value &+ random.below(64 as UInt64) &* unit
    }
  }
}
