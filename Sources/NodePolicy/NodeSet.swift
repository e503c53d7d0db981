/// A set of NUMA nodes, as the kernel has it: 1024 bits (`nodemask_t`, MAX_NUMNODES on x86-64).
public struct NodeSet: Hashable, Sendable {
  /// One more than the highest node that a kernel can have.
  public static let limit = 1024

  private var words = SIMD16<UInt64>(repeating: 0)

  public init() {}

  public init(_ nodes: some Sequence<Int>) {
    for node in nodes { insert(node) }
  }

  /// - Precondition: 0 to 1023.
  public mutating func insert(_ node: Int) {
    precondition((0..<Self.limit).contains(node), "no kernel has such a node")
    words[node / 64] |= 1 << UInt64(node % 64)
  }

  /// Inserts nodes in a row, a word at a time.
  ///
  /// - Precondition: 0 to 1023.
  mutating func insert(_ nodes: ClosedRange<Int>) {
    precondition(nodes.lowerBound >= 0 && nodes.upperBound < Self.limit, "no kernel has such a node")
    for word in nodes.lowerBound / 64...nodes.upperBound / 64 {
      let first = max(nodes.lowerBound - 64 * word, 0)
      let last = min(nodes.upperBound - 64 * word, 63)
      words[word] |= UInt64.max >> UInt64(63 - last) & UInt64.max << UInt64(first)
    }
  }

  public mutating func remove(_ node: Int) {
    guard (0..<Self.limit).contains(node) else { return }
    words[node / 64] &= ~(1 << UInt64(node % 64))
  }

  public func contains(_ node: Int) -> Bool {
    (0..<Self.limit).contains(node) && words[node / 64] >> UInt64(node % 64) & 1 == 1
  }

  public var isEmpty: Bool { words == SIMD16(repeating: 0) }
  public var count: Int { words.indices.reduce(0) { $0 + words[$1].nonzeroBitCount } }
  public var first: Int? { nodes.first }

  /// The nodes, ascending.
  public var nodes: [Int] {
    var nodes: [Int] = []
    nodes.reserveCapacity(count)
    for word in words.indices {
      var rest = words[word]
      while rest != 0 {
        nodes.append(64 * word + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return nodes
  }

  public func union(_ other: NodeSet) -> NodeSet { NodeSet(words | other.words) }
  public func intersection(_ other: NodeSet) -> NodeSet { NodeSet(words & other.words) }
  public func subtracting(_ other: NodeSet) -> NodeSet { NodeSet(words & ~other.words) }
  public func isSubset(of other: NodeSet) -> Bool { subtracting(other).isEmpty }

  private init(_ words: SIMD16<UInt64>) { self.words = words }

  /// Each node n becomes the (n mod k)-th of `onto`'s k nodes (`mpol_relative_nodemask`).
  public func folded(onto other: NodeSet) -> NodeSet {
    let targets = other.nodes
    guard !targets.isEmpty else { return NodeSet() }
    return NodeSet(nodes.map { targets[$0 % targets.count] })
  }
}

extension NodeSet: ExpressibleByArrayLiteral {
  public init(arrayLiteral nodes: Int...) { self.init(nodes) }
}

extension NodeSet: CustomStringConvertible {
  /// As numactl and the kernel write it: `0-3,6`; nothing where it is empty.
  public var description: String {
    var text = ""
    var rest = nodes[...]
    while let first = rest.first {
      var last = first
      rest = rest.dropFirst()
      while rest.first == last + 1 {
        last += 1
        rest = rest.dropFirst()
      }
      text += (text.isEmpty ? "" : ",") + (first == last ? "\(first)" : "\(first)-\(last)")
    }
    return text
  }
}
