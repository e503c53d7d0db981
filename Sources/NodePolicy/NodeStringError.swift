/// Why a string names no nodes, in the words of the program that would read it.
public enum NodeStringError: Error, Hashable, Sendable {
  // libnuma.
  case unparseable(String)
  case missingEnd(String)
  case outOfRange(String)
  case endOutOfRange(String)
  /// Something follows that belongs to no item.
  case trailing
  /// `file:`, `ip:`, `pci:` and the like ask the machine itself.
  case needsMachine(String)
  // The kernel (`bitmap_parselist`).
  case kernelInvalid
  case kernelRange
  case kernelOverflow
  // libvirt.
  case bitmap(String)
  // QEMU.
  case hostNodes(String)
}

extension NodeStringError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unparseable(let rest): "unparseable node description `\(rest)'"
    case .missingEnd(let rest): "missing node argument \(rest)"
    case .outOfRange(let node): "node argument \(node) is out of range"
    case .endOutOfRange(let node): "node argument \(node) out of range"
    case .trailing: "something follows the nodes"
    case .needsMachine(let text): "`\(text)' asks the machine itself, which is not at hand"
    case .kernelInvalid: "Invalid argument (EINVAL)"
    case .kernelRange: "Numerical result out of range (ERANGE): nodes are 0 to \(NodeSet.limit - 1)"
    case .kernelOverflow: "Value too large for defined data type (EOVERFLOW)"
    case .bitmap(let text): "Failed to parse bitmap '\(text)'"
    case .hostNodes(let text): "Invalid host-nodes value: '\(text)'"
    }
  }
}
