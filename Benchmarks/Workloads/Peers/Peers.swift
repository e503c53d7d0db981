import BenchmarkKit
import CReferencePeer
import Glibc
import ReferencePeer
import TDXMemory

// What workloads are held against, in the same rounds. A surprise to look for: a ratio to memcpy below 1 is no mistake
// where the work needs only a part of its input, and a ratio to the reference above 1 is one to explain.

extension Peer {
  /// The same plan, made by the C peer.
  static func construct(_ map: BenchmarkMap, _ options: PlanOptions, of workload: String) -> Peer {
    Peer(.reference, "reference/\(workload)") {
      let peer = try ReferencePeer(map, options)
      return Subject(call: peer.plan) { plan in map.expected.complaint(about: plan, of: peer) }
    }
  }

  /// The same plan on one thread.
  static func onOneThread(_ map: BenchmarkMap, _ options: PlanOptions) -> Peer {
    Peer(.reference, "one-thread/construct/linux/\(map.name)") {
      let planning = try Planning(map, options)
      return Subject(call: planning.plan) { map.expected.complaint(about: $0) }
    }
  }

  /// The last step of the same plan: holes, PAMTs and a sort for each TDMR.
  static func reservedAreas(_ map: BenchmarkMap, _ options: PlanOptions, of workload: String) -> Peer {
    Peer(.reference, "reference/\(workload)") {
      let peer = try ReferencePeer(map, options)
      let plan = peer.plan()
      return Subject(call: { peer.populateReservedAreas(plan) }) { error in
        error == 0 ? map.expected.complaint(about: plan, of: peer) : "the peer returned \(error)"
      }
    }
  }

  /// The sizes of the same PAMTs, by the C peer's function.
  static func pamtSizes(_ sizes: TDMRSizes, of workload: String) -> Peer {
    Peer(.reference, "reference/\(workload)") {
      let bytes = sizes.bytes
      var options = peer_options(PlanOptions(dynamicPAMT: sizes.dynamic))
      return Subject(call: {
        bytes.reduce(0 as UInt64) { sum, size in
          let pamt = reference_peer_pamt_sizes(size, &options)
          return sum &+ pamt.page_4k &+ pamt.page_2m &+ pamt.page_1g
        }
      }) { sizes.complaint(about: $0) }
    }
  }

  /// The two limits of memory for so many bytes of input: a copy, and a sum.
  static func memory(bytes: Int) -> [Peer] { [.memcpy(bytes: bytes), .sum(bytes: bytes)] }

  /// A copy of so many bytes.
  static func memcpy(bytes: Int) -> Peer {
    Peer(.memcpy, "memcpy/\(bytes)") {
      let (source, target) = (ByteBlock(bytes, filledWith: 0x5a), ByteBlock(bytes, filledWith: 0))
      return Subject(run: { times in
        for _ in 0..<times { Glibc.memcpy(opaque(target.base), opaque(source.base), bytes) }
        blackHole(target.base)
      }) {
        memcmp(target.base, source.base, bytes) == 0 ? nil : "the copy differs"
      }
    }
  }

  /// A sum over so many bytes, as 64-bit words: each word is 1, so the sum is their number.
  private static func sum(bytes: Int) -> Peer {
    let words = max(1, bytes / 8)
    return Peer(.sum, "sum/\(bytes)") {
      let block = ByteBlock(words * 8, filledWith: 0)
      let numbers = block.base.initializeMemory(as: UInt64.self, repeating: 1, count: words)
      return Subject(call: {
        withExtendedLifetime(block) {
          // It wraps for no number of words that memory holds.
          UnsafeBufferPointer(start: opaque(numbers), count: words).reduce(0 as UInt64, &+)
        }
      }) { $0 == UInt64(words) ? nil : "expected a sum of \(words), got \($0)" }
    }
  }

  /// A search for every newline of a text: the least that a reader of lines has to do.
  static func newlines(in text: [UInt8], lines: Int, of workload: String) -> Peer {
    Peer(.memchr, "memchr/\(workload)") {
      Subject(call: { countNewlines(in: opaque(text)) }) { count in
        count == lines ? nil : "expected \(lines) lines, got \(count)"
      }
    }
  }
}

extension ReferencePeer {
  fileprivate convenience init(_ map: BenchmarkMap, _ options: PlanOptions) throws {
    self.init(try MemoryMap(map.regions()), convertible: map.convertible ?? [], options: options)
  }
}

extension BenchmarkMap.Expected {
  fileprivate func complaint(about plan: peer_plan, of peer: ReferencePeer) -> String? {
    complaint(about: plan.outcome, peer.tdmrs(of: plan), pamtBytes: plan.pamt_bytes)
  }
}

private func countNewlines(in text: [UInt8]) -> Int {
  text.withUnsafeBytes { bytes in
    guard var position = bytes.baseAddress else { return 0 }
    let end = position + bytes.count
    var count = 0
    while let newline = memchr(position, Int32(UInt8(ascii: "\n")), end - position) {
      count += 1
      position = UnsafeRawPointer(newline) + 1
    }
    return count
  }
}

/// Bytes on whole cache lines, each of them written once, so that the kernel has given them pages of their own.
private final class ByteBlock {
  let base: UnsafeMutableRawPointer

  init(_ count: Int, filledWith byte: UInt8) {
    base = .allocate(byteCount: max(count, 1), alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: byte, count: count)
  }

  deinit { base.deallocate() }
}
