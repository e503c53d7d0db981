@testable import TDXMessages

extension TDXHistory {
  /// The same of bytes that lie anywhere.
  @discardableResult
  mutating func read(_ bytes: some Sequence<UInt8>, line: Int) -> Bool {
    Array(bytes).withUnsafeBufferPointer { read($0, line: line) }
  }
}

extension TDXMessage {
  init?(_ bytes: some Sequence<UInt8>, line: Int) {
    guard let message = Array(bytes).withUnsafeBufferPointer({ TDXMessage($0, line: line) }) else {
      return nil
    }
    self = message
  }
}
