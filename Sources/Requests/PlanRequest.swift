import JSON
import ReusableMemory
import TDXMemory

/// A request of `plan --jsonl`: one memory map and how to plan it. Decoding allocates nothing where the ranges ascend.
public final class PlanRequest: Request {
  public private(set) var frame = RequestFrame()
  public private(set) var options = PlanOptions()
  /// Whether the request has `cmrs`; an empty list counts.
  public private(set) var hasConvertible = false

  /// `block_size` of a map: the size of a memory block. A plan has no use for it, so it is read on request only, and
  /// passed over like unknown members otherwise.
  public private(set) var blockSize: UInt64?
  private let readsBlockSize: Bool

  private var regionBuffer = ReusableBuffer<MemoryRegion>(capacity: 64)
  private var convertibleBuffer = ReusableBuffer<AddressRange>(capacity: 32)

  public convenience init() { self.init(readsBlockSize: false) }

  public init(readsBlockSize: Bool) { self.readsBlockSize = readsBlockSize }

  /// The memory, normalized (`normalizeRegions`); valid until the next `decode`.
  public var regions: UnsafeMutableBufferPointer<MemoryRegion> { regionBuffer.elements }
  /// The convertible memory, normalized (`normalizeConvertibleRegions`); valid until the next `decode`.
  public var convertible: UnsafeMutableBufferPointer<AddressRange> { convertibleBuffer.elements }

  /// - Complexity: O(bytes), and sorting where ranges do not ascend.
  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: PlanOptions,
    defaultKeyIDBits: Int
  ) throws(RequestError) {
    var policy = defaults.policy
    var placement = defaults.placement
    var hasRegions = false
    var hasConvertible = false
    blockSize = nil
    convertibleBuffer.removeAll()

    try frame.decode(line, defaults: defaults, defaultKeyIDBits: defaultKeyIDBits) {
      (name, scanner) throws(RequestError) in
      switch name {
      case "regions": hasRegions = try scanner.regions(into: &regionBuffer)
      case "cmrs": hasConvertible = try scanner.convertible(into: &convertibleBuffer)
      case "policy": policy = try scanner.choice(.policy, of: .policy, default: defaults.policy)
      case "placement":
        placement = try scanner.choice(.placement, of: .placement, default: defaults.placement)
      case "block_size" where readsBlockSize: blockSize = try scanner.blockSize()
      default: return false
      }
      return true
    }
    guard hasRegions else { throw RequestError(problem: .missing, place: .init(.regions), offset: nil) }
    try normalize()
    options = PlanOptions(
      policy: policy,
      placement: placement,
      dynamicPAMT: frame.dynamicPAMT,
      limits: frame.limits
    )
    self.hasConvertible = hasConvertible
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
  fileprivate mutating func blockSize() throws(RequestError) -> UInt64? {
    place = .init(.blockSize)
    return try null() ? nil : integer()
  }

  /// One of a few names.
  fileprivate mutating func choice<Value: RawRepresentable<String>>(
    _ member: RequestError.Member,
    of vocabulary: RequestError.Vocabulary,
    default value: Value
  ) throws(RequestError) -> Value {
    place = .init(member)
    guard try !null() else { return value }
    let start = position
    let name = try string()
    // A short string needs no allocation, and all the names are short.
    guard let value = Value(rawValue: name.excerpt) else {
      throw failure(.unknownName(name.excerpt, vocabulary), at: start)
    }
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
