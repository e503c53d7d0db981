import BenchmarkKit
import TDXMemory

/// One shape from 10 to 10 million regions, under raised limits. In the caches up to 10^4 regions (240 KB), out of
/// them from 10^6 on (24 MB). The C peer goes along as far as 10^4: it walks the list for every TDMR, so that at
/// 10^5 a call takes some 100 ms, and 100 times that at 10^6.
func sizeSweep() -> [Workload] {
  (1...7).map { exponent in
    let count = (0..<exponent).reduce(1) { count, _ in count * 10 }
    return .construct(
      .fragmented("fragmented-1e\(exponent)", regions: count),
      why:
        "128 holes in a TDMR, 10^\(exponent) regions: whether time is linear, in the caches and out of them.",
      hasReference: exponent <= 4,
      sweep: SweepPoint("construct/linux/fragmented", size: count),
      isLarge: exponent >= 7
    )
  }
}
