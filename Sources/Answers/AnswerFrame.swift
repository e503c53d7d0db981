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

  /// `{"id":…`.
  mutating func appendID(_ id: UnsafeRawBufferPointer) {
    append(#"{"id":"#)
    append(id)
  }
}
