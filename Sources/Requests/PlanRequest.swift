import JSON
import ReusableMemory
import TDXMemory

/// A request of `plan --jsonl`: one memory map and how to plan it. Decoding allocates nothing where the ranges ascend.
///
/// The memory is `regions`, or, where there are none, what `log` or `logs` tell of the machine. The requests of other
/// verbs about a machine have members beside these.
public final class PlanRequest: Request {
  @exclusivity(unchecked)
  public private(set) var frame = RequestFrame()
  @exclusivity(unchecked)
  public private(set) var options = PlanOptions()
  /// Whether the request has `cmrs`; an empty list counts.
  @exclusivity(unchecked)
  public private(set) var hasConvertible = false

  /// `block_size` of a map: the size of a memory block. A plan has no use for it, so it is read on request only, and
  /// passed over like unknown members otherwise.
  @exclusivity(unchecked)
  public private(set) var blockSize: UInt64?
  private let readsBlockSize: Bool
  /// Whether the plan is for a second kernel, which `plan` alone asks.
  @exclusivity(unchecked)
  public private(set) var afterKexec: AfterKexec
  private let defaultAfterKexec: AfterKexec
  /// Whether the request has `regions`: then its logs do not count.
  @exclusivity(unchecked)
  public private(set) var hasRegions = false
  @exclusivity(unchecked)
  private var requestedLogs = RequestedLogs()

  // Nothing that is called while one of them is changed comes back to the request.
  @exclusivity(unchecked)
  private var regionBuffer = ReusableBuffer<MemoryRegion>(capacity: 64)
  @exclusivity(unchecked)
  private var convertibleBuffer = ReusableBuffer<AddressRange>(capacity: 32)

  public convenience init() { self.init(readsBlockSize: false) }

  /// - Parameter afterKexec: what counts where a line says nothing.
  public init(readsBlockSize: Bool = false, afterKexec: AfterKexec = AfterKexec()) {
    self.readsBlockSize = readsBlockSize
    (self.afterKexec, defaultAfterKexec) = (afterKexec, afterKexec)
  }

  /// The memory, normalized (`normalizeRegions`); valid until the next `decode`.
  public var regions: UnsafeMutableBufferPointer<MemoryRegion> { regionBuffer.elements }
  /// The convertible memory, normalized (`normalizeConvertibleRegions`); valid until the next `decode`.
  public var convertible: UnsafeMutableBufferPointer<AddressRange> { convertibleBuffer.elements }

  /// The texts of a request without `regions`, with their names in messages; valid until the next `decode`.
  public var logs: [(name: String, bytes: UnsafeRawBufferPointer)] { requestedLogs.named }

  /// - Complexity: O(bytes), and sorting where ranges do not ascend.
  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: RequestDefaults
  ) throws(RequestError) {
    try decode(line, defaults: defaults) { _, _ in false }
  }

  /// The same of a kind that has members beside those of a plan.
  ///
  /// - Parameter readMember: as that of the frame; it is asked before members of a plan are looked for.
  @inline(__always)
  func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: RequestDefaults,
    _ readMember: (JSONText, inout RequestScanner) throws(RequestError) -> Bool
  ) throws(RequestError) {
    var policy = defaults.options.policy
    var placement = defaults.options.placement
    var hasRegions = false
    var hasConvertible = false
    blockSize = nil
    afterKexec = defaultAfterKexec
    convertibleBuffer.removeAll()
    requestedLogs.removeAll()

    try frame.decode(line, defaults: defaults) {
      (name, scanner) throws(RequestError) in
      if try readMember(name, &scanner) { return true }
      switch name {
      case "regions": hasRegions = try scanner.regions(into: &regionBuffer)
      case "cmrs": hasConvertible = try scanner.convertible(into: &convertibleBuffer)
      case "policy":
        policy = try scanner.choice(.policy, of: .policy, default: defaults.options.policy, Policy.init)
      case "placement":
        placement = try scanner.choice(
          .placement,
          of: .placement,
          default: defaults.options.placement,
          Placement.init
        )
      case "log": try requestedLogs.readOne(&scanner)
      case "logs": try requestedLogs.readSeveral(&scanner)
      case "after_kexec":
        afterKexec.isAsked = try scanner.flag(.afterKexec, default: defaultAfterKexec.isAsked)
      case "kho_scratch":
        afterKexec.areas = try scanner.pages(.khoScratch, each: .khoArea) ?? defaultAfterKexec.areas
      case "block_size" where readsBlockSize: blockSize = try scanner.size(.blockSize)
      default: return false
      }
      return true
    }
    if !hasRegions {
      guard !requestedLogs.isEmpty else {
        throw RequestError(problem: .missing, place: .init(.regions), offset: nil)
      }
      requestedLogs.unescape()
      regionBuffer.removeAll()
    }
    guard afterKexec.isAsked || afterKexec.areas.isEmpty else {
      throw RequestError(problem: .missing, place: .init(.afterKexec), offset: nil)
    }
    try normalize()
    options = PlanOptions(
      policy: policy,
      placement: placement,
      dynamicPAMT: frame.dynamicPAMT,
      limits: frame.limits
    )
    (self.hasRegions, self.hasConvertible) = (hasRegions, hasConvertible)
  }

  private func normalize() throws(RequestError) {
    var member = RequestError.Member.regions
    do throws(MapError) {
      regionBuffer.removeAll(from: try normalizeRegions(in: regionBuffer.elements))
      member = .cmrs
      convertibleBuffer.removeAll(from: try normalizeConvertibleRegions(in: convertibleBuffer.elements))
    } catch {
      throw RequestError(member, error)
    }
  }
}

