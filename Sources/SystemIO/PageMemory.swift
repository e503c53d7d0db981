import CLinuxCalls
import Glibc

/// Memory by whole pages from the system itself. It grows without a copy of what is in it, so that two sizes are never there
/// at once, and pages that nothing was written to take no memory.
package struct PageMemory: ~Copyable {
  /// As many as were asked for.
  package private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// None yet.
  package init() {}

  /// - Throws: `ENOMEM`.
  package init(_ count: Int) throws(SystemError) { try grow(to: count) }

  deinit {
    if let base = bytes.baseAddress { munmap(base, bytes.count) }
  }

  /// Makes it larger. What is in it moves with it.
  ///
  /// - Throws: `ENOMEM`; it is as it was then.
  package mutating func grow(to count: Int) throws(SystemError) {
    precondition(count > bytes.count, "it grows")
    let base =
      bytes.baseAddress.map { grown_pages($0, bytes.count, count) }
      ?? mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let base, base != MAP_FAILED else { throw SystemError(.read, code: ENOMEM) }
    // A page fault for each 2 MiB in place of 512; where the system has none so large, nothing is lost.
    if count >= 4 << 20 { madvise(base, count, MADV_HUGEPAGE) }
    bytes = UnsafeMutableRawBufferPointer(start: base, count: count)
  }
}
