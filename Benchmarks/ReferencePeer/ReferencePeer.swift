import CReferencePeer
import TDXMemory

/// The C reference peer with the memory that it plans into: the same computation as `Planner`'s, in the shape that it
/// has in Linux.
///
/// What is made here is not timed: the peer's lists, its table of TDMR_INFO entries, and the array of nodes.
public final class ReferencePeer {
  private let peer: OpaquePointer
  private let table: UnsafeMutableRawBufferPointer
  private let offsets: UnsafeMutableBufferPointer<Int>
  private let nodeBuffer: UnsafeMutableBufferPointer<UInt32>

  /// - Parameter convertible: ascending and disjoint; `linux` does not look at them.
  public init(_ map: MemoryMap, convertible: [AddressRange], options: PlanOptions) {
    let regions = map.map {
      peer_region(start: $0.start, end: $0.end, node: $0.node, flags: $0.flags.rawValue)
    }
    let cmrs = convertible.map { peer_range(start: $0.start, end: $0.end) }
    var options = peer_options(options)
    guard let peer = reference_peer_create(regions, regions.count, cmrs, cmrs.count, &options) else {
      fatalError("out of memory")
    }
    let (most, stride) = (reference_peer_most_tdmrs(peer), reference_peer_stride(peer))
    self.peer = peer
    table = .allocate(byteCount: most * stride, alignment: TDMRInfo.alignment)
    offsets = .allocate(capacity: most + 1)
    _ = offsets.initialize(from: (0...most).lazy.map { $0 * stride })
    nodeBuffer = .allocate(capacity: most)
  }

  deinit {
    reference_peer_destroy(peer)
    table.deallocate()
    offsets.deallocate()
    nodeBuffer.deallocate()
  }

  /// Plans the machine. Nothing is allocated.
  public func plan() -> peer_plan { reference_peer_plan(peer, table.baseAddress, nodeBuffer.baseAddress) }

  /// The last step of a plan alone, on what the last call of `plan` left.
  ///
  /// - Returns: 0, or an errno with a minus.
  public func populateReservedAreas(_ plan: peer_plan) -> Int32 {
    reference_peer_populate_reserved(peer, table.baseAddress, plan.tdmrs)
  }

  /// The TDMR_INFO entries of the last plan, until the next one.
  public func tdmrs(of plan: peer_plan) -> TDMRInfoTable {
    TDMRInfoTable(
      bytes: UnsafeRawPointer(table.baseAddress!),
      offsets: UnsafeBufferPointer(rebasing: offsets[...plan.tdmrs])
    )
  }

  /// The node that the PAMT of each TDMR was asked for on.
  public func nodes(of plan: peer_plan) -> UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(rebasing: nodeBuffer[..<plan.tdmrs])
  }
}

extension peer_plan {
  /// What Linux would return.
  public var outcome: PlanOutcome {
    guard let outcome = PlanOutcome.allCases.first(where: { $0.errno == -Int(error) }) else {
      preconditionFailure("the peer returned \(error)")
    }
    return outcome
  }
}

extension peer_options {
  public init(_ options: PlanOptions) {
    self.init(
      policy: options.policy == .linux ? PEER_LINUX : PEER_LINUX_CMR,
      placement: peer_placement(options.placement),
      dynamic_pamt: options.dynamicPAMT,
      max_tdmrs: options.limits.maxTDMRs,
      max_reserved: options.limits.maxReserved,
      pamt_4k_entry_bytes: options.limits.pamtEntryBytes.page4K,
      pamt_2m_entry_bytes: options.limits.pamtEntryBytes.page2M,
      pamt_1g_entry_bytes: options.limits.pamtEntryBytes.page1G
    )
  }
}

extension peer_placement {
  fileprivate init(_ placement: Placement) {
    switch placement {
    case .top: self = PEER_TOP
    case .bottom: self = PEER_BOTTOM
    case .firstFit: self = PEER_FIRST_FIT
    }
  }
}
