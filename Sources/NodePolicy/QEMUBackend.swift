import TDXMemory

/// A memory backend of QEMU: `memory-backend-ram,id=m0,size=64G,host-nodes=0-3,policy=bind`.
public struct QEMUBackend: Sendable {
  public let request: PolicyRequest

  /// - Parameter text: what follows `-object`, or the part of it that names nodes.
  public init(_ text: String) throws(PolicySyntaxError) {
    var nodes = NodeSet()
    var mode = PolicyMode.default
    var memory: UInt64?
    var others: [String] = []
    for (index, item) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
      let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else {
        // The kind of object stands first; any other word belongs to no property.
        guard index == 0, !item.isEmpty else {
          throw PolicySyntaxError("Parameter '\(item)' is unexpected")
        }
        others.append(String(item))
        continue
      }
      switch sides[0] {
      case "host-nodes", "host-nodes.0": nodes = nodes.union(try Self.nodes(sides[1]))
      case "policy": mode = try Self.mode(sides[1])
      default:
        if sides[0] == "size" { memory = Self.size(sides[1]) }
        others.append(String(item))
      }
    }
    if nodes.isEmpty, mode != .default {
      throw PolicySyntaxError("host-nodes must be set for policy \(mode.rawValue)")
    }
    if !nodes.isEmpty, mode == .default {
      throw PolicySyntaxError(
        "host-nodes must be empty for policy default, or you should explicitly specify a policy other than default"
      )
    }
    request = PolicyRequest(mode, nodes, memory: memory, form: .qemu(properties: others))
  }

  private static func nodes(_ text: Substring) throws(PolicySyntaxError) -> NodeSet {
    do throws(NodeStringError) {
      return try NodeSet(hostNodes: text)
    } catch {
      throw PolicySyntaxError(error.description)
    }
  }

  private static func mode(_ text: Substring) throws(PolicySyntaxError) -> PolicyMode {
    guard let mode = PolicyMode.allCases.first(where: { $0.qemuName == String(text) }) else {
      throw PolicySyntaxError("Invalid parameter '\(text)'")
    }
    return mode
  }

  /// QEMU's sizes: bytes, or with K, M, G, T.
  private static func size(_ text: Substring) -> UInt64? { ByteCount(text: text)?.bytes }

  /// The backend in QEMU's arguments that names nodes; nil where none does.
  static func inCommand(_ words: ArraySlice<String>) throws(PolicySyntaxError) -> QEMUBackend? {
    var rest = words
    while let word = rest.popFirst() {
      guard word == "-object" || word == "--object", let value = rest.first else { continue }
      if value.hasPrefix("memory-backend-"), value.contains("host-nodes") || value.contains("policy=") {
        return try QEMUBackend(value)
      }
    }
    return nil
  }
}

/// The guest's memory in a command line of QEMU: `-m 4G`, `-m size=4G,slots=2`, or a number of MiB.
///
/// - Returns: nil where it does not say, or the program is another, to which `-m` is something else.
func guestMemory(_ words: ArraySlice<String>) -> UInt64? {
  guard let program = words.first?.split(separator: "/").last,
    program.hasPrefix("qemu") || program.hasPrefix("kvm")
  else { return nil }
  guard let option = words.lastIndex(where: { $0 == "-m" || $0 == "--m" }), option + 1 < words.endIndex
  else { return nil }
  let properties = words[option + 1].split(separator: ",")
  let size = properties.first { $0.hasPrefix("size=") }?.dropFirst(5) ?? properties.first ?? ""
  if let mebibytes = UInt64(size) {
    let (bytes, overflow) = mebibytes.multipliedReportingOverflow(by: 1 << 20)
    return overflow ? .max : bytes
  }
  return ByteCount(text: size)?.bytes
}

/// What libvirt's `<numatune>` says: `<memory mode='strict' nodeset='0-3,^1'/>`, or its nodeset alone, which is strict.
public struct LibvirtNumatune: Sendable {
  public let request: PolicyRequest

  public init(_ text: String) throws(PolicySyntaxError) {
    let mode = try Self.attribute("mode", in: text).map(Self.mode) ?? .bind
    let nodeset = Self.attribute("nodeset", in: text) ?? Substring(text)
    do throws(NodeStringError) {
      request = PolicyRequest(mode, try NodeSet(libvirt: nodeset), form: .libvirt)
    } catch {
      throw PolicySyntaxError(error.description)
    }
  }

  private static func mode(_ name: Substring) throws(PolicySyntaxError) -> PolicyMode {
    switch name {
    case "strict", "restrictive": return .bind
    case "preferred": return .preferred
    case "interleave": return .interleave
    default: throw PolicySyntaxError("Unsupported numatune mode '\(name)'")
    }
  }

  /// The value of `name='…'` or `name="…"`.
  private static func attribute(_ name: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      let opening = "\(name)=\(quote)"
      guard let start = text.firstRange(of: opening)?.upperBound else { continue }
      return text[start...].prefix { String($0) != quote }
    }
    return nil
  }
}
