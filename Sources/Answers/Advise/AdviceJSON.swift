import Advice
import JSON
import MapReaders
import Questions
import TDXMemory

extension JSONWriter {
  /// Advice on a machine as an object and a newline: what a fleet keeps of it, then members by name. Ranges are
  /// `[start, end)` in bytes.
  ///
  /// - Parameters:
  ///   - id: of a line of a stream; nil where it is the only answer.
  ///   - showsBill: whether `dynamic_pamt_bill` is asked for.
  public mutating func appendAdvice(
    _ advice: Advice,
    _ figures: HostFigures,
    of machine: Machine,
    id: UnsafeRawBufferPointer? = nil,
    showsBill: Bool = false
  ) {
    beginAnswer("advise", id: id)
    appendFigures(figures)
    if let reason = advice.hopelessness { appendMember("cannot_help", reason.explanation) }
    if showsBill, let bill = advice.bill {
      appendName("dynamic_pamt_bill")
      append(bill)
    }
    appendProfiles(machine)
    if let outlook = advice.outlook { append(outlook) }
    appendMember("notes", machine.remarks)
    appendName("plans")
    appendArray(advice.results) { $0.append($1) }
    if advice.isSearchGivenUp { appendMember("search_given_up", true) }
    appendMember("source", machine.source.description)
    appendMember("succeeds", advice.succeeds && machine.observed.failure == nil)
    appendName("today")
    append(advice.today)
    appendTDXLog(machine.observed, memoryFits: advice.succeeds)
    if let withholding = advice.withholding {
      appendName("withhold")
      append(withholding)
    }
    append("}\n")
  }

  private mutating func append(_ result: PlanResult) {
    append("{")
    appendMember("dynamic_pamt", result.dynamicPAMT)
    if let verdict = result.verdict { appendMember("module", verdict.name) }
    appendMember("most_reserved", result.mostReserved)
    appendMember("outcome", result.outcome.rawValue)
    appendMember("pamt_kib", result.pamtBytes / 1024)
    appendMember("pamt_kib_for_holes", result.pamtBytesForHoles / 1024)
    if let placement = result.placement { appendMember("placement", placement.rawValue) }
    appendMember("policy", result.policy.rawValue)
    if let proved = result.proved { appendMember("proved", proved) }
    appendMember("tdmrs", result.tdmrs)
    if let failure = result.failure { appendMember("why", failure.explanation) }
    append("}")
  }

  /// The members that tell how near the limits the machine is.
  private mutating func append(_ outlook: Outlook) {
    appendName("cases")
    appendArray(outlook.cases) { writer, one in
      writer.append("{")
      writer.appendMember("change", one.change)
      writer.appendName("plan")
      writer.append(one.result)
      writer.append("}")
    }
    appendName("costly_holes")
    appendArray(outlook.costlyHoles) { writer, hole in
      writer.append("{")
      writer.appendMember("pamt_bytes", hole.pamtBytes)
      writer.appendName("range")
      writer.append(hole.range)
      writer.append("}")
    }
    appendName("joinable")
    appendRanges(outlook.joinable)
  }

  private mutating func append(_ withholding: Withholding) {
    append("{")
    appendMember("areas_to_spare", withholding.areasToSpare)
    appendMember("bytes", withholding.bytes)
    appendMember("fits_command_line", withholding.fitsCommandLine)
    appendMember("grub_line", withholding.grubLine)
    appendMember("holds_for", withholding.placements.map(\.rawValue))
    appendMember("kernel_parameters", withholding.kernelParameters)
    appendName("next")
    appendRanges(withholding.next)
    appendName("ranges")
    appendRanges(withholding.ranges)
    if let tightest = withholding.tightest {
      appendName("tightest")
      append(tightest)
    }
    append("}")
  }
}
