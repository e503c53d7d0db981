import BenchmarkKit
import MapReaders
import SystemIO
import TDXMemory

// The packed form of a map, which needs no parsing: mapped into memory and checked. A surprise to look for: a ratio to the
// sum over the same file far above 1, which is a check that does more than read.

func loadWorkloads() -> [Workload] {
  [.load("1e6", regions: 1_000_000), .load("1e7", regions: 10_000_000)]
}

extension Workload {
  /// Maps a `.tdxmap` file into memory and checks it.
  fileprivate static func load(_ size: String, regions count: Int) -> Workload {
    let bytes = count * MemoryLayout<MemoryRegion>.stride + 64
    let name = "load/tdxmap/fragmented-\(size)"
    let why =
      count < 10_000_000
      ? "24 MB that are used as they lie in the file: what a checksum and a look at every region cost."
      : "240 MB, against reading the file's bytes once: the map must not cost more than memory does."
    return Workload(
      name,
      why: why,
      itemsPerCall: count,
      bytesPerCall: bytes,
      peers: [.mappedSum(regions: count, of: name)]
        + (count < 10_000_000 ? [Peer.memory(bytes: bytes)[0]] : []),
      isLarge: count >= 10_000_000
    ) {
      let file = try temporaryMap(regions: count)
      return Subject(call: { Result { try readMachine([.file(file.path)]) } }) {
        complaint(about: $0, regions: count, bytes: UInt64(count) * 7 << 20)
      }.expecting("\(count) regions of \(UInt64(count) * 7 << 20) bytes in all")
    }
  }
}

/// A `.tdxmap` of regions of 7 MiB.
private func temporaryMap(regions count: Int) throws -> TemporaryFile {
  let map = try MemoryMap(BenchmarkMap.fragmented("", regions: count).regions())
  return try TemporaryFile(TDXMapFile.bytes(map, convertible: nil, keyIDBits: nil))
}

extension Peer {
  /// Maps the same file and adds up its words: its bytes read once.
  fileprivate static func mappedSum(regions count: Int, of workload: String) -> Peer {
    Peer(.sum, "mapped-sum/\(workload)") {
      let file = try temporaryMap(regions: count)
      let expected = file.contents().withUnsafeBytes(wordSum)
      return Subject(call: { file.withMappedBytes(wordSum) }) { sum in
        sum == expected ? nil : "expected a sum of \(expected), got \(sum.map { "\($0)" } ?? "no file")"
      }
    }
  }
}

/// The sum of the 64-bit words, which wraps.
private func wordSum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  bytes.bindMemory(to: UInt64.self).reduce(0, &+)
}
