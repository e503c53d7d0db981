import TDXMemory

extension TDXMessage {
  /// The line in words.
  public func explanation(in context: ExplanationContext) -> Explanation {
    switch content {
    case .unknown: .unknown
    case .seamcall(let failure): explanation(of: failure, in: context)
    case .known(let row):
      Explanation(
        what: row.meaning,
        kernels: row.kernels,
        here: here(row, context),
        remedy: remedy(of: row, in: context)
      )
    }
  }

  private func remedy(of row: KernelMessage, in context: ExplanationContext) -> String? {
    // What went wrong is told where it is said; the line that ends the attempt repeats it.
    if row.effect == .endsInFailure, context.failure?.reasons.isEmpty == false {
      return "see the reason above"
    }
    if row.effect == .causesFailure(.memory) {
      return "`tdxbench advise` on the whole log says which memory to withhold"
    }
    return row.remedy
  }

  // MARK: - What it means here

  private func here(_ row: KernelMessage, _ context: ExplanationContext) -> String? {
    if let version = text.withMessageBytes({ ModuleVersion($0) }) {
      return "the module is \(ModuleProfile(version, .logged).sentence)"
    }
    switch row.pattern {
    case "BIOS enabled: private KeyID range [%, %)", "BIOS enabled: private KeyID range: [%, %)":
      return keyIDs
    case "Enable Dynamic PAMT": return dynamicPAMT(context)
    case "% KB allocated for PAMT", "% KBs allocated for PAMT": return pamt(unit: 1, context)
    case "% pages allocated for PAMT": return pamt(unit: 4, context)
    case "consumed TDMRs reaching limit: % used out of %":
      return "a few more holes in the memory, and the initialisation fails with ENOSPC"
    case "Not allowed on platform with tdx_pw_mce bug":
      return context.kernel.mayRefuseKexec
        ? nil : "Linux \(context.kernel) does not print it in mainline: the line is of another kernel"
    default: break
    }
    switch row.effect {
    case .succeeds: return succeeds(row, context)
    case .endsInFailure: return ends(context)
    case .causesFailure, .refuses: return wasOvercome(context)
    case .refusesGuests: return "no TD can be started until that is mended"
    case .tells, .happensLater: return nil
    }
  }

  /// `[32, 64)`: the first is the module's own, the others are TDs'.
  private var keyIDs: String? {
    let range = text.withMessageBytes { bytes -> (first: UInt64, end: UInt64)? in
      var rest = MessageText(bytes)
      guard rest.take(through: "["), let first = rest.takeDecimal(), rest.take(", "),
        let end = rest.takeDecimal(), first < end
      else { return nil }
      return (first, end)
    }
    guard let (first, end) = range else { return nil }
    let count = end - first
    guard count > 1 else { return "one key id, which the module needs for itself: no TD can run" }
    let power = end.nonzeroBitCount == 1 ? "; \(end.trailingZeroBitCount) bits of an address hold them" : ""
    return "\(count) key ids: one is the module's, so \(count - 1) TDs can run at once\(power)"
  }

  private func dynamicPAMT(_ context: ExplanationContext) -> String {
    var text =
      "the 4K PAMT is a bitmap until TDs run; each 2 MiB that they use then takes 8 KiB, and reference counts take 4 bytes "
      + "for each 2 MiB up to the highest address"
    if context.module?.offersDynamicPAMT == false {
      text += "; the module that is named does not offer it, so that is not the one that runs"
    }
    return text
  }

  /// - Parameter unit: KiB for each.
  private func pamt(unit: UInt64, _ context: ExplanationContext) -> String? {
    let number = text.withMessageBytes { bytes in
      var rest = MessageText(bytes)
      return rest.takeDecimal()
    }
    guard let number, number <= UInt64.max / 1024 / unit else { return nil }
    let size = ByteCount(number * unit * 1024)
    return context.history.usesDynamicPAMT
      ? "\(size) at boot; what TDs use later comes on top"
      : "\(size) that are gone until the next boot, whether TDs run or not"
  }

  private func succeeds(_ row: KernelMessage, _ context: ExplanationContext) -> String? {
    var text = wordsOfAnother(context).map { "\($0); " } ?? ""
    text += "from here on only memory that was there now comes online"
    if case .failed(let failure)? = context.history.verdict, failure.stage == .guests {
      text += "; KVM offers no TDs all the same"
    }
    return text
  }

  private func ends(_ context: ExplanationContext) -> String? {
    guard let failure = context.failure else {
      return join(wordsOfAnother(context), "a later attempt succeeded")
    }
    return join(
      wordsOfAnother(context),
      failure.explanation(module: context.module?.version ?? context.history.moduleVersion)
    )
  }

  private func wasOvercome(_ context: ExplanationContext) -> String? {
    context.history.isInitialized ? "a later attempt succeeded" : "TDX does not run for this"
  }

  private func join(_ first: String?, _ second: String) -> String {
    first.map { "\($0); \(second)" } ?? second
  }

  /// Where the result's words are not those of the kernel that the log names.
  private func wordsOfAnother(_ context: ExplanationContext) -> String? {
    guard context.kernel.isNamed, !context.kernel.isOutOfTree, let isNew = usesNewResultWords,
      isNew != context.kernel.saysTDXModule
    else { return nil }
    let words = isNew ? "7.1 and newer" : "6.8 to 7.0"
    return
      "these are the words of Linux \(words), and the kernel is \(context.kernel): a kernel with other patches, or a "
      + "line of another boot"
  }

  // MARK: - Calls

  private func explanation(of failure: SEAMCALLFailure, in context: ExplanationContext) -> Explanation {
    let purpose = failure.leaf.map { ", the call that \($0.purpose)" } ?? ""
    let version = context.module?.version ?? context.history.moduleVersion
    let diagnosis = Diagnosis.of(failure, module: version)
    var what = "\(failure.call)\(purpose), failed with \(failure.answer)"
    if let field = failure.field { what += " for \(field)" }
    var explanation = Explanation(what: what)
    var here = diagnosis?.meaning ?? failure.meaning
    if let place = placeOfCMR(failure, context) { here += "; \(place)" }
    if failure.initializesModule {
      if context.history.isInitialized {
        here += "; TDX runs all the same: a later attempt succeeded, or a processor came online later"
      }
    } else {
      here += "; it is no part of the initialisation"
    }
    explanation.here = here
    explanation.remedy =
      diagnosis?.remedy
      ?? (failure.concernsMemory ? "`tdxbench advise` on the whole log says which memory to withhold" : nil)
    explanation.isKnown = failure.leaf != nil
    return explanation
  }

  /// TDX_SMRR_OVERLAPS_CMR names a register and a CMR by number.
  private func placeOfCMR(_ failure: SEAMCALLFailure, _ context: ExplanationContext) -> String? {
    guard failure.status.code == 0xc000_0912 else { return nil }
    let index = Int(failure.status.details >> 8 & 0xff)
    guard context.convertible.indices.contains(index) else { return nil }
    let cmr = context.convertible[index]
    return "CMR \(index) is [\(hexText(cmr.lowerBound)), \(hexText(cmr.upperBound)))"
  }
}

extension ExplanationContext {
  var failure: TDXFailure? {
    if case .failed(let failure)? = history.verdict { return failure }
    return nil
  }
}
