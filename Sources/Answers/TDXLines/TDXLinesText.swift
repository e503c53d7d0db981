import MapReaders
import TDXMessages
import TerminalText

/// What the log of a machine says of TDX, for those who ask about its memory.
struct TDXLinesText {
  private let machine: Machine
  private let style: Style

  init(_ machine: Machine, style: Style) {
    self.machine = machine
    self.style = style
  }

  /// Why TDX does not run on the machine and what to do, where no plan of the memory can tell; empty where it can, or
  /// where nothing is known to be wrong.
  ///
  /// - Parameters:
  ///   - memoryFits: whether a plan fits.
  ///   - label: in place of `TDX`, where this is the answer to what the label names.
  func verdict(memoryFits: Bool, label: String? = nil) -> String {
    verdictLines(memoryFits: memoryFits, label: label).text
  }

  func verdictLines(memoryFits: Bool, label: String? = nil) -> [AnswerLine] {
    guard let failure = machine.observed.failure, !failure.concernsMemory || label != nil else { return [] }
    let version = machine.observed.tdx.moduleVersion
    let sentence = failure.verdict(memoryFits: memoryFits, module: version)
    var lines = [AnswerLine.said(label: label ?? "TDX", text: "\(style.paint("fails", .red)): \(sentence)")]
    if let version { lines.append(.said(label: "", text: "the module is \(version)")) }
    if let remedy = failure.remedy(module: version) { lines.append(.said(label: "Do", text: remedy)) }
    return lines
  }

  /// A call to the module in words, where the kernel printed numbers.
  static func decoded(_ message: TDXMessage) -> String? {
    guard case .seamcall(let failure) = message.content else { return nil }
    let times = message.count > 1 ? ", \(message.count) times" : ""
    let purpose = failure.leaf.map { "; \($0.name) is the call that \($0.purpose)" } ?? ""
    return "\(failure.summary)\(times)\(purpose)"
  }

  /// Whether a plan says the same: a predicted line keeps the words of the kernels up to 7.0.
  static func isPlanned(_ message: TDXMessage, by planned: [String]) -> Bool {
    let old = message.text.hasPrefix("TDX-Module ") ? "module " + message.text.dropFirst(11) : message.text
    return planned.contains("virt/tdx: \(old)")
  }
}
