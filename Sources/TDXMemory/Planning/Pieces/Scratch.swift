/// Uninitialized memory for trivial elements, kept from plan to plan: the only place where the planner allocates.
///
/// Indices are checked in debug builds.
struct Scratch<Element: BitwiseCopyable>: ~Copyable {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int

  init() {
    capacity = 0
    base = .allocate(capacity: 0)
  }

  deinit { base.deallocate() }

  /// Makes room for so many elements. What was there is gone if it grows.
  mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    base.deallocate()
    base = .allocate(capacity: count)
    capacity = count
  }

  subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < capacity, "outside the scratch memory")
      return base[index]
    }
    nonmutating set {
      assert(index >= 0 && index < capacity, "outside the scratch memory")
      base[index] = newValue
    }
  }
}
