import CReferencePeer
import TDXMemory

/// The module's checks in C, every pair of TDMRs held against each other, with the memory that they need.
public final class ReferenceModule {
  private let cmrs: UnsafeMutableBufferPointer<module_cmr>
  private let runs: UnsafeMutableBufferPointer<module_cmr>
  private let offsets: UnsafeMutableBufferPointer<Int>
  private var configuration: module_configuration

  /// - Parameter configuration: its table must outlive the peer. All entries are read up to as many reserved areas:
  ///   those that the limits allow and that every entry has room for.
  public init(_ configuration: ModuleConfiguration) {
    let (tdmrs, limits) = (configuration.tdmrs, configuration.limits)
    cmrs = .allocate(capacity: configuration.cmrs.count)
    runs = .allocate(capacity: configuration.cmrs.count)
    offsets = .allocate(capacity: tdmrs.count)
    let table = tdmrs.first?.bytes.baseAddress
    _ = cmrs.initialize(from: configuration.cmrs.lazy.map { module_cmr(base: $0.base, size: $0.size) })
    _ = offsets.initialize(from: tdmrs.lazy.map { $0.bytes.baseAddress! - table! })
    self.configuration = module_configuration(
      table: table,
      offsets: offsets.baseAddress,
      tdmrs: tdmrs.count,
      cmrs: cmrs.baseAddress,
      cmr_count: cmrs.count,
      keyid_bits: UInt32(configuration.keyIDBits),
      dynamic_pamt: configuration.dynamicPAMT,
      max_tdmrs: limits.maxTDMRs,
      max_reserved: min(Int(clamping: limits.maxReserved), tdmrs.map(\.reservedSlots).min() ?? 0),
      pamt_4k_entry_bytes: limits.pamtEntryBytes.page4K,
      pamt_2m_entry_bytes: limits.pamtEntryBytes.page2M,
      pamt_1g_entry_bytes: limits.pamtEntryBytes.page1G
    )
  }

  deinit {
    cmrs.deallocate()
    runs.deallocate()
    offsets.deallocate()
  }

  /// The status in RAX: 0 where the module accepts. Nothing is allocated.
  public func status() -> UInt64 { reference_module_status(&configuration, runs.baseAddress) }
}
