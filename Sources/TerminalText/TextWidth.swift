/// The columns that everything is written for.
public let screenWidth = 80

extension StringProtocol {
  /// The columns that the text takes: a character each, and none for the marks of colours.
  ///
  /// Bytes are counted where each is a character: to find where characters end took a twelfth of all instructions of
  /// `plan` on a log of 100 KB (scripts/compare-start-up).
  public var columnCount: Int {
    if utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "\r") }) { return utf8.count }
    return count { !Style.isMark($0.unicodeScalars.first!) }
  }
}
