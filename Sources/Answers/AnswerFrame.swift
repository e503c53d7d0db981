import JSON

/// What the answers of all verbs have in common. An id is a JSON value, as it stands in the request.
extension JSONWriter {
  /// `{"id":…,"error":"…"}`.
  public mutating func appendError(id: UnsafeRawBufferPointer, message: String) {
    appendID(id)
    append(#","error":"#)
    appendString(message)
    append("}\n")
  }

  /// `{"id":…,"op":"advise"` where the answer is one of a stream, `{` otherwise.
  mutating func beginAnswer(_ verb: StaticString, id: UnsafeRawBufferPointer?) {
    guard let id else { return append("{") }
    appendID(id)
    appendVerb(verb)
  }

  /// `,"op":"plan"`.
  mutating func appendVerb(_ verb: StaticString) {
    append(#","op":""#)
    append(verb)
    append("\"")
  }

  /// `{"id":…`.
  mutating func appendID(_ id: UnsafeRawBufferPointer) {
    append(#"{"id":"#)
    appendJSON(id)
  }
}
