extension NodeSet {
  /// What numactl's options take (`numa_parse_nodestring`): `[!][+]ITEM{,ITEM}`, an item being `N`, `N-M` or `all`.
  /// `+` counts within the allowed nodes, `!` takes all the others; nothing is no node. Of `N-M` with N above M
  /// libnuma takes N alone.
  ///
  /// - Parameters:
  ///   - allowed: what `all` means, and what `+` counts in.
  ///   - highest: the highest node of the machine.
  public init(numactl text: some StringProtocol, allowed: NodeSet, highest: Int) throws(NodeStringError) {
    self.init()
    guard !text.isEmpty else { return }
    var digits = Digits(text)
    let isInverted = digits.take("!")
    let counts = digits.take("+") ? allowed.nodes : nil
    repeat {
      if digits.rest.count == 3, digits.take(word: "all") {
        self = union(allowed)
        break
      }
      try Self.refuseDevices(digits)
      let whole = digits
      guard let first = digits.takeAnyBase() else { throw .unparseable(whole.text) }
      guard let first = Self.node(first, counts, highest) else { throw .outOfRange(whole.text(to: digits)) }
      insert(first)
      guard digits.take("-") else { continue }
      let end = digits
      guard let last = digits.takeAnyBase() else { throw .missingEnd(end.text) }
      guard let last = Self.node(last, counts, highest) else { throw .endOutOfRange(end.text(to: digits)) }
      guard first <= last else { continue }
      var row = NodeSet()
      row.insert(first...last)
      self = union(counts == nil ? row : row.intersection(allowed))
    } while digits.take(",")
    guard digits.isAtEnd else { throw .trailing }
    if isInverted { self = NodeSet(0...highest).subtracting(self) }
  }

  /// The node that a number stands for; nil where there is no such node.
  private static func node(_ number: UInt64, _ counts: [Int]?, _ highest: Int) -> Int? {
    if let counts { return number < UInt64(counts.count) ? counts[Int(number)] : nil }
    return number <= UInt64(highest) ? Int(number) : nil
  }

  private static let devices: [StaticString] = ["netdev:", "file:", "ip:", "block:", "pci:"]

  private static func refuseDevices(_ digits: Digits) throws(NodeStringError) {
    // Almost every item begins with a digit.
    guard let first = digits.rest.first, first > UInt8(ascii: "9") else { return }
    if devices.contains(where: { digits.starts(with: $0) }) { throw .needsMachine(digits.text) }
  }
}