extension RequestError {
  fileprivate init(_ member: Member, _ error: MapError) {
    switch error {
    case .overlap(let one, let other):
      self.init(problem: .overlap(one, other), place: Place(member), offset: nil)
    case .notWholePages(let region):
      preconditionFailure("normalizing rounds \(region) to whole pages")
    }
  }
}

extension RequestScanner {
  /// One of a few names.
  ///
  /// - Parameter named: what a name stands for. No raw values: making a string of a name and looking for it took a
  ///   thousand instructions.
  @inline(__always)
  fileprivate mutating func choice<Value>(
    _ member: RequestError.Member,
    of vocabulary: RequestError.Vocabulary,
    default value: Value,
    _ named: (JSONText) -> Value?
  ) throws(RequestError) -> Value {
    place = .init(member)
    guard try !null() else { return value }
    let start = position
    let name = try string()
    guard let value = named(name) else { throw failure(.unknownName(name.excerpt, vocabulary), at: start) }
    return value
  }

  /// `regions`, as given.
  ///
  /// - Returns: false for `null`.
  fileprivate mutating func regions(
    into buffer: inout ReusableBuffer<MemoryRegion>
  ) throws(RequestError) -> Bool {
    buffer.removeAll()
    return try elements(of: .regions, each: .region) { (scanner) throws(RequestError) in
      // An element may be followed by many that are read with it.
      scanner.place.element = buffer.count
      let offset = scanner.position
      let tuple = try scanner.tuple(.rangeAndNode, allowsThird: true)
      let node = tuple.third ?? 0
      guard tuple.first <= tuple.second else {
        throw scanner.failure(.endsBeforeStart(start: tuple.first, end: tuple.second), at: offset)
      }
      guard let node = UInt32(exactly: node) else {
        scanner.place.member = .node
        throw scanner.failure(.above(limit: UInt64(UInt32.max), value: node), at: offset)
      }
      buffer.append(MemoryRegion(start: tuple.first, end: tuple.second, node: node))
      // Nearly all that follow are plain and right. The first that is not is read again, for its error.
      while let next = scanner.nextPlainTuple(where: {
        $0.first <= $0.second && $0.third ?? 0 <= UInt64(UInt32.max)
      }) {
        let node = UInt32(truncatingIfNeeded: next.third ?? 0)
        buffer.append(MemoryRegion(start: next.first, end: next.second, node: node))
      }
      scanner.place.element = buffer.count - 1
    }
  }

  /// `cmrs` of a plan, as given.
  ///
  /// - Returns: false for `null`.
  fileprivate mutating func convertible(
    into buffer: inout ReusableBuffer<AddressRange>
  ) throws(RequestError) -> Bool {
    buffer.removeAll()
    return try elements(of: .cmrs, each: .cmr) { (scanner) throws(RequestError) in
      let offset = scanner.position
      let (start, end) = try scanner.pair(.range)
      guard let range = AddressRange(from: start, to: end) else {
        throw scanner.failure(.endsBeforeStart(start: start, end: end), at: offset)
      }
      buffer.append(range)
    }
  }
}

extension Policy {
  fileprivate init?(_ name: JSONText) {
    switch name {
    case "linux": self = .linux
    case "linux-cmr": self = .linuxCMR
    case "optimal": self = .optimal
    default: return nil
    }
  }
}

extension Placement {
  fileprivate init?(_ name: JSONText) {
    switch name {
    case "top": self = .top
    case "bottom": self = .bottom
    case "first-fit": self = .firstFit
    default: return nil
    }
  }
}
