import TDXMemory

/// Where in a line of a table its numbers stand, in this order: the digits of each, without `0x`.
struct NumberPlaces {
  /// Of the index, where lines have one.
  var index: UnsafePointer<UInt8>?
  var isIndexDecimal = true
  /// Of the range's two numbers.
  let first: UnsafePointer<UInt8>
  let last: UnsafePointer<UInt8>
  /// Of the size, where lines have one that matters.
  var size: UnsafePointer<UInt8>?
  /// From here on nobody reads; nil where all of the line is read.
  var rest: UnsafePointer<UInt8>?
}

/// The numbers of a line; 0 for those that it does not have.
struct LineNumbers {
  var index: UInt64 = 0
  var first: UInt64 = 0
  /// Not below `first`.
  var last: UInt64 = 0
  var size: UInt64 = 0
  /// The number of the line itself.
  var line = 0

  /// Memory whose last byte is 2^64 - 1 ends there.
  var inclusiveRange: AddressRange { AddressRange(unchecked: first, last.addingSaturated(1)) }
  var halfOpenRange: AddressRange { AddressRange(unchecked: first, last) }
}

/// What the lines of a table have in common: all but their time stamps and numbers, which may have any number of digits.
///
/// Once a line such as ` memory[0x7]<tab>[0x…-0x…], 0x… bytes on node 0 flags: 0x0` has been read, the next one says the
/// same of other numbers if the bytes before, between and behind them are equal, and then only the numbers are read: 230
/// to 330 instructions for a line, where its keyword, its beginning and end and all in between took 1,500 to 2,000.
///
/// Where only time stamps differ, lines are alike all the same: no keyword is made of digits, dots and blanks, or goes
/// past the `]` behind them. Nor does one begin or end within a number.
struct NumberedLineShape {
  /// Bytes that are the same in all lines, up to a number or to the end.
  private struct Literal {
    let start: UnsafePointer<UInt8>
    let count: Int
    /// 0xff for those of the last 16, or fewer, that belong to it.
    let lastBytes: LineLanes

    /// - Returns: nil where it ends before it starts.
    init?(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) {
      guard start <= end else { return nil }
      self.start = start
      count = end - start
      var mask = LineLanes(repeating: 0)
      for lane in 0..<(count == 0 ? 0 : (count - 1) % 16 + 1) { mask[lane] = 0xff }
      lastBytes = mask
    }

    /// Where the bytes at a place differ from it; so many, and 16 more, must be there.
    ///
    /// - Parameter isFree: 0xff where one of the first 16 bytes may differ.
    @inline(__always)
    func differences(at place: UnsafePointer<UInt8>, except isFree: LineLanes = LineLanes(repeating: 0))
      -> LineLanes
    {
      guard count > 16 else { return (LineLanes(at: place) ^ LineLanes(at: start)) & lastBytes & ~isFree }
      var differences = (LineLanes(at: place) ^ LineLanes(at: start)) & ~isFree
      var offset = 16
      while count &- offset > 16 {
        differences |= LineLanes(at: place + offset) ^ LineLanes(at: start + offset)
        offset &+= 16
      }
      return differences | (LineLanes(at: place + offset) ^ LineLanes(at: start + offset)) & lastBytes
    }
  }

  private let head: Literal
  /// Between the index and the range, between its numbers, and between those and the size.
  private let (behindIndex, between, beforeSize): (Literal, Literal, Literal)
  private let tail: Literal
  private let (hasIndex, isIndexDecimal, hasSize, hasRest): (Bool, Bool, Bool, Bool)
  /// 0xff where one of the first 16 bytes belongs to the time stamp.
  private let stamp: LineLanes
  /// A line like this one, and what is looked at behind it, lies in so many bytes.
  private let room: Int

  /// - Parameters:
  ///   - line: has been read, and ends with a newline at `end`, which comes behind it.
  ///   - places: where its numbers stand.
  init?(line: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>, _ places: NumberPlaces) {
    func behind(_ digits: UnsafePointer<UInt8>, isDecimal: Bool = false) -> UnsafePointer<UInt8> {
      var place = digits
      while place < end, isDecimal ? MapReaders.isDecimal(place.pointee) : isHexDigit(place.pointee) {
        place += 1
      }
      return place
    }
    let lastEnd = behind(places.last)
    let indexEnd = places.index.map { behind($0, isDecimal: places.isIndexDecimal) }
    let sizeEnd = places.size.map { behind($0) }
    guard let head = Literal(from: line, to: places.index ?? places.first),
      let behindIndex = Literal(from: indexEnd ?? places.first, to: places.first),
      let between = Literal(from: behind(places.first), to: places.last),
      let beforeSize = Literal(from: lastEnd, to: places.size ?? lastEnd),
      let tail = Literal(from: sizeEnd ?? lastEnd, to: places.rest ?? end)
    else { return nil }
    (self.head, self.behindIndex, self.between, self.beforeSize) = (head, behindIndex, between, beforeSize)
    self.tail = tail
    hasIndex = places.index != nil
    isIndexDecimal = places.isIndexDecimal
    hasSize = places.size != nil
    hasRest = places.rest != nil
    // Four numbers may have 16 digits more, and 16 bytes are looked at at a time.
    room = end - line + 5 * 16
    stamp = end - line < 16 ? LineLanes(repeating: 0) : LineLanes(at: line).leadingStamp
  }

  /// The numbers of the line at `next`, if it is like this one, and where the line after it starts.
  @inline(__always)
  func numbers(
    in next: UnsafePointer<UInt8>,
    to end: UnsafePointer<UInt8>
  ) -> (numbers: LineNumbers, next: UnsafePointer<UInt8>)? {
    guard end - next >= room else { return nil }
    // One question at the end whether anything differs: where it does, what is read till then means nothing.
    var differences = head.differences(at: next, except: stamp & LineLanes(at: next).stampBytes)
    var numbers = LineNumbers()
    var place = next + head.count
    if hasIndex {
      let (index, digits) = isIndexDecimal ? leadingDecimals(at: place) : leadingHexDigits(at: place)
      guard digits > 0 else { return nil }
      place += digits
      differences |= behindIndex.differences(at: place)
      place += behindIndex.count
      numbers.index = index
    }
    let (first, firstDigits) = leadingHexDigits(at: place)
    place += firstDigits
    differences |= between.differences(at: place)
    place += between.count
    let (last, lastDigits) = leadingHexDigits(at: place)
    place += lastDigits
    guard firstDigits > 0, lastDigits > 0, first <= last else { return nil }
    (numbers.first, numbers.last) = (first, last)
    if hasSize {
      differences |= beforeSize.differences(at: place)
      let (size, digits) = leadingHexDigits(at: place + beforeSize.count)
      guard digits > 0 else { return nil }
      place += beforeSize.count &+ digits
      numbers.size = size
    }
    guard (differences | tail.differences(at: place)).isZero else { return nil }
    place += tail.count
    if hasRest {
      var rest = TextCursor(from: place, to: end)
      guard rest.take(upTo: 10) != nil else { return nil }
      place = rest.position
    }
    return (numbers, place)
  }
}
