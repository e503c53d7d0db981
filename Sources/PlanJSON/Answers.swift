import TDXMemory

/// The lines that `plan --jsonl` and `validate --jsonl` answer with, each with its newline. An id is a JSON value,
/// as `PlanRequest.id` has it.
extension JSONWriter {
  /// `{"id":…,"error":"…"}`.
  public mutating func appendError(id: UnsafeRawBufferPointer, message: String) {
    appendID(id)
    append(#","error":"#)
    appendString(message)
    append("}\n")
  }

  /// `{"id":…,"policy":…,"placement":…,"dynamic_pamt":…,"outcome":…,"messages":[…],…}`, with `tdmrs` and `pamt_kib`
  /// where the plan fits and `module` where there is a verdict. The policy `optimal` adds `proved` where there is a
  /// plan, and `why` where there is none.
  ///
  /// Allocates only to render messages.
  public mutating func appendPlan(
    _ plan: Plan,
    id: UnsafeRawBufferPointer,
    options: PlanOptions,
    verdict: ModuleVerdict?
  ) {
    appendID(id)
    append(#","policy":"#)
    appendString(options.policy.rawValue)
    append(#","placement":"#)
    appendString(options.placement.rawValue)
    append(#","dynamic_pamt":"#)
    append(options.dynamicPAMT)
    append(#","outcome":"#)
    appendString(plan.outcome.rawValue)
    append(#","messages":["#)
    var isFirst = true
    for message in plan.messages {
      appendComma(unless: &isFirst)
      appendString(message.description)
    }
    append("]")
    if plan.outcome == .ok {
      appendTDMRs(plan)
      append(#","pamt_kib":"#)
      append(plan.pamtBytes / 1024)
    }
    if let proved = plan.proved {
      append(#","proved":"#)
      append(proved)
    }
    if let obstacle = plan.obstacle {
      append(#","why":"#)
      appendString(obstacle.description)
    }
    if let verdict {
      append(#","module":{"#)
      appendStatus(verdict)
      append("}")
    }
    append("}\n")
  }

  /// `[[start,end],…]`.
  public mutating func appendRanges(_ ranges: [AddressRange]) {
    append("[")
    var isFirst = true
    for range in ranges {
      appendComma(unless: &isFirst)
      appendPair((range.start, range.end))
    }
    append("]")
  }

  /// `{"id":…,"status":"0x…","name":…}`, with `tdmr` and `level` where the refusal is about one.
  public mutating func appendVerdict(_ verdict: ModuleVerdict, id: UnsafeRawBufferPointer) {
    appendID(id)
    append(",")
    appendStatus(verdict)
    if let tdmr = verdict.tdmr {
      append(#","tdmr":"#)
      append(UInt64(tdmr))
    }
    if let level = verdict.level {
      append(#","level":"#)
      appendString(level.name)
    }
    append("}\n")
  }

  private mutating func appendID(_ id: UnsafeRawBufferPointer) {
    append(#"{"id":"#)
    append(id)
  }

  private mutating func appendStatus(_ verdict: ModuleVerdict) {
    append(#""status":""#)
    appendHex(verdict.status)
    append(#"","name":"#)
    appendString(verdict.name)
  }

  private mutating func appendTDMRs(_ plan: Plan) {
    append(#","tdmrs":["#)
    var isFirst = true
    for (tdmr, node) in zip(plan.tdmrs, plan.nodes) {
      appendComma(unless: &isFirst)
      appendTDMR(tdmr, node: node)
    }
    append("]")
  }

  private mutating func appendTDMR(_ tdmr: TDMRInfo, node: UInt32) {
    append(#"{"base":"#)
    append(tdmr.base)
    append(#","size":"#)
    append(tdmr.size)
    append(#","node":"#)
    append(UInt64(node))
    append(#","pamt":{"4k":"#)
    appendPair(tdmr.pamt(.page4K))
    append(#","2m":"#)
    appendPair(tdmr.pamt(.page2M))
    append(#","1g":"#)
    appendPair(tdmr.pamt(.page1G))
    append(#"},"reserved":["#)
    var isFirst = true
    for slot in 0..<tdmr.usedReservedSlots {
      appendComma(unless: &isFirst)
      appendPair(tdmr.reserved(slot))
    }
    append("]}")
  }

  private mutating func appendPair(_ pair: (UInt64, UInt64)) {
    append("[")
    append(pair.0)
    append(",")
    append(pair.1)
    append("]")
  }

  private mutating func appendComma(unless isFirst: inout Bool) {
    if !isFirst { append(",") }
    isFirst = false
  }
}
