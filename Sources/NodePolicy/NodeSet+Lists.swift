extension NodeSet {
  /// What the kernel takes (`bitmap_parselist`): `0-3,6`, `0-31:2/8` (the first 2 of each 8), `all`, and `N` for the
  /// highest possible node. Nothing is no node.
  public init(kernelList text: some StringProtocol) throws(NodeStringError) {
    self.init()
    let isSeparator: (Character) -> Bool = { $0 == "," || $0 == " " || $0 == "\t" || $0 == "\n" }
    for item in text.split(whereSeparator: isSeparator) {
      var digits = Digits(item)
      let range: ClosedRange<Int>
      if digits.take(word: "all") {
        range = 0...(Self.limit - 1)
      } else {
        let first = try Self.bit(&digits)
        let last = digits.take("-") ? try Self.bit(&digits) : first
        guard first <= last else { throw .kernelInvalid }
        range = first...last
      }
      var (used, group) = (range.count, range.count)
      if digits.take(":") {
        used = try Self.amount(&digits)
        guard digits.take("/") else { throw .kernelInvalid }
        group = try Self.amount(&digits)
        guard used > 0, used <= group else { throw .kernelInvalid }
      }
      guard digits.isAtEnd else { throw .kernelInvalid }
      for start in stride(from: range.lowerBound, through: range.upperBound, by: group) {
        insert(start...min(start + used - 1, range.upperBound))
      }
    }
  }

  private static func bit(_ digits: inout Digits) throws(NodeStringError) -> Int {
    if digits.take("N") { return limit - 1 }
    let bit = try amount(&digits)
    guard bit < limit else { throw .kernelRange }
    return bit
  }

  /// The kernel reads these with 32 bits.
  private static func amount(_ digits: inout Digits) throws(NodeStringError) -> Int {
    guard let number = digits.takeDecimal() else { throw .kernelInvalid }
    guard number <= UInt64(UInt32.max) else { throw .kernelOverflow }
    return Int(number)
  }

  /// What libvirt takes as a nodeset (`virBitmapParse`): `0-3,^1`, where `^N` takes a node away that was named before.
  public init(libvirt text: some StringProtocol) throws(NodeStringError) {
    self.init()
    let whole = String(text)
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      var digits = Digits(item)
      digits.rest = digits.rest.drop { $0 == UInt8(ascii: " ") }
      let isExcluded = digits.take("^")
      guard let first = digits.takeDecimal(), first < UInt64(Self.limit) else { throw .bitmap(whole) }
      var last = first
      if !isExcluded, digits.take("-") {
        guard let end = digits.takeDecimal(), end < UInt64(Self.limit), end >= first else {
          throw .bitmap(whole)
        }
        last = end
      }
      guard digits.rest.allSatisfy({ $0 == UInt8(ascii: " ") }) else { throw .bitmap(whole) }
      if isExcluded { remove(Int(first)) } else { insert(Int(first)...Int(last)) }
    }
    guard !isEmpty else { throw .bitmap(whole) }
  }

  /// The highest node that QEMU takes, and one more (MAX_NODES).
  public static let qemuLimit = 128

  /// One value of QEMU's `host-nodes`: `N` or `N-M`.
  public init(hostNodes text: some StringProtocol) throws(NodeStringError) {
    var digits = Digits(text)
    guard let first = digits.takeDecimal(), first < UInt64(Self.qemuLimit) else {
      throw .hostNodes(String(text))
    }
    var last = first
    if digits.take("-") {
      guard let end = digits.takeDecimal(), end < UInt64(Self.qemuLimit), end >= first else {
        throw .hostNodes(String(text))
      }
      last = end
    }
    guard digits.isAtEnd else { throw .hostNodes(String(text)) }
    self.init(Int(first)...Int(last))
  }
}
