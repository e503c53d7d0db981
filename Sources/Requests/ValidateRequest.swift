import JSON
import ReusableMemory
import TDXMemory
import TDXMessages

/// A request of `validate --jsonl`: what TDH.SYS.CONFIG would be handed, and the CMRs to hold it against. Decoding
/// allocates nothing. `policy` and `placement` of its defaults do not matter. Where there are no `cmrs`, a `log` or
/// `logs` may tell them.
public final class ValidateRequest: Request {
  public private(set) var frame = RequestFrame()

  private var table = TDMRInfoBuffer()
  private var slots = ReusableBuffer<ConvertibleRegionSlot>(capacity: 32)

  /// Whether the request has `cmrs`: then its logs do not count.
  public private(set) var hasConvertible = false
  private var requestedLogs = RequestedLogs()

  private var call: ConfigurationCall
  private let defaultCall: ConfigurationCall
  private var managementRanges: SystemManagementRanges
  private let defaultManagementRanges: SystemManagementRanges

  public convenience init() { self.init(call: ConfigurationCall()) }

  /// - Parameters: what counts where a line says nothing.
  public init(
    call: ConfigurationCall,
    managementRanges: SystemManagementRanges = SystemManagementRanges()
  ) {
    (self.call, defaultCall) = (call, call)
    (self.managementRanges, defaultManagementRanges) = (managementRanges, managementRanges)
  }

  /// The texts of a request without `cmrs`, with their names in messages; valid until the next `decode`.
  public var logs: [(name: String, bytes: UnsafeRawBufferPointer)] { requestedLogs.named }

  /// The TDMR_INFO entries, each 512-byte aligned, with the bytes that the request describes; valid until the next
  /// `decode`.
  public var tdmrs: TDMRInfoTable { table.view }

  /// The CMR table as given, empty slots included; valid until the next `decode`.
  public var convertible: UnsafeBufferPointer<ConvertibleRegionSlot> { UnsafeBufferPointer(slots.elements) }

  /// What the module's rules are asked about; valid until the next `decode`.
  public var configuration: ModuleConfiguration {
    configuration(convertible: convertible, keyIDBits: givenKeyIDBits)
  }

  /// The same with CMRs and key-id bits from elsewhere.
  ///
  /// - Parameter keyIDBits: nil for what is assumed.
  public func configuration(
    convertible: UnsafeBufferPointer<ConvertibleRegionSlot>,
    keyIDBits: Int?
  ) -> ModuleConfiguration {
    configuration(
      tdmrs: tdmrs,
      convertible: convertible,
      keyIDBits: keyIDBits,
      by: RequestDefaults(
        PlanOptions(dynamicPAMT: dynamicPAMT, limits: limits),
        keyIDBits: keyIDBits,
        profiles: profiles
      )
    )
  }

  /// The same with TDMRs from elsewhere, before anything is decoded.
  public func configuration(
    tdmrs: TDMRInfoTable,
    convertible: UnsafeBufferPointer<ConvertibleRegionSlot>,
    keyIDBits: Int?,
    by defaults: RequestDefaults
  ) -> ModuleConfiguration {
    let module = ModuleProfile(named: defaults.profiles.module, sysfs: nil, logged: nil)
    var call = call
    // A module whose release does not tell is taken to have it.
    call.newestVersion = module?.has(.configVersion1) == false ? 0 : 1
    return ModuleConfiguration(
      tdmrs: tdmrs,
      cmrs: convertible,
      keyIDBits: defaults.profiles.upperBits(keyIDBits: keyIDBits, module: module),
      dynamicPAMT: defaults.options.dynamicPAMT,
      limits: defaults.options.limits,
      call: call,
      managementRanges: managementRanges
    )
  }

  /// - Complexity: O(bytes).
  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: RequestDefaults
  ) throws(RequestError) {
    var hasTDMRs = false
    var hasConvertible = false
    requestedLogs.removeAll()
    (call, managementRanges) = (defaultCall, defaultManagementRanges)
    try frame.decode(line, defaults: defaults) {
      (name, scanner) throws(RequestError) in
      switch name {
      case "tdmrs": hasTDMRs = try scanner.tdmrs(into: &table)
      case "cmrs": hasConvertible = try scanner.slots(into: &slots)
      case "log": try requestedLogs.readOne(&scanner)
      case "logs": try requestedLogs.readSeveral(&scanner)
      // The option's name says ranges as text; a member that is passed over would answer another question.
      case "smrr":
        throw RequestError(problem: .optionsName(insteadOf: .smrrs), place: .init(.smrrOption), offset: nil)
      case "smrrs": managementRanges = try scanner.managementRanges() ?? defaultManagementRanges
      default: return try scanner.readCall(name, into: &call, defaults: defaultCall)
      }
      return true
    }
    guard hasTDMRs else { throw RequestError(problem: .missing, place: .init(.tdmrs), offset: nil) }
    self.hasConvertible = hasConvertible
    if !hasConvertible {
      guard !requestedLogs.isEmpty else {
        throw RequestError(problem: .missing, place: .init(.cmrs), offset: nil)
      }
      requestedLogs.unescape()
    }
    // The limits may come after the TDMRs, so this is held against them at the end.
    guard UInt64(table.mostReserved) <= limits.maxReserved else {
      throw RequestError(
        problem: .tooManyReserved(count: table.mostReserved, limit: limits.maxReserved),
        place: .init(.tdmr, element: table.indexOfMostReserved),
        offset: nil
      )
    }
  }
}

