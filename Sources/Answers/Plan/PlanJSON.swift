import JSON
import MapReaders
import TDXMemory

extension JSONWriter {
  /// A plan as the line that `plan --jsonl` answers with:
  /// `{"id":…,"policy":…,"placement":…,"dynamic_pamt":…,"outcome":…,"messages":[…],…}`, with `tdmrs` and `pamt_kib`
  /// where the plan fits and `module` where there is a verdict; `"op":"plan"` at its end. The policy `optimal` adds `proved` where there is a
  /// plan, and `why` where there is none.
  ///
  /// Allocates only to render messages.
  public mutating func appendPlan(
    _ plan: Plan,
    id: UnsafeRawBufferPointer,
    options: PlanOptions,
    verdict: ModuleVerdict?
  ) {
    appendPlanMembers(plan, id: id, options: options, verdict: verdict)
    append(#","op":"plan"}"#)
    append("\n")
  }

  /// The same of a machine that was read, with what a reader of it should know: `source`, `notes`, `given_up`
  /// where memory was, `initializes_after_kexec` where that is asked, `kernel` and `module_version` where they are named, and
  /// `tdx_log` where a log spoke of TDX.
  public mutating func appendPlan(
    _ plan: Plan,
    of machine: Machine,
    id: UnsafeRawBufferPointer,
    options: PlanOptions,
    verdict: ModuleVerdict?,
    givenUp: [AddressRange]?,
    canInitializeAgain: Bool? = nil
  ) {
    // In the words of 7.1 and newer only where a kernel is named: programs know the others.
    let kernel = machine.kernel
    appendPlanMembers(
      plan,
      id: id,
      options: options,
      verdict: verdict,
      saysTDXModule: kernel.isNamed && kernel.saysTDXModule
    )
    if let givenUp {
      appendName("given_up")
      appendRanges(givenUp)
    }
    let fits = plan.failure == nil && verdict?.isAccepted != false
    if let canInitializeAgain { appendMember("initializes_after_kexec", canInitializeAgain && fits) }
    appendMember("source", machine.source.description)
    appendMember("notes", machine.remarks)
    appendProfiles(machine)
    appendTDXLog(machine.observed, memoryFits: fits)
    appendVerb("plan")
    append("}\n")
  }

  @inline(__always)
  private mutating func appendPlanMembers(
    _ plan: Plan,
    id: UnsafeRawBufferPointer,
    options: PlanOptions,
    verdict: ModuleVerdict?,
    saysTDXModule: Bool = false
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
    for (index, message) in plan.messages.enumerated() {
      if index > 0 { append(",") }
      appendString(message.text(saysTDXModule: saysTDXModule))
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
  }

  private mutating func appendTDMRs(_ plan: Plan) {
    append(#","tdmrs":["#)
    for index in plan.tdmrs.indices {
      appendTDMR(plan.tdmrs[index], node: plan.nodes[index], isFirst: index == 0)
    }
    append("]")
  }

  private mutating func appendTDMR(_ tdmr: TDMRInfo, node: UInt32, isFirst: Bool) {
    let areas = tdmr.usedReservedSlots
    // Nine numbers and the text around them; two numbers and three marks for each area.
    append(atMost: 100 + 9 * BytePen.numberRoom + areas * (3 + 2 * BytePen.numberRoom)) { pen in
      if !isFirst { pen.write(",") }
      pen.write(#"{"base":"#)
      pen.write(tdmr.base)
      pen.write(#","size":"#)
      pen.write(tdmr.size)
      pen.write(#","node":"#)
      pen.write(UInt64(node))
      pen.write(#","pamt":{"4k":"#)
      pen.write(pair: tdmr.pamt(.page4K))
      pen.write(#","2m":"#)
      pen.write(pair: tdmr.pamt(.page2M))
      pen.write(#","1g":"#)
      pen.write(pair: tdmr.pamt(.page1G))
      pen.write(#"},"reserved":["#)
      for slot in 0..<areas {
        if slot > 0 { pen.write(",") }
        pen.write(pair: tdmr.reserved(slot))
      }
      pen.write("]}")
    }
  }
}
