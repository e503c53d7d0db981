import RandomNumbers
import TDXMemory

/// Machines as firmware leaves them: memory below 640 KiB, tables that are cut out below 2 GiB, device space up to
/// 4 GiB, and the banks of the nodes from there on.
extension RegionWriter {
  /// Behind it, to 4 GiB, are devices.
  private static var lowEnd: UInt64 { 2 * gib }
  private static var banksStart: UInt64 { 4 * gib }
  /// Firmware's tables lie here, among memory; from its end to `lowEnd` everything is firmware's.
  private static var tables: AddressRange { AddressRange(unchecked: 0x5c00_0000, 0x7000_0000) }
  /// What firmware keeps at the top of a socket's memory.
  private static var keptAtTop: UInt64 { 64 * mib }
  private static var sparseEnd: UInt64 { 1 << 46 }

  mutating func writeServer(
    _ parameters: RecipeParameters,
    clustersPerSocket: UInt64,
    random: inout SplitMix64
  ) throws(RecipeError) {
    let share = try nodeBytes(parameters)
    try writeLow(parameters, besideBanks: parameters.nodes, random: &random)
    var start = Self.banksStart
    for node in 0..<parameters.nodes {
      let end = start + share - (node == 0 ? Self.lowEnd : 0)
      let endsSocket = (node + 1).isMultiple(of: clustersPerSocket) || node + 1 == parameters.nodes
      append(start, end - (endsSocket ? Self.keptAtTop : 0), node: UInt32(node))
      start = end
    }
  }

  mutating func writeUnalignedBorders(
    _ parameters: RecipeParameters,
    random: inout SplitMix64
  ) throws(RecipeError) {
    let share = try nodeBytes(parameters)
    try writeLow(parameters, besideBanks: parameters.nodes, random: &random)
    let end = Self.banksStart + parameters.nodes * share - Self.lowEnd
    try Cut(
      range: AddressRange(unchecked: Self.banksStart, end),
      count: parameters.nodes,
      holes: parameters.holeBytes,
      alignment: parameters.alignment,
      jitter: gib,
      nodes: .runs(of: parameters.nodes)
    ).write(to: &self, random: &random)
  }

  mutating func writeSparse(
    _ parameters: RecipeParameters,
    random: inout SplitMix64
  ) throws(RecipeError) {
    let share = try nodeBytes(parameters)
    // Each node has a slot of its own, and lies anywhere in it; the last one at its end.
    let slot = (Self.sparseEnd / parameters.nodes).roundedDown(to: gib)
    guard share + Self.banksStart <= slot else {
      throw RecipeError(
        .size,
        "\(parameters.nodes) nodes of \(ByteCount(share)) do not lie apart below \(ByteCount(Self.sparseEnd))"
      )
    }
    try writeLow(parameters, besideBanks: parameters.nodes, random: &random)
    append(Self.banksStart, Self.banksStart + share - Self.lowEnd, node: 0)
    for node in 1..<max(parameters.nodes, 1) {
      let isLast = node + 1 == parameters.nodes
      let offset = gib * random.below((slot - share) / gib + 1)
      let start = isLast ? Self.sparseEnd - share : node * slot + offset
      append(start, start + share, node: UInt32(node))
    }
  }

  mutating func writeCXL(_ parameters: RecipeParameters, random: inout SplitMix64) throws(RecipeError) {
    guard parameters.nodes >= 2 else {
      throw RecipeError(.nodes, "CXL memory is a node of its own, beside one of DRAM at least")
    }
    let share = try nodeBytes(parameters)
    let sockets = (parameters.nodes + 1) / 2
    try writeLow(parameters, besideBanks: parameters.nodes + sockets, random: &random)
    var start = Self.banksStart
    for node in 0..<sockets {
      let end = start + share - (node == 0 ? Self.lowEnd : 0)
      let movable = end - ((end - start) / 4).roundedDown(to: Self.keptAtTop)
      append(start, movable, node: UInt32(node))
      append(movable, end - Self.keptAtTop, node: UInt32(node), flags: .hotplug)
      start = end
    }
    // The host bridges' windows are apart from the DRAM and from each other.
    for node in sockets..<parameters.nodes {
      start += 64 * gib
      append(start, start + share, node: UInt32(node), flags: .hotplug)
      start += share
    }
  }

