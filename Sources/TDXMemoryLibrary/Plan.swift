import CTDXMemory
import TDXMemory

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_plan(
  _ session: OpaquePointer!,
  _ memory: UnsafePointer<tdxmemory_memory>!,
  _ options: UnsafePointer<tdxmemory_options>!,
  _ buffers: UnsafePointer<tdxmemory_buffers>!,
  _ result: UnsafeMutablePointer<tdxmemory_plan_result>!
) -> tdxmemory_status {
  answer(session) { (session) throws(Problem) in
    let result = try structure(result, "result")
    result.pointee = tdxmemory_plan_result()
    let memory = try structure(memory, "memory")
    let options = try CallOptions.read(options)
    let output = try PlanOutput(structure(buffers, "buffers").pointee)
    let regions = try session.regions(memory.pointee)
    let (plan, verdict) = session.planner.plan(
      regions,
      convertible: try session.convertible(memory.pointee),
      options: options.plan,
      keyIDBits: options.keyIDBits
    )
    result.pointee.outcome = UInt32(truncatingIfNeeded: plan.outcome.errno)
    result.pointee.is_proved = plan.proved == true ? 1 : 0
    result.pointee.module = tdxmemory_verdict(verdict)
    guard plan.failure == nil else {
      session.remarks.set(.whyNot(plan), messages: plan.messages)
      return
    }
    session.remarks.set(.refusal(verdict), messages: plan.messages, verdict: verdict)
    result.pointee.pamt_bytes = plan.pamtBytes
    try output.write(plan, result)
  }
}

extension Remarks.Notice {
  /// Why there is no plan.
  fileprivate static func whyNot(_ plan: Plan) -> Remarks.Notice? {
    plan.obstacle.map { .obstacle($0) } ?? plan.failure.map { .failure($0) }
  }
}

/// The caller's buffers for a plan.
private struct PlanOutput {
  private let tdmrs: UnsafeMutableBufferPointer<tdxmemory_tdmr>
  private let areas: UnsafeMutableBufferPointer<tdxmemory_area>

  @inline(__always)
  init(_ buffers: tdxmemory_buffers) throws(Problem) {
    tdmrs = try list(buffers.tdmrs, buffers.tdmr_capacity, "buffers.tdmrs")
    areas = try list(buffers.areas, buffers.area_capacity, "buffers.areas")
  }

  /// Writes as much as there is room for, and counts all.
  @inline(__always)
  func write(_ plan: Plan, _ result: UnsafeMutablePointer<tdxmemory_plan_result>) throws(Problem) {
    let table = plan.tdmrs
    var count = 0
    if table.count <= tdmrs.count, let target = tdmrs.baseAddress, let nodes = plan.nodes.baseAddress {
      for index in 0..<table.count {
        let (entry, slots) = table.place(index)
        let first = count
        count = write(entry + TDMRInfo.headerBytes, slots: slots, from: first)
        let copy = UnsafeMutableRawPointer(target + index)
        copy.copyMemory(from: entry, byteCount: TDMRInfo.headerBytes)
        copy.storeBytes(of: UInt64(truncatingIfNeeded: first), toByteOffset: 64, as: UInt64.self)
        // Fewer areas than 2^32: they would take 64 GiB in one TDMR.
        copy.storeBytes(of: UInt32(truncatingIfNeeded: count &- first), toByteOffset: 72, as: UInt32.self)
        copy.storeBytes(of: nodes[index], toByteOffset: 76, as: UInt32.self)
      }
    } else {
      for tdmr in table { count += tdmr.usedReservedSlots }
    }
    result.pointee.tdmr_count = UInt64(truncatingIfNeeded: table.count)
    result.pointee.area_count = UInt64(truncatingIfNeeded: count)
    guard table.count <= tdmrs.count else {
      throw .capacity("buffers.tdmrs", capacity: tdmrs.count, needed: table.count)
    }
    guard count <= areas.count else {
      throw .capacity("buffers.areas", capacity: areas.count, needed: count)
    }
  }

  /// Copies the areas of one TDMR, up to the first unused slot.
  ///
  /// - Returns: how many areas there are so far.
  @inline(__always)
  private func write(_ source: UnsafeRawPointer, slots: Int, from first: Int) -> Int {
    typealias Pair = SIMD2<UInt64>
    guard areas.count &- first >= slots, let base = areas.baseAddress else {
      return writeNearTheEnd(source, slots: slots, from: first)
    }
    let target = UnsafeMutableRawPointer(base + first)
    let end = slots &* TDMRInfo.reservedAreaBytes
    var offset = 0
    while offset < end, source.load(fromByteOffset: offset &+ 8, as: UInt64.self) != 0 {
      let area = source.loadUnaligned(fromByteOffset: offset, as: Pair.self)
      target.storeBytes(of: area, toByteOffset: offset, as: Pair.self)
      offset &+= TDMRInfo.reservedAreaBytes
    }
    return first &+ offset &>> 4
  }

  /// The same where there may not be room for all.
  @inline(never)
  private func writeNearTheEnd(_ source: UnsafeRawPointer, slots: Int, from first: Int) -> Int {
    let source = source.assumingMemoryBound(to: tdxmemory_area.self)
    var next = first
    for slot in 0..<slots where source[slot].size != 0 {
      if next < areas.count { areas[next] = source[slot] }
      next += 1
    }
    return next
  }
}

extension tdxmemory_verdict {
  /// - Parameter verdict: nil where the module was not asked.
  @inline(__always)
  init(_ verdict: ModuleVerdict?) {
    guard let verdict, !verdict.isAccepted else {
      self.init(status: 0, tdmr: -1, level: -1, is_known: verdict == nil ? 0 : 1)
      return
    }
    self.init(
      status: verdict.status,
      tdmr: Int64(verdict.tdmr ?? -1),
      level: Int32(verdict.level?.rawValue ?? -1),
      is_known: 1
    )
  }
}
