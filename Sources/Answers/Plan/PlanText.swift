import MapReaders
import TDXMemory
import TerminalText

/// What `tdxbench plan` tells a person: the machine, its TDMRs, what Linux and the module say, a picture.
public struct PlanText {
  private let machine: Machine
  private let options: PlanOptions
  private let plan: Plan
  private let verdict: ModuleVerdict?
  private let style: Style
  private let wayOn: String?

  /// The most TDMRs that are listed and drawn; synthetic maps have millions.
  private static let listed = 64

  /// - Parameters:
  ///   - verdict: the module's answer; nil where the CMRs are not known or there is no plan.
  ///   - wayOn: what to do where the plan fails, and the command that says more.
  public init(
    _ plan: Plan,
    of machine: Machine,
    options: PlanOptions,
    verdict: ModuleVerdict?,
    style: Style,
    wayOn: String? = nil
  ) {
    self.plan = plan
    self.machine = machine
    self.options = options
    self.verdict = verdict
    self.style = style
    self.wayOn = wayOn
  }

  public func render() -> String {
    var text = (machine.obstacle.map { labelled("Host", bad($0)) } ?? "") + summary()
    switch plan.failure {
    case nil: text += "\n" + table() + "\n" + picture(of: Array(plan.tdmrs.prefix(Self.listed).map(\.range)))
    case .reservedAreasExhausted(let tdmr): text += "\n" + picture(of: [tdmr])
    default: break
    }
    text += "\n" + answers()
    let notes = self.notes()
    return notes.isEmpty ? text : text + "\n" + notes
  }

  // MARK: - The machine

  private func summary() -> String {
    let map = machine.map
    let memory = MemorySummary(map)
    let nodes = map.nodes.count
    var text = labelled(
      "Memory",
      "\(ByteCount(memory.bytes)) from 1 MiB on, \(counted(nodes, "node")), "
        + "\(counted(memory.regions, "region")), \(counted(memory.holes, "hole")) "
        + "of \(ByteCount(memory.holeBytes)); source: \(machine.source)"
    )
    if let convertible = machine.convertible {
      let bytes = convertible.reduce(0) { $0 + $1.size }
      text += labelled("CMRs", "\(convertible.count), \(ByteCount(bytes)) convertible")
    } else {
      text += labelled("CMRs", MissingCMRs.sentence)
    }
    let limits = options.limits
    // An optimal plan says where PAMTs go; the kernel's allocator is not asked.
    let placement = options.policy == .optimal ? "" : "\(options.placement.rawValue), "
    text += labelled(
      "Policy",
      "\(options.policy.rawValue), \(placement)"
        + "\(options.dynamicPAMT ? "Dynamic" : "static") PAMT, "
        + "up to \(limits.maxTDMRs) TDMRs x \(limits.maxReserved) reserved areas"
    )
    return text
  }

  // MARK: - The TDMRs

  private func table() -> String {
    var table = TextTable(
      [
        .init("#"), .init("TDMR", .left), .init("size"), .init("node"), .init("PAMT at"), .init("PAMT size"),
        .init("areas"),
      ],
      gap: 1
    )
    for (index, (tdmr, node)) in zip(plan.tdmrs, plan.nodes).prefix(Self.listed).enumerated() {
      let sizes = PAMTLevel.allCases.reduce(0) { $0 + tdmr.pamt($1).size }
      table.append([
        "\(index)", tdmr.range.description, ByteCount(tdmr.size).description, "\(node)",
        hex(tdmr.pamt(.page4K).base), ByteCount(sizes).description,
        "\(tdmr.usedReservedSlots)/\(options.limits.maxReserved)",
      ])
    }
    let hidden = plan.tdmrs.count - Self.listed
    return table.text(style) + (hidden > 0 ? "... and \(hidden) more: --format json lists all\n" : "")
  }