  mutating func writeHotPlugged(
    _ parameters: RecipeParameters,
    random: inout SplitMix64
  ) throws(RecipeError) {
    guard parameters.alignment <= gib else {
      throw RecipeError(
        .alignment,
        "\(ByteCount(parameters.alignment)) is more than 1 GiB, where banks start"
      )
    }
    guard parameters.regionCount >= parameters.nodes + 3 else {
      throw RecipeError(
        .regions,
        "\(parameters.regionCount) is less than 2 below 2 GiB, one for each node at boot and one that is plugged"
      )
    }
    let share = try nodeBytes(parameters, installed: parameters.totalBytes / 2)
    append(pageSize, 0x9_f000, node: 0)
    append(max(lowMemoryEnd, parameters.alignment), Self.tables.end, node: 0)
    var start = Self.banksStart
    for node in 0..<parameters.nodes {
      let end = start + share - (node == 0 ? Self.lowEnd : 0)
      append(start, end - Self.keptAtTop, node: UInt32(node))
      start = end
    }
    try Cut(
      range: AddressRange(unchecked: start, start + parameters.nodes * share),
      count: parameters.regionCount - parameters.nodes - 2,
      holes: parameters.holeBytes,
      alignment: parameters.alignment,
      jitter: .max,
      nodes: .inTurn(parameters.nodes),
      flags: .hotplug
    ).write(to: &self, random: &random)
  }

  /// What a node has: whole GiB. Node 0 has 2 GiB of it below 4 GiB.
  ///
  /// - Parameter installed: what the nodes share; nil: all memory.
  private func nodeBytes(
    _ parameters: RecipeParameters,
    installed: UInt64? = nil
  ) throws(RecipeError) -> UInt64 {
    let share = ((installed ?? parameters.totalBytes) / parameters.nodes).roundedDown(to: gib)
    guard share >= 3 * gib else {
      throw RecipeError(.size, "\(parameters.nodes) nodes need 3 GiB each, and have \(ByteCount(share))")
    }
    // Devices and the ways between CXL windows take addresses without memory.
    guard parameters.totalBytes <= RecipeParameters.maxAddress / 2 else {
      throw RecipeError(.size, "\(ByteCount(parameters.totalBytes)) is more than the 2 PiB of this recipe")
    }
    return share
  }

  /// Memory below 2 GiB: a region below 640 KiB, and as many as are left between 1 MiB and the last table.
  private mutating func writeLow(
    _ parameters: RecipeParameters,
    besideBanks banks: UInt64,
    random: inout SplitMix64
  ) throws(RecipeError) {
    guard parameters.regionCount >= banks + 2 else {
      throw RecipeError(
        .regions,
        "\(parameters.regionCount) is less than 2 below 2 GiB and \(banks) above 4 GiB"
      )
    }
    guard parameters.alignment <= 64 * mib else {
      throw RecipeError(
        .alignment,
        "\(ByteCount(parameters.alignment)) is more than 64 MiB, so no memory starts between firmware's tables"
      )
    }
    append(pageSize, 0x9_f000, node: 0)
    try Cut(
      range: Self.tables,
      count: parameters.regionCount - banks - 1,
      holes: parameters.holeBytes,
      alignment: parameters.alignment,
      jitter: .max,
      nodes: .one(0)
    ).write(to: &self, from: max(lowMemoryEnd, parameters.alignment), random: &random)
  }
}

let mib: UInt64 = 1 << 20
let gib: UInt64 = 1 << 30
let tib: UInt64 = 1 << 40
