import BenchmarkKit
import MapReaders
import TDXMemory

extension Workload {
  /// Reads a boot log from memory into a machine.
  ///
  /// - Parameter regions: how many regions the machine has.
  static func parse(
    _ name: String,
    why: String,
    regions: Int,
    log: @escaping @Sendable () -> [UInt8]
  ) -> Workload {
    Workload("parse/dmesg/\(name)", why: why, itemsPerCall: regions, bytesPerCall: log().count) {
      let bytes = log()
      return Subject(call: { try? readMachine(texts: [(name, bytes)]) }) { machine in
        guard let machine else { return "the log was refused" }
        return machine.map.count == regions ? nil : "expected \(regions) regions, got \(machine.map.count)"
      }
    }
  }
}

/// A boot log with so many lines of early node ranges, as `BenchmarkMap.fragmented` has regions.
func syntheticLog(regions count: Int) -> [UInt8] {
  var text = "[    0.000000] Early memory node ranges\n"
  for region in BenchmarkMap.fragmented("", regions: count).regions() {
    text += "[    0.000000]   node   0: [mem \(padded(region.start))-\(padded(region.end - 1))]\n"
  }
  return Array(text.utf8)
}

/// An address as the kernel's `%#018Lx` writes it.
private func padded(_ address: UInt64) -> String {
  let digits = String(address, radix: 16)
  return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
}
