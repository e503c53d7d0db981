import MemoryHotplug
import TDXMemory

extension NodeMemory {
  /// What TDX makes of the node, in words: `node 6 is not TDX-capable: 64 GiB outside every CMR`.
  public var sentence: String {
    let size = ByteCount(bytes - lowBytes)
    switch capability {
    case .whole: return "node \(node) is TDX-capable: \(size)"
    case .partly:
      return "node \(node) is TDX-capable in part: \(ByteCount(capableBytes)) of \(size); \(reason)"
    case .none: return "node \(node) is not TDX-capable: \(reason)"
    }
  }

  /// Why not all of the node is TDX memory.
  public var reason: String {
    if isMovableOnly { return "only ZONE_MOVABLE, which holds nothing that cannot move" }
    var parts: [String] = []
    if unconvertibleBytes > 0 { parts.append("\(ByteCount(unconvertibleBytes)) outside every CMR") }
    if addedBytes > 0 { parts.append("\(ByteCount(addedBytes)) added after the snapshot") }
    if parts.isEmpty { parts.append(bytes == lowBytes ? "no memory above 1 MiB" : "all of it is") }
    return parts.joined(separator: ", ")
  }
}
