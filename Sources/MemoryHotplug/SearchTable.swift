#if canImport(Glibc)
  import Glibc
#endif

/// A table for searches at random places: written once, read ever after, released with its last owner.
///
/// A large one lies on huge pages where the kernel gives them on request. In 20 MB a search at a random place else waits for
/// the address as long as for the data.
final class SearchTable<Element: BitwiseCopyable>: @unchecked Sendable {
  // Sendable: nobody writes it once it is made.
  let base: UnsafePointer<Element>
  let count: Int
  private let memory: UnsafeMutableRawPointer

  private static var hugePage: Int { 2 << 20 }

  /// Makes as many elements as asked for, in their order.
  init(count: Int, _ element: (Int) -> Element) {
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    let isLarge = bytes >= 2 * Self.hugePage
    memory = .allocate(
      byteCount: bytes,
      alignment: isLarge ? Self.hugePage : max(64, MemoryLayout<Element>.alignment)
    )
    #if canImport(Glibc)
      // Only advice: what comes of it, or that nothing does, changes no answer.
      if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
    #endif
    let first = memory.bindMemory(to: Element.self, capacity: max(count, 1))
    for index in 0..<count { first[index] = element(index) }
    base = UnsafePointer(first)
    self.count = count
  }

  deinit { memory.deallocate() }

  subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count, "no such element")
    return base[index]
  }
}
