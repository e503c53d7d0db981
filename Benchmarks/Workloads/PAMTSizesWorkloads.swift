import BenchmarkKit
import TDXMemory

// A step of a plan by itself, to tell whether a change of construct comes from it. Sizing is a handful of multiplications
// per TDMR and vectorises. A surprise to look for: construct has changed and neither this nor reserved-areas has, then it
// is the choice of TDMRs or the placing of PAMTs.

func pamtSizesWorkloads() -> [Workload] {
  [
    .pamtSizes(
      TDMRSizes(dynamic: false),
      why: "PAMT sizes of 1,024 TDMRs, from 1 GiB to 1 TiB, and nothing else."
    ),
    .pamtSizes(TDMRSizes(dynamic: true), why: "The same with Dynamic PAMT, whose 4K level is a bitmap."),
  ]
}

/// The sizes 1, 2, … 1024 GiB.
struct TDMRSizes: Sendable {
  var dynamic: Bool
  let count: UInt64 = 1024

  var bytes: [UInt64] { (1...count).map { $0 << 30 } }

  /// All their PAMTs together. A GiB needs 4 MiB for its 4K pages, or 32 KiB of bitmap, and 8 KiB for its 2M pages;
  /// of 1G pages 256 fit a page of PAMT, so that 256 TDMRs each need 1, 2, 3 and 4 of those.
  var expected: UInt64 {
    let gibs = count * (count + 1) / 2
    let perGiB: UInt64 = (dynamic ? 32 << 10 : 4 << 20) + 8 << 10
    return gibs * perGiB + 256 * (1 + 2 + 3 + 4) * 4096
  }

  func complaint(about bytes: UInt64) -> String? {
    bytes == expected ? nil : "expected \(expected) bytes of PAMT, got \(bytes)"
  }
}

extension Workload {
  /// Computes the sizes of PAMTs.
  fileprivate static func pamtSizes(_ sizes: TDMRSizes, why: String) -> Workload {
    let name = "pamt-sizes/1024-tdmrs" + (sizes.dynamic ? "/dynamic-pamt" : "")
    let count = Int(sizes.count)
    return Workload(
      name,
      why: why,
      itemsPerCall: count,
      bytesPerCall: count * 8,
      peers: [.pamtSizes(sizes, of: name)] + Peer.memory(bytes: count * 8),
      runsOnThreads: true
    ) {
      let bytes = sizes.bytes
      return Subject(call: {
        let entryBytes = opaque(PAMTEntryBytes())
        return opaque(bytes).reduce(0 as UInt64) { sum, size in
          sum &+ PAMTSizes(tdmrSize: size, entryBytes: entryBytes, dynamic: sizes.dynamic).total
        }
      }) { sizes.complaint(about: $0) }.expecting("\(sizes.expected) bytes of PAMT")
    }
  }
}
