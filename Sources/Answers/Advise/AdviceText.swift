import Advice
import MapReaders
import TDXMemory
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

  public func render() -> String {
    var text = table() + "\n" + verdict()
    if let withholding = advice.withholding { text += "\n" + remedy(withholding) }
    if let reason = advice.hopelessness { text += "\n" + hopeless(reason) }
    if let outlook = advice.outlook { text += "\n" + self.outlook(outlook) }
    text += "\n" + cost()
    text += machine.remarks.map { labelled("Note", $0) }.joined()
    return text
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

  private func verdict() -> String {
    let today = advice.today
    let lines = TDXLinesText(machine, style: style)
    if today.initializes {
      if machine.observed.failure != nil { return lines.verdict(memoryFits: true, label: "Linux") }
      let uncertain = advice.withholding != nil || advice.hopelessness != nil
      let reservation = uncertain ? ", but not wherever PAMTs may land" : ""
      return labelled("Linux", "\(style.paint("succeeds", .green)) as it is\(reservation)")
    }
    let why =
      today.failure.map { "\(today.outcome.rawValue), \($0.explanation)" }
      ?? today.verdict.map { "the module refuses: \($0)" } ?? ""
    return labelled("Linux", "\(style.paint("fails", .red)) as it is: \(why)")
      + lines.verdict(memoryFits: false)
  }

  // MARK: - What to do

  private func remedy(_ withholding: Withholding) -> String {
    var text = labelled(
      "Remedy",
      "keep \(ByteCount(withholding.bytes)) from the kernel, the least that helps: \(list(withholding.ranges))"
    )
    if withholding.fitsCommandLine {
      text += "  \(withholding.kernelParameters)\n"
      text += labelled("", "or as the last line of /etc/default/grub, before update-grub:")
      text += "  \(withholding.grubLine)\n"
    } else {
      text += labelled(
        "",
        "as kernel parameters these are \(withholding.kernelParameters.utf8.count) characters, and Linux reads 2048: "
          + "no command line can say it (--format json has all of it)"
      )
    }
    let placements = withholding.placements.map(\.rawValue).joined(separator: ", ")
    text += labelled(
      "Planned",
      placements.isEmpty ? "again without it: still fails" : "again without it: succeeds with \(placements)"
    )
    guard let tightest = withholding.tightest else { return text }
    text += labelled(
      "Slack",
      "\(counted(withholding.areasToSpare, "area")) to spare in \(tightest), the fullest TDMR, whichever of these "
        + "places PAMTs take"
    )
    if !withholding.next.isEmpty {
      let next = list(withholding.next, separator: ", then ")
      text += labelled("", "for each further PAMT that lands there (--slack), withhold also \(next)")
    }
    return text
  }

  private static var mostListed: Int { 16 }

  /// The ranges with their sizes, the first few of many.
  private func list(_ ranges: [AddressRange], separator: String = ", ") -> String {
    let shown = ranges.prefix(Self.mostListed).map { "\($0) (\(ByteCount($0.size)))" }.joined(
      separator: separator
    )
    return ranges.count > Self.mostListed ? "\(shown) and \(ranges.count - Self.mostListed) more" : shown
  }

  private func hopeless(_ reason: Hopelessness) -> String {
    return labelled("Remedy", "none by keeping memory from the kernel: \(reason.explanation)")
      + labelled("Instead", instead())
  }

  /// What else initialises TDX on this machine.
  private func instead() -> String {
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

  private func outlook(_ outlook: Outlook) -> String {
    let today = advice.today
    var text = labelled(
      "Limits",
      "\(today.tdmrs) of \(limits.maxTDMRs) TDMRs, at most \(today.mostReserved) of \(limits.maxReserved) areas in one"
        + (today.fullest.map { ": \($0)" } ?? "")
    )
    for one in outlook.cases {
      let result = one.result
      text += labelled(
        "If",
        "\(one.change): "
          + (result.initializes
            ? "\(result.tdmrs) TDMRs, at most \(result.mostReserved) areas, \(result.pamtBytes / 1024) KB of PAMT"
            : "\(style.paint("fails", .red)), \(result.outcome.rawValue)")
      )
    }
    if !outlook.joinable.isEmpty {
      text += labelled(
        "Firmware",
        "an area less for each of these islands between two holes: \(list(outlook.joinable))"
      )
    }
    let holes = outlook.costlyHoles.filter { $0.pamtBytes >= 1024 }
    if !holes.isEmpty {
      let costs = holes.map { "\($0.range) costs \($0.pamtBytes / 1024) KB" }.joined(separator: ", ")
      text += labelled(
        outlook.joinable.isEmpty ? "Firmware" : "",
        "holes that share GiBs with memory have PAMT of their own, which GiB-aligned ones have not: \(costs)"
      )
    }
    return text
  }

  private func cost() -> String {
    func least(_ dynamic: Bool) -> PlanResult? {
      let results = advice.results.filter { $0.dynamicPAMT == dynamic && $0.initializes }
      return results.first { $0.policy == .linux } ?? results.first
    }
    guard let fixed = least(false) else { return "" }
    var text = "\(fixed.pamtBytes / 1024) KB (\(ByteCount(fixed.pamtBytes))) with \(fixed.policy.rawValue)"
    if let dynamic = least(true), dynamic.pamtBytes < fixed.pamtBytes {
      text += "; Dynamic PAMT would save \(ByteCount(fixed.pamtBytes - dynamic.pamtBytes)) of it at boot"
    }
    return labelled("PAMT", text)
  }
}
