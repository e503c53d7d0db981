/// What a text without any map does say, and what to bring in its place.
enum Hints {
  /// - Parameter findings: what the readers made of the text.
  static func of(_ text: TextCursor, _ findings: Findings) -> [String] {
    var hints: [String] = []
    if text.find("available: ") != nil, hasNodeSizes(text) {
      hints.append(
        "this is what `numactl --hardware` prints: it has the sizes of the nodes, and where they lie cannot be told from "
          + "them. `lsmem --output RANGE,NODE` and `cat /proc/iomem` as root tell"
      )
    }
    if text.find("Total online memory:") != nil, findings.memory[.lsmem] == nil {
      hints.append("this is the summary of lsmem, without ranges. `lsmem` alone prints them")
    }
    if text.find("Content-Transfer-Encoding: base64") != nil {
      hints.append("the mail is encoded in base64: save its text, or its attachment, with the mail program")
    }
    return hints
  }

  /// `node 0 size: 64327 MB`.
  private static func hasNodeSizes(_ text: TextCursor) -> Bool {
    guard let place = text.find(" size: ") else { return false }
    var before = TextCursor(from: text.position, to: place)
    return !before.dropLast(while: isDecimal).isAtEnd && before.ends(with: "node ")
  }
}
