import CTDXMemory
import Requests
import TDXMemory

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_validate(
  _ session: OpaquePointer!,
  _ configuration: UnsafePointer<tdxmemory_configuration>!,
  _ options: UnsafePointer<tdxmemory_options>!,
  _ verdict: UnsafeMutablePointer<tdxmemory_verdict>!
) -> tdxmemory_status {
  answer(session) { (session) throws(Problem) in
    let result = try structure(verdict, "verdict")
    result.pointee = tdxmemory_verdict(nil)
    let configuration = try structure(configuration, "configuration").pointee
    let options = try CallOptions.read(options)
    let tdmrs = try list(configuration.tdmrs, configuration.tdmr_count, "tdmrs")
    let areas = try list(configuration.areas, configuration.area_count, "areas")
    let cmrs = try list(configuration.cmrs, configuration.cmr_count, "cmrs")
    try session.table.read(tdmrs, areas, maxReserved: options.plan.limits.maxReserved)
    let verdict = session.rules.verdict(
      on: ModuleConfiguration(
        tdmrs: session.table.view,
        // The layout is the same: base and size.
        cmrs: UnsafeBufferPointer(
          start: UnsafeRawPointer(cmrs.baseAddress)?.assumingMemoryBound(to: ConvertibleRegionSlot.self),
          count: cmrs.count
        ),
        keyIDBits: options.keyIDBits,
        dynamicPAMT: options.plan.dynamicPAMT,
        limits: options.plan.limits
      )
    )
    session.remarks.set(.refusal(Optional(verdict)), verdict: verdict)
    result.pointee = tdxmemory_verdict(verdict)
  }
}

extension TDMRInfoBuffer {
  /// Makes TDMR_INFO entries of a caller's TDMRs.
  ///
  /// All areas together may be no more than there are: else few bytes of input, read again and again, would take any
  /// amount of memory.
  fileprivate mutating func read(
    _ tdmrs: UnsafeBufferPointer<tdxmemory_tdmr>,
    _ areas: UnsafeBufferPointer<tdxmemory_area>,
    maxReserved: UInt64
  ) throws(Problem) {
    removeAll()
    var room = UInt64(areas.count)
    for (index, tdmr) in tdmrs.enumerated() {
      let count = UInt64(tdmr.area_count)
      guard count <= maxReserved else {
        throw .tooManyAreas(tdmr: index, count: tdmr.area_count, limit: maxReserved)
      }
      guard count <= areas.count, tdmr.first_area <= UInt64(areas.count) - count else {
        throw .areasNotThere(
          tdmr: index,
          first: tdmr.first_area,
          count: tdmr.area_count,
          areas: areas.count
        )
      }
      guard count <= room else { throw .moreAreasThanThere(tdmr: index, areas: areas.count) }
      room -= count
      beginEntry()
      for area in areas[Int(tdmr.first_area)..<Int(tdmr.first_area + count)] {
        appendReservedArea(offset: area.offset, size: area.size)
      }
      endEntry(
        (tdmr.base, tdmr.size),
        page1G: (tdmr.pamt_1g.base, tdmr.pamt_1g.size),
        page2M: (tdmr.pamt_2m.base, tdmr.pamt_2m.size),
        page4K: (tdmr.pamt_4k.base, tdmr.pamt_4k.size)
      )
    }
  }
}
