import JSON

/// Reads JSON as `JSONScanner` does, and knows what it is reading: its errors name the member.
struct RequestScanner {
  private var json: JSONScanner
  /// The member that is being read.
  var place = RequestError.Place(.request)

  init(_ line: UnsafeRawBufferPointer) { json = JSONScanner(line) }

  /// The offset of the byte that is next.
  var position: Int { json.offset }

  func failure(_ problem: RequestError.Problem, at offset: Int) -> RequestError {
    RequestError(problem: problem, place: place, offset: offset)
  }

  @inline(__always)
  mutating func enterArray() throws(RequestError) {
    try read { (json) throws(JSONError) in try json.enterArray() }
  }

  @inline(__always)
  mutating func nextElement() throws(RequestError) -> Bool {
    try read { (json) throws(JSONError) in try json.nextElement() }
  }

  mutating func enterObject() throws(RequestError) {
    try read { (json) throws(JSONError) in try json.enterObject() }
  }

  mutating func nextMember() throws(RequestError) -> JSONText? {
    try read { (json) throws(JSONError) in try json.nextMember() }
  }

  mutating func isString() throws(RequestError) -> Bool {
    try read { (json) throws(JSONError) in try json.isString() }
  }

  mutating func isObject() throws(RequestError) -> Bool {
    try read { (json) throws(JSONError) in try json.isObject() }
  }

  mutating func null() throws(RequestError) -> Bool {
    try read { (json) throws(JSONError) in try json.null() }
  }

  mutating func bool() throws(RequestError) -> Bool {
    try read { (json) throws(JSONError) in try json.bool() }
  }

  mutating func string() throws(RequestError) -> JSONText {
    try read { (json) throws(JSONError) in try json.string() }
  }

  mutating func scalar() throws(RequestError) -> UnsafeRawBufferPointer {
    try read { (json) throws(JSONError) in try json.scalar() }
  }

  mutating func integer(or expectation: JSONError.Expectation = .wholeNumber) throws(RequestError) -> UInt64 {
    try read { (json) throws(JSONError) in try json.integer(or: expectation) }
  }

  @inline(__always)
  mutating func tuple(
    _ expectation: JSONError.Expectation,
    allowsThird: Bool
  ) throws(RequestError) -> NumberTuple {
    try read { (json) throws(JSONError) in try json.tuple(expectation, allowsThird: allowsThird) }
  }

  /// As `JSONScanner.nextPlainTuple`, which never fails.
  @inline(__always)
  mutating func nextPlainTuple(where isGood: (NumberTuple) -> Bool) -> NumberTuple? {
    json.nextPlainTuple(where: isGood)
  }

  mutating func skip() throws(RequestError) {
    try read { (json) throws(JSONError) in try json.skip() }
  }

  mutating func end() throws(RequestError) {
    try read { (json) throws(JSONError) in try json.end() }
  }

  @inline(__always)
  private mutating func read<Value>(
    _ body: (inout JSONScanner) throws(JSONError) -> Value
  ) throws(RequestError) -> Value {
    do throws(JSONError) {
      return try body(&json)
    } catch {
      throw RequestError(problem: .json(error.problem), place: place, offset: error.offset)
    }
  }
}
