import TDXMemory

/// Writes regions straight into the memory of the map that they will be.
///
/// - Invariant: the regions ascend, are disjoint, non-empty and page-aligned; two that touch differ in node or
///   flags, because memblock would have merged them otherwise.
struct RegionWriter: ~Copyable {
  private let base: UnsafeMutablePointer<MemoryRegion>
  private let capacity: Int
  private var count = 0

  /// - Parameter capacity: at most `RecipeParameters.maxCount`.
  init(capacity: UInt64) {
    self.capacity = Int(capacity)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  var isFull: Bool { count == capacity }

  /// Where the last region ends; 0 before the first.
  var end: UInt64 { count == 0 ? 0 : base[count - 1].end }

  /// - Precondition: the region comes behind the last one, and there is room for it.
  mutating func append(_ start: UInt64, _ end: UInt64, node: UInt32, flags: MemoryFlags = []) {
    precondition(count < capacity && start < end && start >= self.end, "a recipe makes no map")
    var flags = flags
    if count > 0 && base[count - 1].end == start && base[count - 1].node == node
      && base[count - 1].flags == flags
    {
      flags.formSymmetricDifference(.mirror)
    }
    (base + count).initialize(to: MemoryRegion(start: start, end: end, node: node, flags: flags))
    count += 1
  }

  /// The map over what was written.
  consuming func finish() -> MemoryMap {
    let (base, count) = (base, count)
    discard self
    do {
      return try MemoryMap(adopting: RegionStorage(adopting: base, count: count) { base.deallocate() })
    } catch {
      preconditionFailure("a recipe makes no map: \(error)")
    }
  }
}
