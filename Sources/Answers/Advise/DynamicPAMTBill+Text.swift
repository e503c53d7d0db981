import Advice
import JSON
import MapReaders
import TDXMemory
import TerminalText

extension DynamicPAMTBill {
  /// The whole bill.
  ///
  /// - Parameter isOn: whether the machine has Dynamic PAMT already.
  func lines(for machine: Machine, isOn: Bool) -> [AnswerLine] {
    var lines = [
      AnswerLine.said(
        label: "Dynamic",
        text:
          "\(isOn ? "is on" : "Dynamic PAMT"): \(ByteCount(atBoot)) at boot, \(ByteCount(bootBytes)) of PAMT (its bitmap "
          + "\(ByteCount(bitmapBytes))) and \(ByteCount(refcountBytes)) of reference counts; static "
          + "\(ByteCount(staticBytes))"
      )
    ]
    func add(_ text: String) { lines.append(.said(label: "", text: text)) }
    if tdMemory > 0 {
      add(
        "for \(ByteCount(tdMemory)) of TDs \(ByteCount(inUseBytes)) more, 8 KiB for each 2 MiB: "
          + "\(ByteCount(totalBytes)) in all"
      )
    }
    add(judgement)
    if !isOn, let hindrance = machine.hindranceOfDynamicPAMT { add(hindrance) }
    return lines
  }

  private var judgement: String {
    guard let breakEven else { return "static is cheaper, whatever TDs use" }
    let saved = ByteCount(staticBytes - atBoot)
    let bound = "\(ByteCount(breakEven)) of TDs use as much as static PAMT costs"
    if tdMemory > 0, isStaticCheaper { return "static is cheaper: \(bound)" }
    return "saves \(saved) while no TD runs; \(bound)"
  }
}

extension Machine {
  /// Why Linux does not turn Dynamic PAMT on here, as a sentence without its end; nil where nothing named is against it.
  var hindranceOfDynamicPAMT: String? {
    if let module, module.offersDynamicPAMT == false {
      return "the module \(module.version) does not offer it: 1.5.20 and 2.0.08 and newer do"
    }
    if kernel.isNamed, !kernel.usesDynamicPAMT {
      return "Linux \(kernel) does not use it: kernels from 7.4 on do, by themselves"
    }
    return nil
  }
}

extension JSONWriter {
  mutating func append(_ bill: DynamicPAMTBill) {
    append("{")
    appendMember("static_bytes", bill.staticBytes)
    appendMember("boot_bytes", bill.bootBytes)
    appendMember("bitmap_bytes", bill.bitmapBytes)
    appendMember("refcount_bytes", bill.refcountBytes)
    appendMember("td_memory", bill.tdMemory)
    appendMember("in_use_bytes", bill.inUseBytes)
    appendMember("total_bytes", bill.totalBytes)
    if let breakEven = bill.breakEven { appendMember("break_even", breakEven) }
    appendMember("static_is_cheaper", bill.isStaticCheaper)
    append("}")
  }
}
