import RandomNumbers

/// Spoils text: lines go, come twice or change places, bytes flip, numbers become extreme, the end is cut off.
public struct Mutator: Sendable {
  private static let hexadecimals = [
    "0x0", "0x1", "0xfff", "0x1000", "0x10000000000000", "0xfffffffffffff", "0x7fffffffffffffff",
    "0x8000000000000000", "0xfffffffffffff000", "0xffffffffffffffff", "0x10000000000000000", "0x",
  ]
  private static let decimals = [
    "0", "1", "4095", "4096", "4503599627370496", "9223372036854775808", "18446744073709547520",
    "18446744073709551615", "18446744073709551616", "-1", "1e3", "", "9223372036854775808", "4294967296",
  ]

  private let lines: [[UInt8]]

  public init(_ text: [UInt8]) {
    lines = text.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
  }

  /// The text with one to six changes.
  public func mutated(using random: inout SplitMix64) -> [UInt8] {
    var lines = lines
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      guard let index = lines.indices.randomElement(using: &random) else { break }
      switch Int.random(in: 0..<8, using: &random) {
      case 0: lines.remove(at: index)
      case 1: lines.insert(lines[index], at: lines.indices.randomElement(using: &random)!)
      case 2: lines.swapAt(index, lines.indices.randomElement(using: &random)!)
      case 3:
        guard let byte = lines[index].indices.randomElement(using: &random) else { break }
        lines[index][byte] = UInt8.random(in: 0...255, using: &random)
      case 4: lines[index].removeLast(Int.random(in: 0...lines[index].count, using: &random))
      default: lines[index] = Self.replacingNumber(in: lines[index], using: &random)
      }
    }
    var bytes = Array(lines.joined(separator: [10]))
    if Int.random(in: 0..<4, using: &random) == 0 {
      bytes.removeLast(Int.random(in: 0...min(bytes.count, 200), using: &random))
    }
    return bytes
  }

  /// Puts another number in the place of one that the line has.
  private static func replacingNumber(in line: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    guard let somewhere = line.indices.randomElement(using: &random),
      let start = line[somewhere...].firstIndex(where: isDigit)
    else { return line }
    let isHexadecimal = line[start...].starts(with: "0x".utf8)
    let end =
      line[(start + 1)...].dropFirst(isHexadecimal ? 1 : 0).firstIndex { !isDigit($0) } ?? line.endIndex
    let number = (isHexadecimal ? hexadecimals : decimals).randomElement(using: &random)!
    return line[..<start] + Array(number.utf8) + line[end...]
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
  }
}
