import JSON
import TDXMemory

/// Objects and arrays member by member, each with the comma before it where one belongs. For answers of which there are
/// few: the lines of `plan --jsonl` know where their commas are.
extension JSONWriter {
  /// `"name":`; its value has to follow.
  mutating func appendName(_ name: StaticString) {
    appendComma(after: UInt8(ascii: "{"))
    append("\"")
    append(name)
    append("\":")
  }

  mutating func appendMember(_ name: StaticString, _ text: String) {
    appendName(name)
    appendString(text)
  }

  mutating func appendMember(_ name: StaticString, _ number: UInt64) {
    appendName(name)
    append(number)
  }

  mutating func appendMember(_ name: StaticString, _ number: Int) {
    appendName(name)
    if number < 0 { append("-") }
    append(UInt64(number.magnitude))
  }

  mutating func appendMember(_ name: StaticString, _ isTrue: Bool) {
    appendName(name)
    append(isTrue)
  }

  mutating func appendMember(_ name: StaticString, _ texts: [String]) {
    appendName(name)
    appendArray(texts) { $0.appendString($1) }
  }

  /// A member that may not be known: `null` then.
  mutating func appendMember(_ name: StaticString, known text: String?) {
    appendName(name)
    if let text { appendString(text) } else { append("null") }
  }

  mutating func appendMember(_ name: StaticString, known number: UInt64?) {
    appendName(name)
    if let number { append(number) } else { append("null") }
  }

  /// `[element,…]`.
  mutating func appendArray<Element>(
    _ elements: some Sequence<Element>,
    _ appendElement: (inout JSONWriter, Element) -> Void
  ) {
    append("[")
    for element in elements {
      appendComma(after: UInt8(ascii: "["))
      appendElement(&self, element)
    }
    append("]")
  }

  /// `[[start,end],…]`.
  mutating func appendRanges(_ ranges: [AddressRange]) {
    append(atMost: 2 + ranges.count * (4 + 2 * BytePen.numberRoom)) { pen in
      pen.write("[")
      for (index, range) in ranges.enumerated() {
        if index > 0 { pen.write(",") }
        pen.write(pair: (range.start, range.end))
      }
      pen.write("]")
    }
  }

  /// `[start,end]`, in bytes.
  mutating func append(_ range: AddressRange) {
    append(atMost: 4 + 2 * BytePen.numberRoom) { $0.write(pair: (range.start, range.end)) }
  }

  /// Text as it is.
  public mutating func append(utf8 text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// A comma, unless what comes next is the first after an opening bracket.
  private mutating func appendComma(after bracket: UInt8) {
    if bytes.last != bracket { append(",") }
  }
}
