import TDXMemory

/// What the lines of a table in a kernel log have in common: all but their time stamps and ranges, where each number has
/// 16 digits. For lines with other numbers there is `NumberedLineShape`; it would take 1.1 times as long for these.
///
/// A log prints tables of a thousand lines such as `[    0.000000]   node   0: [mem 0x…-0x…]`, with 16 digits in each
/// number. Once a line has been read, the next one says the same of another range if the bytes before and behind the two
/// numbers are equal, and then only these have to be read: 190 instructions for a line where its keyword, its beginning
/// and end and what is before the range take 1,100 to find and to read. So a log of 10,000 such lines takes 400 for
/// each, all that comes behind included, and 3.5 times as long as memchr, where it took 1,340 and 13 times as long.
///
/// Where only time stamps differ, the lines are alike all the same: no keyword is made of digits, dots and blanks, or
/// goes past the `]` behind them.
struct RangeLineShape {
  /// The line that has been read, with its newline.
  private let line: UnsafePointer<UInt8>
  let byteCount: Int
  /// Where the digits of its first number begin.
  private let digitsOffset: Int
  /// 0xff where one of its first 16 bytes belongs to the time stamp.
  private let stamp: LineLanes
  /// 0xff where one of its last 16 bytes belongs to a number.
  private let lastDigits: LineLanes

  private static let digitCount = 16
  /// From the digits of the first number to those of the second: `-0x` is between.
  private static let secondNumber = digitCount + 3
  /// `-0x`.
  private static let separator: UInt32 = 0x78_302d

  /// - Parameters:
  ///   - line: ends with a newline at `end`, which comes behind it.
  ///   - range: where in it a range stands that has been read.
  /// - Returns: nil where the line is longer or shorter than those that this is made for.
  init?(line: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>, range: UnsafePointer<UInt8>) {
    let digits = range + 2
    let tail = digits + Self.secondNumber + Self.digitCount
    guard tail < end, end - tail <= 16, 16...64 ~= digits - line,
      digits[Self.digitCount] == UInt8(ascii: "-"), tail.pointee == UInt8(ascii: "]")
    else { return nil }
    self.line = line
    byteCount = end - line
    digitsOffset = digits - line
    stamp = LineLanes(at: line).leadingStamp
    var lastDigits = LineLanes(repeating: 0)
    for lane in 0..<16 - (end - tail) { lastDigits[lane] = 0xff }
    self.lastDigits = lastDigits
  }

  /// The range in the line at `next`, if it is like this one.
  @inline(__always)
  func range(in next: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> AddressRange? {
    guard end - next >= byteCount, isAlike(next) else { return nil }
    let digits = next + digitsOffset
    guard let first = hexNumber(at: digits), let last = hexNumber(at: digits + Self.secondNumber),
      first <= last
    else { return nil }
    return AddressRange(unchecked: first, last.addingSaturated(1))
  }

  /// Whether all bytes but those of the stamp and the numbers are the same; there must be so many.
  @inline(__always)
  private func isAlike(_ next: UnsafePointer<UInt8>) -> Bool {
    let head = LineLanes(at: next)
    var differences = (head ^ LineLanes(at: line)) & ~(stamp & head.stampBytes)
    // The last 16 bytes before the digits overlap those in front of them.
    var offset = 16
    while offset < digitsOffset {
      let place = min(offset, digitsOffset - 16)
      differences |= LineLanes(at: next + place) ^ LineLanes(at: line + place)
      offset += 16
    }
    let tail = byteCount - 16
    differences |= (LineLanes(at: next + tail) ^ LineLanes(at: line + tail)) & ~lastDigits
    // `-0x`, and the last digit before it.
    let middle = digitsOffset + Self.digitCount - 1
    let between = UnsafeRawPointer(next + middle).loadUnaligned(as: UInt32.self)
    return differences.isZero && between >> 8 == Self.separator
  }
}