  private func picture(of tdmrs: [AddressRange]) -> String {
    let pamts = plan.tdmrs.flatMap { tdmr in
      PAMTLevel.allCases.map {
        AddressRange(unchecked: tdmr.pamt($0).base, tdmr.pamt($0).base + tdmr.pamt($0).size)
      }
    }.filter { !$0.isEmpty }.sorted { $0.start < $1.start }
    let pictures = tdmrs.map { Picture.draw($0, map: machine.map, pamts: pamts) }
    let legend = Picture.Cell.allCases.filter { cell in pictures.contains { $0.contains(cell) } }
      .map { "\(style.paint([$0])) \($0.rawValue)" }.joined(separator: ", ")
    let subject = plan.failure == nil ? "Each TDMR" : "TDMR \(tdmrs[0])"
    var lines = ["\(subject) in \(Picture.cells) parts: \(legend)"]
    let indexWidth = String(tdmrs.count - 1).count
    for (index, cells) in pictures.enumerated() {
      let label = plan.failure == nil ? "\(index)".padded(to: indexWidth, .right) + " " : "  "
      lines.append(label + style.paint(cells))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: - The answers

  private func answers() -> String {
    var text = ""
    if plan.failure == nil {
      let memory = MemorySummary(machine.map)
      text += labelled(
        "PAMT",
        "\(plan.pamtBytes / 1024) KB allocated for PAMT: \(ByteCount(plan.pamtBytes)), "
          + "\(percent(plan.pamtBytes, of: memory.bytes)) of the memory"
      )
    }
    text += labelled(options.policy == .optimal ? "Optimal" : "Linux", plannersAnswer())
    let isNew = machine.kernel.saysTDXModule
    for message in plan.messages {
      let rows = quoted(message.text(saysTDXModule: isNew), indent: 4, style: style)
      text += "  " + rows.map { $0 + "\n" }.joined()
    }
    if let verdict {
      let status = "\(verdict.name), \(hex(verdict.status))"
      text += labelled(
        "Module",
        verdict.isAccepted ? "\(good("accepts")) (\(status))" : "\(bad("refuses")): \(verdict) (\(status))"
      )
    }
    if let wayOn, !fits { text += labelled("Do", wayOn) }
    return text + observed() + TDXLinesText(machine, style: style).verdict(memoryFits: fits)
  }

  /// Whether Linux and the module take the plan.
  private var fits: Bool { plan.failure == nil && verdict?.isAccepted != false }

  /// What Linux says, or who plans in its place.
  private func plannersAnswer() -> String {
    guard let failure = plan.failure else {
      return "\(good("fits")): \(counted(plan.tdmrs.count, "TDMR")), "
        + "at most \(plan.tdmrs.map(\.usedReservedSlots).max() ?? 0) reserved areas in one\(proof)\(remote)"
    }
    if let obstacle = plan.obstacle {
      return "\(bad("fails")) with \(plan.outcome.rawValue): \(obstacle)"
    }
    var answer = "\(bad("fails")) with \(plan.outcome.rawValue): \(failure.explanation)"
    if case .reservedAreasExhausted(let tdmr) = failure {
      let holes =
        options.policy == .linux
        ? holeCount(
          in: tdmr,
          between: machine.map.lazy.map { max($0.start, lowMemoryEnd)..<max($0.end, lowMemoryEnd) }
        )
        : holeCount(in: tdmr, between: (machine.convertible ?? []).lazy.map { $0.start..<$0.end })
      answer += "; it has \(counted(holes, "hole")), and every PAMT in it takes an area as well"
    }
    return answer
  }

  /// Whether the plan is the least.
  private var proof: String {
    switch plan.proved {
    case nil: ""
    case true?:
      "; proved: no plan has fewer PAMT bytes, then TDMRs, then reserved areas, unless PAMTs fill an island to its "
        + "last page"
    case false?: "; not proved to be the least"
    }
  }

  /// What of the PAMTs an optimal plan has put on another node than their TDMR's: a cost that it does not weigh.
  private var remote: String {
    guard options.policy == .optimal else { return "" }
    let bytes = zip(plan.tdmrs, plan.nodes).reduce(0 as UInt64) { bytes, entry in
      let (tdmr, node) = entry
      return PAMTLevel.allCases.reduce(bytes) {
        machine.map.node(at: tdmr.pamt($1).base) == node ? $0 : $0 + tdmr.pamt($1).size
      }
    }
    return bytes == 0 ? "" : "; \(ByteCount(bytes)) of PAMT lie on another node than their TDMR"
  }

  /// What the machine itself logged, beside the plan.
  private func observed() -> String {
    let observed = machine.observed
    let planned = plan.messages.map(\.description)
    var lines: [String] = []
    func add(_ line: String, isAsPlanned: Bool) {
      lines.append((isAsPlanned ? "as planned: " : "unlike the plan: ") + line)
    }
    if let kib = observed.pamtKiB {
      add(
        "\(kib) KB allocated for PAMT",
        isAsPlanned: plan.failure == nil && plan.pamtBytes / 1024 == kib
      )
    }
    for message in observed.tdx.messages where message.isComplaint {
      if message.concernsPlan {
        add(message.text, isAsPlanned: TDXLinesText.isPlanned(message, by: planned))
      } else {
        lines.append("it said: \(message.text)")
      }
      if let said = TDXLinesText.decoded(message) { lines.append("  \(said)") }
    }
    if observed.initialized { add("module initialized", isAsPlanned: plan.failure == nil) }
    if !observed.tdmrs.isEmpty { lines.append(printedTDMRs()) }
    return lines.enumerated().map { labelled($0.offset == 0 ? "Machine" : "", $0.element) }.joined()
  }

  /// Whether the PAMTs that an early kernel printed for its own TDMRs are as large as the formula says.
  private func printedTDMRs() -> String {
    let printed = machine.observed.tdmrs
    let agreeing = printed.count { tdmr in
      let sizes = PAMTSizes(
        tdmrSize: tdmr.range.size,
        entryBytes: options.limits.pamtEntryBytes,
        dynamic: options.dynamicPAMT
      )
      return tdmr.pamt?.size == sizes.total
    }
    return "it printed \(counted(printed.count, "TDMR")) of its own; "
      + "\(agreeing) of their PAMTs have the size that is computed here"
  }

  private func notes() -> String {
    (machine.notes + profileNotes).map { labelled("Note", $0) }.joined()
  }

  /// What the kernel's release makes of the plan, where that is not known or not as the policy has it.
  private var profileNotes: [String] {
    let kernel = machine.kernel
    var notes: [String] = []
    if kernel.origin == .newest, plan.messages.contains(where: { _ in true }) {
      notes.append(
        "Nothing names the kernel: its lines are in the words of Linux \(kernel) (--kernel names another)."
      )
    }
    if options.policy == .linuxCMR, kernel.isNamed, !kernel.mayPrintConvertible {
      notes.append(
        "Linux \(kernel) does not take holes from CMRs in mainline: linux-cmr is a patch of 2024 that Ubuntu's kernels "
          + "for TDX have."
      )
    }
    return notes
  }

  private func good(_ text: String) -> String { style.paint(text, .green) }
  private func bad(_ text: String) -> String { style.paint(text, .red) }
}

extension MemoryMap {
  /// The node of the memory at an address; nil where there is none.
  fileprivate func node(at address: UInt64) -> UInt32? {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low < endIndex && self[low].start <= address ? self[low].node : nil
  }
}

/// Bytes, regions and holes of the memory from 1 MiB on, which is what planning looks at.
private struct MemorySummary {
  var bytes: UInt64 = 0
  var regions = 0
  var holes = 0
  var holeBytes: UInt64 = 0

  init(_ map: MemoryMap) {
    var previousEnd = lowMemoryEnd
    for region in map where region.end > lowMemoryEnd {
      let start = max(region.start, lowMemoryEnd)
      bytes += region.end - start
      if start > previousEnd, regions > 0 {
        holes += 1
        holeBytes += start - previousEnd
      }
      regions += 1
      previousEnd = region.end
    }
  }
}

/// The stretches of a range that none of the others covers, which ascend and are disjoint.
private func holeCount(in range: AddressRange, between others: some Sequence<Range<UInt64>>) -> Int {
  var count = 0
  var coveredTo = range.start
  for other in others where other.upperBound > range.start && other.lowerBound < range.end {
    if other.lowerBound > coveredTo { count += 1 }
    coveredTo = max(coveredTo, other.upperBound)
  }
  return coveredTo < range.end ? count + 1 : count
}

extension TDMRInfo {
  /// - Precondition: a planned TDMR.
  fileprivate var range: AddressRange { AddressRange(unchecked: base, base + size) }
}