extension RequestScanner {
  /// `config_version`, `r9`, `r10` and `tdx_features0`.
  ///
  /// - Returns: false, with nothing read, where the name is none of them.
  fileprivate mutating func readCall(
    _ name: JSONText,
    into call: inout ConfigurationCall,
    defaults: ConfigurationCall
  ) throws(RequestError) -> Bool {
    switch name {
    case "config_version":
      place = .init(.configVersion)
      call.version = try null() ? defaults.version : integer(upTo: ConfigurationCall.newestNumber)
    case "r9":
      place = .init(.r9)
      call.features = try null() ? defaults.features : integer()
    case "r10":
      place = .init(.r10)
      call.reserved = try null() ? defaults.reserved : integer()
    case "tdx_features0":
      place = .init(.features0)
      call.offeredFeatures = try null() ? defaults.offeredFeatures : integer()
    default: return false
    }
    return true
  }

  /// `smrrs`: SMRR and perhaps SMRR2, `[base, size]` each.
  ///
  /// - Returns: nil for `null`.
  fileprivate mutating func managementRanges() throws(RequestError) -> SystemManagementRanges? {
    var ranges: [SystemManagementRange] = []
    let isThere = try elements(of: .smrrs, each: .smrr) { (scanner) throws(RequestError) in
      let offset = scanner.position
      let (base, size) = try scanner.pair(.baseAndSize)
      guard ranges.count < 2 else { throw scanner.failure(.above(limit: 2, value: 3), at: offset) }
      ranges.append(SystemManagementRange(base: base, size: size))
    }
    return isThere ? SystemManagementRanges(ranges.first, ranges.count > 1 ? ranges[1] : nil) : nil
  }

  /// `tdmrs`, as given.
  ///
  /// - Returns: false for `null`.
  fileprivate mutating func tdmrs(into table: inout TDMRInfoBuffer) throws(RequestError) -> Bool {
    table.removeAll()
    return try elements(of: .tdmrs, each: .tdmr) { (scanner) throws(RequestError) in
      try scanner.tdmr(into: &table)
    }
  }

  private mutating func tdmr(into table: inout TDMRInfoBuffer) throws(RequestError) {
    let index = table.count
    var base: UInt64?
    var size: UInt64?
    var pamts = PAMTAreas()
    table.beginEntry()
    try enterObject()
    while let name = try nextMember() {
      switch name {
      case "base":
        place.member = .tdmrBase
        base = try null() ? nil : integer()
      case "size":
        place.member = .tdmrSize
        size = try null() ? nil : integer()
      case "pamt":
        pamts = try self.pamts()
      case "reserved":
        try reservedAreas(into: &table)
      default: try skip()
      }
      place = .init(.tdmr, element: index)
    }
    let range = (try required(base, .tdmrBase), try required(size, .tdmrSize))
    table.endEntry(
      range,
      page1G: try required(pamts.page1G, .pamt1G),
      page2M: try required(pamts.page2M, .pamt2M),
      page4K: try required(pamts.page4K, .pamt4K)
    )
  }

  private func required<Value>(_ value: Value?, _ member: RequestError.Member) throws(RequestError) -> Value {
    guard let value else {
      throw RequestError(problem: .missing, place: .init(member, element: place.element), offset: nil)
    }
    return value
  }

  private mutating func pamts() throws(RequestError) -> PAMTAreas {
    place.member = .pamt
    var areas = PAMTAreas()
    guard try !null() else { return areas }
    try enterObject()
    while let name = try nextMember() {
      switch name {
      case "4k":
        place.member = .pamt4K
        areas.page4K = try null() ? nil : pair(.baseAndSize)
      case "2m":
        place.member = .pamt2M
        areas.page2M = try null() ? nil : pair(.baseAndSize)
      case "1g":
        place.member = .pamt1G
        areas.page1G = try null() ? nil : pair(.baseAndSize)
      default: try skip()
      }
      place.member = .pamt
    }
    return areas
  }

  private mutating func reservedAreas(into table: inout TDMRInfoBuffer) throws(RequestError) {
    place.member = .reserved
    table.removeReservedAreas()
    guard try !null() else { return }
    try enterArray()
    while try nextElement() {
      place = .init(.reservedArea, element: place.element, area: table.reservedAreas)
      let (offset, size) = try pair(.offsetAndSize)
      table.appendReservedArea(offset: offset, size: size)
    }
  }

  /// `cmrs` of a configuration, as given.
  ///
  /// - Returns: false for `null`.
  fileprivate mutating func slots(
    into buffer: inout ReusableBuffer<ConvertibleRegionSlot>
  ) throws(RequestError) -> Bool {
    buffer.removeAll()
    return try elements(of: .cmrs, each: .cmr) { (scanner) throws(RequestError) in
      let (base, size) = try scanner.pair(.baseAndSize)
      buffer.append(ConvertibleRegionSlot(base: base, size: size))
    }
  }
}

/// The `pamt` of a TDMR while it is being read: nil for a level that has not come.
private struct PAMTAreas {
  var page4K: (UInt64, UInt64)?
  var page2M: (UInt64, UInt64)?
  var page1G: (UInt64, UInt64)?
}
