extension UnsafeRawBufferPointer {
  var text: String { String(decoding: self, as: UTF8.self) }
}

extension Array where Element == UInt8 {
  init(_ text: String) { self = Array(text.utf8) }

  var text: String { String(decoding: self, as: UTF8.self) }
}
