import CTDXMemory
import RandomNumbers
import TDXMemory
import TDXMemoryLibrary
import TestSupport
import Testing

/// The functions of the header, called as C calls them, with lists and buffers that are exactly as long as they are said
/// to be: under the address sanitizer a byte more is a failure. scripts/check-library calls the shared library itself.
@Suite struct LibraryTests {
  @Test(arguments: try PlanVector.all()) func plansAsLinuxDoes(_ vector: PlanVector) throws {
    let caller = Caller()
    let answer = try caller.plan(vector)
    #expect(answer.outcome == vector.outcome, "\(vector.id)")
    if let messages = vector.messages { #expect(answer.messages == messages, "\(vector.id)") }
    #expect(answer.tdmrs == vector.tdmrs, "\(vector.id)")
    if let pamtKiB = vector.pamtKiB { #expect(answer.pamtKiB == pamtKiB, "\(vector.id)") }
  }

  /// Expect an error and the room that is needed, and no byte beyond the room that there is.
  @Test func saysHowMuchRoomThereMustBe() throws {
    let vector = try #require(try PlanVector.all().first { ($0.tdmrs?.count ?? 0) > 2 })
    let caller = Caller()
    let wanted = try caller.plan(vector)
    for tdmrs in 0...wanted.result.tdmr_count {
      for areas in 0...wanted.result.area_count {
        let (status, result) = caller.plan(vector, tdmrs: Int(tdmrs), areas: Int(areas))
        let isEnough = tdmrs == wanted.result.tdmr_count && areas == wanted.result.area_count
        #expect(status == (isEnough ? 0 : Int32(TDXMEMORY_ERROR_CAPACITY)))
        #expect(result.tdmr_count == wanted.result.tdmr_count)
        #expect(result.area_count == wanted.result.area_count)
      }
    }
  }

  /// Expect a status, whatever it is, and an explanation where it is an error.
  @Test func readsWhateverItIsHanded() {
    var random = SplitMix64(seed: 15)
    let caller = Caller()
    var statuses: Set<Int32> = []
    for _ in 0..<3000 {
      var options = tdxmemory_options()
      tdxmemory_options_init(&options)
      options.policy = UInt32(random.number(below: 3))
      options.dynamic_pamt = UInt32(random.number(below: 2))
      options.keyid_bits = UInt32(random.number(below: 54))
      if random.number(below: 2) == 0 { options.max_tdmrs = random.address() }
      if random.number(below: 2) == 0 { options.max_reserved = random.address() }
      let regions = (0..<random.number(below: 12)).map { _ in
        let bounds = random.bounds()
        return tdxmemory_region(start: bounds.0, end: bounds.1, node: random.number(below: 3))
      }
      let cmrs = (0..<random.number(below: 12)).map { _ in
        let bounds = random.bounds()
        return tdxmemory_range(start: bounds.0, end: bounds.1)
      }
      let ordered = random.number(below: 4) > 0
      let status = caller.callAll(
        ordered ? regions.sorted { $0.start < $1.start } : regions,
        ordered ? cmrs.sorted { $0.start < $1.start } : cmrs,
        options
      )
      statuses.formUnion(status)
      if status.last != 0 { #expect(!String(cString: tdxmemory_message(caller.session)).isEmpty) }
    }
    #expect(statuses.isSuperset(of: [0, 4, 6, 7].map { Int32($0) }))
  }
}

/// A session, and calls with it.
private final class Caller {
  let session = tdxmemory_create()

  deinit { tdxmemory_destroy(session) }

  struct Answer {
    var result: tdxmemory_plan_result
    var outcome: PlanOutcome?
    var messages: [String]
    var tdmrs: [PlanVector.TDMR]?
    var pamtKiB: UInt64
  }

  func plan(_ vector: PlanVector) throws -> Answer {
    let (_, needed) = plan(vector, tdmrs: 0, areas: 0)
    var (tdmrs, areas): ([tdxmemory_tdmr], [tdxmemory_area]) = ([], [])
    let (status, result) = plan(
      vector,
      tdmrs: Int(needed.tdmr_count),
      areas: Int(needed.area_count)
    ) { (tdmrs, areas) = (Array($0), Array($1)) }
    #expect(status == 0)
    let length = tdxmemory_text(session, UInt32(TDXMEMORY_TEXT_LINUX_MESSAGES), nil, 0)
    var text = [CChar](repeating: 0, count: length + 1)
    tdxmemory_text(session, UInt32(TDXMEMORY_TEXT_LINUX_MESSAGES), &text, length + 1)
    let lines = String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return Answer(
      result: result,
      outcome: PlanOutcome.allCases.first { UInt32($0.errno) == result.outcome },
      messages: lines.split(separator: "\n").map(String.init),
      tdmrs: result.outcome == 0 ? tdmrs.map { PlanVector.TDMR($0, areas) } : nil,
      pamtKiB: result.pamt_bytes / 1024
    )
  }

  /// Plans into buffers of so many elements, and hands them on.
  func plan(
    _ vector: PlanVector,
    tdmrs tdmrCapacity: Int,
    areas areaCapacity: Int,
    _ read: (UnsafeBufferPointer<tdxmemory_tdmr>, UnsafeBufferPointer<tdxmemory_area>) -> Void = { _, _ in }
  ) -> (tdxmemory_status, tdxmemory_plan_result) {
    var options = tdxmemory_options(vector.options)
    var result = tdxmemory_plan_result()
    let regions = vector.regions.map {
      tdxmemory_region(start: $0.start, end: $0.end, node: UInt64($0.node))
    }
    let cmrs = vector.convertible.map { tdxmemory_range(start: $0.start, end: $0.end) }
    let tdmrs = UnsafeMutableBufferPointer<tdxmemory_tdmr>.allocate(capacity: tdmrCapacity)
    let areas = UnsafeMutableBufferPointer<tdxmemory_area>.allocate(capacity: areaCapacity)
    defer {
      tdmrs.deallocate()
      areas.deallocate()
    }
    let status = withMemory(regions, vector.options.policy == .linux ? nil : cmrs) { memory in
      var memory = memory
      var buffers = tdxmemory_buffers(
        tdmrs: tdmrs.baseAddress,
        tdmr_capacity: tdmrCapacity,
        areas: areas.baseAddress,
        area_capacity: areaCapacity
      )
      return tdxmemory_plan(session, &memory, &options, &buffers, &result)
    }
    if status == 0 { read(UnsafeBufferPointer(tdmrs), UnsafeBufferPointer(areas)) }
    return (status, result)
  }

  /// A plan, the module's answer to what was planned, and now and then advice.
  func callAll(
    _ regions: [tdxmemory_region],
    _ cmrs: [tdxmemory_range],
    _ options: tdxmemory_options
  ) -> [tdxmemory_status] {
    var options = options
    var tdmrs = [tdxmemory_tdmr](repeating: tdxmemory_tdmr(), count: 12)
    var areas = [tdxmemory_area](repeating: tdxmemory_area(), count: 64)
    return withMemory(regions, cmrs) { memory in
      tdmrs.withUnsafeMutableBufferPointer { tdmrs in
        areas.withUnsafeMutableBufferPointer { areas in
          var memory = memory
          var buffers = tdxmemory_buffers(
            tdmrs: tdmrs.baseAddress,
            tdmr_capacity: tdmrs.count,
            areas: areas.baseAddress,
            area_capacity: areas.count
          )
          var result = tdxmemory_plan_result()
          let planned = tdxmemory_plan(session, &memory, &options, &buffers, &result)
          var configuration = tdxmemory_configuration(
            tdmrs: buffers.tdmrs,
            tdmr_count: min(Int(result.tdmr_count), tdmrs.count),
            areas: buffers.areas,
            area_count: min(Int(result.area_count), areas.count),
            cmrs: nil,
            cmr_count: 0
          )
          var verdict = tdxmemory_verdict()
          let validated = tdxmemory_validate(session, &configuration, &options, &verdict)
          var advice = tdxmemory_advice()
          var none = tdxmemory_advice_buffers()
          guard regions.count < 4 else { return [planned, validated] }
          return [planned, validated, tdxmemory_advise(session, &memory, &options, &none, &advice)]
        }
      }
    }
  }

  /// Lends copies on the heap, as long as their lists. Nil CMRs: not known.
  private func withMemory<Result>(
    _ regions: [tdxmemory_region],
    _ cmrs: [tdxmemory_range]?,
    _ body: (tdxmemory_memory) -> Result
  ) -> Result {
    let regionCopy = UnsafeMutableBufferPointer<tdxmemory_region>.allocate(capacity: regions.count)
    _ = regionCopy.initialize(from: regions)
    let cmrCopy = UnsafeMutableBufferPointer<tdxmemory_range>.allocate(capacity: cmrs?.count ?? 0)
    _ = cmrCopy.initialize(from: cmrs ?? [])
    defer {
      regionCopy.deallocate()
      cmrCopy.deallocate()
    }
    return body(
      tdxmemory_memory(
        regions: UnsafePointer(regionCopy.baseAddress),
        region_count: regions.count,
        cmrs: cmrs == nil ? nil : UnsafePointer(cmrCopy.baseAddress),
        cmr_count: cmrs?.count ?? 0
      )
    )
  }
}

extension PlanVector.TDMR {
  fileprivate init(_ tdmr: tdxmemory_tdmr, _ areas: [tdxmemory_area]) {
    let own = areas[Int(tdmr.first_area)..<Int(tdmr.first_area) + Int(tdmr.area_count)]
    self.init(
      base: tdmr.base,
      size: tdmr.size,
      node: tdmr.node,
      pamts: [tdmr.pamt_4k, tdmr.pamt_2m, tdmr.pamt_1g].map { [$0.base, $0.size] },
      reserved: own.map { [$0.offset, $0.size] }
    )
  }
}

extension tdxmemory_options {
  fileprivate init(_ options: PlanOptions) {
    self.init()
    tdxmemory_options_init(&self)
    policy = options.policy == .linux ? 0 : options.policy == .linuxCMR ? 1 : 2
    placement = options.placement == .firstFit ? 0 : options.placement == .top ? 1 : 2
    dynamic_pamt = options.dynamicPAMT ? 1 : 0
    max_tdmrs = options.limits.maxTDMRs
    max_reserved = options.limits.maxReserved
    pamt_4k_entry_bytes = options.limits.pamtEntryBytes.page4K
    pamt_2m_entry_bytes = options.limits.pamtEntryBytes.page2M
    pamt_1g_entry_bytes = options.limits.pamtEntryBytes.page1G
  }
}

extension SplitMix64 {
  fileprivate mutating func number(below limit: UInt64) -> UInt64 { next() % limit }

  /// An address near a place where arithmetic goes wrong.
  fileprivate mutating func address() -> UInt64 {
    let places: [UInt64] = [0, 1 << 20, 1 << 30, 4 << 30, 1 << 52, 1 << 63, .max - 1 << 30, .max]
    let place = places[Int(number(below: UInt64(places.count)))]
    switch number(below: 3) {
    case 0: return place &+ number(below: 5) &- 2
    case 1: return place &+ number(below: 64) << 12
    default: return place &+ number(below: 64) << 30
    }
  }

  /// Mostly a range.
  fileprivate mutating func bounds() -> (UInt64, UInt64) {
    let (one, other) = (address(), address())
    return number(below: 16) == 0 ? (one, other) : (min(one, other), max(one, other))
  }
}
