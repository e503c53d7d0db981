import Advice
import MapReaders
import TDXMemory
import TDXMessages
import TerminalText

/// What `tdxbench advise` tells a person.
public struct AdviceText {
  private let advice: Advice
  private let machine: Machine
  private let limits: ModuleLimits
  private let style: Style

  public init(_ advice: Advice, of machine: Machine, limits: ModuleLimits, style: Style) {
    self.advice = advice
    self.machine = machine
    self.limits = limits
    self.style = style
  }

  /// The verdict, what to do, the plans that this comes from, how near the limits the machine is.
  public func render() -> String {
    var text = verdict.text
    if !remedy.isEmpty { text += "\n" + remedy.text }
    text += "\n" + table()
    if !outlook.isEmpty { text += "\n" + outlook.text }
    text += "\n" + cost.text
    text += machine.remarks.map { labelled("Note", $0) }.joined()
    return text
  }

  /// What to do, in one line; nil where nothing helps or need be done.
  public var remedyInShort: String? {
    guard let withholding = advice.withholding else { return nil }
    let many = withholding.ranges.count > 2 || !withholding.fitsCommandLine
    return "keep \(ByteCount(withholding.bytes)) from the kernel"
      + (many
        ? ", in \(counted(withholding.ranges.count, "range"))" : ", with \(withholding.kernelParameters)")
  }

  /// The failure that the log tells of and no plan does: for something other than memory, or for memory that would fit.
  private var toldFailure: TDXFailure? {
    guard let failure = machine.observed.failure, advice.succeeds || !failure.concernsMemory else {
      return nil
    }
    return failure
  }

  /// What came or would come of TDX on the machine, in a word: `fits`, `refused`, `failed`, `no host` or an error's name.
  public var outcomeInShort: String {
    if let failure = toldFailure { return failure.errno.map(TDXFailure.errorName) ?? "failed" }
    let today = advice.today
    guard today.initializes else { return today.outcome == .ok ? "refused" : today.outcome.rawValue }
    return machine.obstacle == nil ? "fits" : "no host"
  }

  /// What helps against what `outcomeInShort` tells: what to withhold, what else to do, that none is known or needed.
  public var remedyForOutcome: String {
    if let failure = toldFailure {
      return failure.remedy(module: machine.observed.tdx.moduleVersion) ?? "none is known"
    }
    let isNeeded = advice.hopelessness != nil || machine.obstacle != nil
    return remedyInShort ?? (isNeeded ? "none is known" : "none needed")
  }

  /// The way on from a plan that fails: the remedy, or what else fits, in one line.
  public var wayOn: String {
    remedyInShort ?? (advice.hopelessness == nil ? "nothing is known that helps" : instead())
  }

  // MARK: - What comes of it

  private func table() -> String {
    var table = TextTable(
      [
        .init("policy", .left), .init("placement", .left), .init("PAMT", .left), .init("outcome", .left),
        .init("TDMRs"), .init("areas"), .init("PAMT KB"), .init("on holes"),
      ],
      gap: 1
    )
    for result in advice.results {
      let name = [
        result.policy.rawValue, result.placement?.rawValue ?? "-", result.dynamicPAMT ? "dynamic" : "static",
        result.verdict?.isAccepted == false ? "refused" : result.outcome.rawValue,
      ]
      let figures = [
        "\(result.tdmrs)", "\(result.mostReserved)/\(limits.maxReserved)", "\(result.pamtBytes / 1024)",
        "\(result.pamtBytesForHoles / 1024)",
      ]
      table.append(name + (result.outcome == .ok ? figures : ["", "", "", ""]))
    }
    return table.text(style)
  }

  /// What comes of the machine as it is.
  public var verdict: [AnswerLine] {
    let today = advice.today
    let lines = TDXLinesText(machine, style: style)
    if today.initializes {
      if machine.observed.failure != nil { return lines.verdictLines(memoryFits: true, label: "Linux") }
      let uncertain = advice.withholding != nil || advice.hopelessness != nil
      let reservation = uncertain ? ", but not wherever PAMTs may land" : ""
      return [.said(label: "Linux", text: "\(style.paint("succeeds", .green)) as it is\(reservation)")]
    }
    let why =
      today.failure.map { "\(today.outcome.rawValue), \($0.explanation)" }
      ?? today.verdict.map { "the module refuses: \($0)" } ?? ""
    return [.said(label: "Linux", text: "\(style.paint("fails", .red)) as it is: \(why)")]
      + lines.verdictLines(memoryFits: false)
  }

  // MARK: - What to do

  /// What to do where TDX fails under some placement; empty where it does not.
  public var remedy: [AnswerLine] {
    (advice.withholding.map(remedy) ?? []) + (advice.hopelessness.map(hopeless) ?? [])
  }

