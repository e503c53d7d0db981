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
      if digits.rest == "all" {
        self = union(allowed)
        digits.rest = ""
        break
      }
      try Self.refuseDevices(digits.rest)
      let whole = digits.rest
      guard let first = Self.node(&digits, counts, highest) else { throw .unparseable(String(whole)) }
      guard let first = first.node else { throw .outOfRange(first.text) }
      insert(first)
      guard digits.take("-") else { continue }
      let end = digits.rest
      guard let last = Self.node(&digits, counts, highest) else { throw .missingEnd(String(end)) }
      guard let last = last.node else { throw .endOutOfRange(last.text) }
      guard first <= last else { continue }
      var row = NodeSet()
      row.insert(first...last)
      self = union(counts == nil ? row : row.intersection(allowed))
    } while digits.take(",")
    guard digits.isAtEnd else { throw .trailing }
    if isInverted { self = NodeSet(0...highest).subtracting(self) }
  }

  /// A number, and the node that it stands for: nil where there is no such node.
  private static func node(
    _ digits: inout Digits,
    _ counts: [Int]?,
    _ highest: Int
  ) -> (node: Int?, text: String)? {
    let before = digits.rest
    guard let number = digits.takeAnyBase() else { return nil }
    let text = String(before[..<digits.rest.startIndex])
    if let counts {
      return (number < UInt64(counts.count) ? counts[Int(number)] : nil, text)
    }
    return (number <= UInt64(highest) ? Int(number) : nil, text)
  }

  private static func refuseDevices(_ text: Substring) throws(NodeStringError) {
    for kind in ["netdev:", "file:", "ip:", "block:", "pci:"] where text.hasPrefix(kind) {
      throw .needsMachine(String(text))
    }
  }
}
