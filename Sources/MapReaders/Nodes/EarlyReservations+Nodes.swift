import TDXMemory

extension EarlyReservations {
  /// The nodes of which the log tells that something was reserved on them when NUMA was set up.
  ///
  /// - Parameters:
  ///   - owners: the address ranges of the nodes, holes included: ascending and disjoint.
  ///   - memory: ascending and disjoint.
  func nodes(owning owners: [ListedRange], memory: [ListedRange]) -> Set<UInt32> {
    if isMovableNode, let movableNodes { return Set(owners.compactMap(\.node)).subtracting(movableNodes) }
    var nodes: Set<UInt32> = []
    func reserve(_ range: AddressRange) {
      for owner in owners[owners.firstIndex(endingAfter: range.start)...] {
        guard owner.range.overlaps(range) else { break }
        if let node = owner.node { nodes.insert(node) }
      }
    }
    // The first pages always: 64 KiB of them, 1 MiB since 5.14.
    reserve(AddressRange(unchecked: 0, pageSize))
    if let initrd { reserve(initrd) }
    if let kernelImage { reserve(kernelImage) }
    for table in tables { reserve(table) }
    for data in nodeData where isAboveFilled(data.range, of: data.node, owners, memory) {
      nodes.insert(data.node)
    }
    return nodes
  }

  /// Whether the node has memory above its data that had room for it: what was free was taken from the top.
  private func isAboveFilled(
    _ data: AddressRange,
    of node: UInt32,
    _ owners: [ListedRange],
    _ memory: [ListedRange]
  ) -> Bool {
    // With movable_node, hot-pluggable memory is passed over whether it is free or not.
    guard !isMovableNode else { return false }
    let own = owners.filter { $0.node == node }
    guard let last = own.last, own.contains(where: { $0.range.contains(data) }) else {
      return false  // It had to go to another node.
    }
    for range in memory[memory.firstIndex(endingAfter: data.end)...] {
      guard range.range.start < last.range.end else { break }
      let above = AddressRange(unchecked: max(range.range.start, data.end), range.range.end)
      let room = own.contains { owner in owner.range.intersection(above).map { $0.size >= data.size } ?? false
      }
      if room { return true }
    }
    return false
  }
}
