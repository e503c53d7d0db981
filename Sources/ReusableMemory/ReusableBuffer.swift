/// Memory that grows by doubling and never shrinks, so that work repeated on it stops allocating.
///
/// Whoever answers lines allocates here and nowhere else: every other type holds one of these or looks into one.
public struct ReusableBuffer<Element>: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<Element>
  @usableFromInline var capacity: Int
  @usableFromInline let alignment: Int
  @usableFromInline var used = 0

  @inlinable public var count: Int { used }

  /// - Parameter alignment: of the first element, in bytes; at least the element's own.
  @inlinable
  public init(capacity: Int, alignment: Int = MemoryLayout<Element>.alignment) {
    precondition(capacity > 0, "a buffer has room")
    self.capacity = capacity
    self.alignment = alignment
    base = Self.allocate(capacity, alignment)
  }

  @inlinable
  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  /// The elements; valid until the buffer is next changed.
  @inlinable
  public var elements: UnsafeMutableBufferPointer<Element> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }

  @inlinable
  public subscript(index: Int) -> Element {
    get {
      assert(index < count, "no such element")
      return base[index]
    }
    set {
      assert(index < count, "no such element")
      base[index] = newValue
    }
  }

  /// - Complexity: amortized O(1).
  @inlinable @inline(__always)
  public mutating func append(_ element: Element) {
    room(for: 1).initialize(to: element)
    used &+= 1
  }

  @inlinable
  public mutating func append(_ elements: UnsafeBufferPointer<Element>) {
    guard let first = elements.baseAddress else { return }
    room(for: elements.count).initialize(from: first, count: elements.count)
    used += elements.count
  }

  @inlinable
  public mutating func append(_ element: Element, times: Int) {
    room(for: times).initialize(repeating: element, count: times)
    used += times
  }

  /// Appends what `body` writes at the front of the memory it is handed.
  ///
  /// - Parameters:
  ///   - atMost: the elements that the memory has room for.
  ///   - body: returns how many it initialized.
  @inlinable @inline(__always)
  public mutating func append(atMost: Int, _ body: (UnsafeMutablePointer<Element>) -> Int) {
    let written = body(room(for: atMost))
    assert(written <= atMost, "more written than there was room for")
    used &+= written
  }

  /// Drops the elements from `index` on and keeps their memory.
  @inlinable
  public mutating func removeAll(from index: Int = 0) {
    assert(index <= count, "no such element")
    (base + index).deinitialize(count: count - index)
    used = index
  }

  /// Drops the first `amount` elements: the others move to the front.
  @inlinable
  public mutating func removeFirst(_ amount: Int) {
    assert(amount <= count, "not so many elements")
    base.deinitialize(count: amount)
    base.moveInitialize(from: base + amount, count: count - amount)
    used -= amount
  }

  @inlinable @inline(__always)
  mutating func room(for more: Int) -> UnsafeMutablePointer<Element> {
    if capacity &- count < more { grow(toHold: count + more) }
    return base + count
  }

  @inlinable @inline(never)
  mutating func grow(toHold wanted: Int) {
    let larger = max(wanted, 2 * capacity)
    let grown = Self.allocate(larger, alignment)
    grown.moveInitialize(from: base, count: count)
    base.deallocate()
    base = grown
    capacity = larger
  }

  @inlinable
  static func allocate(_ capacity: Int, _ alignment: Int) -> UnsafeMutablePointer<Element> {
    UnsafeMutableRawPointer
      .allocate(byteCount: capacity * MemoryLayout<Element>.stride, alignment: alignment)
      .bindMemory(to: Element.self, capacity: capacity)
  }
}