  private func remedy(_ withholding: Withholding) -> [AnswerLine] {
    var lines = [
      AnswerLine.said(
        label: "Remedy",
        text:
          "keep \(ByteCount(withholding.bytes)) from the kernel, \(advice.isSearchGivenUp ? givenUp : "the least")"
          + " that helps: \(list(withholding.ranges))"
      )
    ]
    if withholding.fitsCommandLine {
      lines += [
        .verbatim(withholding.kernelParameters),
        .said(label: "", text: "or as the last line of /etc/default/grub, before update-grub:"),
        .verbatim(withholding.grubLine),
      ]
    } else {
      lines.append(
        .said(
          label: "",
          text:
            "as kernel parameters these are \(withholding.kernelParameters.utf8.count) characters, and Linux reads 2048: "
            + "no command line can say it (--format json has all of it)"
        )
      )
    }
    let placements = withholding.placements.map(\.rawValue).joined(separator: ", ")
    lines.append(
      .said(
        label: "Planned",
        text: "again without it: succeeds with \(placements)"
      )
    )
    guard let tightest = withholding.tightest else { return lines }
    lines.append(
      .said(
        label: "Slack",
        text:
          "\(counted(withholding.areasToSpare, "area")) to spare in \(tightest), the fullest TDMR, whichever of these "
          + "places PAMTs take"
      )
    )
    if !withholding.next.isEmpty {
      let next = list(withholding.next, separator: ", then ")
      lines.append(
        .said(
          label: "",
          text: "for each further PAMT that lands there (--slack), withhold also \(next)"
        )
      )
    }
    return lines
  }

  /// The least, as far as is known.
  private var givenUp: String { "the least found before the search was given up" }

  private static var mostListed: Int { 16 }

  /// The ranges with their sizes, the first few of many.
  private func list(_ ranges: [AddressRange], separator: String = ", ") -> String {
    let shown = ranges.prefix(Self.mostListed).map { "\($0) (\(ByteCount($0.size)))" }.joined(
      separator: separator
    )
    return ranges.count > Self.mostListed ? "\(shown) and \(ranges.count - Self.mostListed) more" : shown
  }

  private func hopeless(_ reason: Hopelessness) -> [AnswerLine] {
    [
      .said(
        label: "Remedy",
        text:
          "none \(advice.isSearchGivenUp ? "found before the search was given up " : "")by keeping memory from the "
          + "kernel: \(reason.explanation)"
      ),
      .said(label: "Instead", text: instead()),
    ]
  }

  /// What else initialises TDX on this machine.
  private func instead() -> String {
    if advice.today.dynamicPAMT, advice.results.contains(where: { $0.isStaticLinux(like: advice.today) }) {
      return "Linux with static PAMT fits"
    }
    let others = advice.results.filter { $0.policy != .linux && $0.initializes }
    guard let other = others.first else { return "no policy known here fits this machine" }
    let optimal = advice.results.first { $0.policy == .optimal && $0.initializes }
    return
      (other.policy == .linuxCMR
      ? "a kernel that takes holes from CMRs (policy linux-cmr) fits"
      : "no kernel today fits")
      + (optimal.map {
        "; a better layout (policy optimal) fits in \(counted($0.tdmrs, "TDMR")) and \($0.pamtBytes / 1024) KB of PAMT"
      } ?? "")
      + "; firmware that leaves fewer, GiB-aligned pieces of memory would help every kernel"
  }

  // MARK: - How near the limits

  /// Where TDX initialises; empty where it does not.
  public var outlook: [AnswerLine] {
    guard let outlook = advice.outlook else { return [] }
    let today = advice.today
    var lines = [
      AnswerLine.said(
        label: "Limits",
        text:
          "\(today.tdmrs) of \(limits.maxTDMRs) TDMRs, at most \(today.mostReserved) of \(limits.maxReserved) areas in one"
          + (today.fullest.map { ": \($0)" } ?? "")
      )
    ]
    for one in outlook.cases {
      let result = one.result
      lines.append(
        .said(
          label: "If",
          text: "\(one.change): "
            + (result.initializes
              ? "\(result.tdmrs) TDMRs, at most \(result.mostReserved) areas, \(result.pamtBytes / 1024) KB of PAMT"
              : "\(style.paint("fails", .red)), \(result.outcome.rawValue)")
        )
      )
    }
    if !outlook.joinable.isEmpty {
      lines.append(
        .said(
          label: "Firmware",
          text: "an area less for each of these islands between two holes: \(list(outlook.joinable))"
        )
      )
    }
    let holes = outlook.costlyHoles.filter { $0.pamtBytes >= 1024 }
    if !holes.isEmpty {
      let costs = holes.map { "\($0.range) costs \($0.pamtBytes / 1024) KB" }.joined(separator: ", ")
      lines.append(
        .said(
          label: outlook.joinable.isEmpty ? "Firmware" : "",
          text:
            "holes that share GiBs with memory have PAMT of their own, which GiB-aligned ones have not: \(costs)"
        )
      )
    }
    return lines
  }

  /// What PAMTs of the kind that is asked about cost on the machine; empty where no plan initialises TDX.
  public var cost: [AnswerLine] {
    func least(_ dynamic: Bool) -> PlanResult? {
      let results = advice.results.filter { $0.dynamicPAMT == dynamic && $0.initializes }
      return results.first { $0.policy == .linux } ?? results.first
    }
    let isOn = advice.today.dynamicPAMT
    guard let own = least(isOn) ?? least(!isOn) else { return [] }
    let kind = own.dynamicPAMT ? " and Dynamic PAMT" : ""
    let text = "\(own.pamtBytes / 1024) KB (\(ByteCount(own.pamtBytes))) with \(own.policy.rawValue)\(kind)"
    let line = AnswerLine.said(label: "PAMT", text: text)
    // Where the module refuses Dynamic PAMT, a note says so.
    guard let bill = advice.bill, least(true) != nil else { return [line] }
    return [line] + bill.lines(for: machine, isOn: isOn)
  }
}

extension PlanResult {
  /// Whether it is what Linux makes of the machine with static PAMT, and works, where `other` has Dynamic PAMT.
  fileprivate func isStaticLinux(like other: PlanResult) -> Bool {
    policy == .linux && placement == other.placement && !dynamicPAMT && initializes
  }
}
