import Advice
import Answers
import MapReaders
import MemoryHotplug
import Pictures
import TDXMemory
import TerminalText

/// A machine of a report: what all commands have to say of it, computed once.
public struct MachineReport {
  let name: String
  let machine: Machine
  let advice: Advice
  let linux: PlannedMachine
  let optimal: PlannedMachine
  /// As it stands once TDX has been initialised, or could not be.
  let hotplug: HotplugMachine
  let initialized: HotplugAnswer
  /// As the machine has them by itself.
  let options: PlanOptions

  /// - Parameters:
  ///   - name: what the input is called: a file's name.
  ///   - options: with Dynamic PAMT where the machine has it.
  ///   - hotplug: the machine after boot, before TDX.
  public init(
    name: String,
    _ machine: Machine,
    options: PlanOptions = PlanOptions(),
    hotplug: HotplugMachine,
    keyIDBits: Int
  ) {
    self.name = name
    self.machine = machine
    self.options = options
    advice = Advice(
      machine.map,
      convertible: machine.convertible,
      options: options,
      keyIDBits: keyIDBits
    )
    linux = PlannedMachine(machine, options, keyIDBits: keyIDBits)
    var best = options
    best.policy = .optimal
    optimal = PlannedMachine(machine, best, keyIDBits: keyIDBits)
    var hotplug = hotplug
    initialized = hotplug.initializeTDX()
    self.hotplug = hotplug
  }

  /// How the machine stands, as colours and words of the report have it.
  enum Standing: String {
    case good, bad, doubtful
  }

  var standing: Standing {
    if machine.observed.failure != nil || machine.obstacle != nil { return .bad }
    if !linux.fits { return .bad }
    return linux.verdict == nil || advice.withholding != nil ? .doubtful : .good
  }

  /// The verdict in a sentence.
  var headline: String {
    if let obstacle = machine.obstacle { return obstacle }
    if let breach = linux.drawn.breach { return "TDX does not come up. " + breach.sentence }
    if machine.observed.failure != nil {
      let lines = text.verdict.map(\.words)
      return "TDX does not come up. " + lines.joined(separator: "; ")
    }
    if advice.withholding != nil { return "TDX comes up, but not wherever PAMTs may land." }
    if linux.verdict == nil {
      return "The memory fits. What the module says is not known, because the CMRs are not."
    }
    return "TDX comes up: the memory fits, and the module accepts the plan."
  }

  var text: AdviceText { AdviceText(advice, of: machine, limits: ModuleLimits(), style: .plain) }
}

/// A plan of a machine, copied for a report.
struct PlannedMachine {
  let drawn: DrawnPlan
  let verdict: ModuleVerdict?
  let outcome: PlanOutcome
  let pamtBytes: UInt64
  /// The bytes of memory from 1 MiB on, and those that TDMRs cover without any.
  let memoryBytes: UInt64
  let messages: [String]
  let proved: Bool?

  init(_ machine: Machine, _ options: PlanOptions, keyIDBits: Int) {
    let session = PlanSession()
    let (plan, verdict) = session.plan(machine, options: options, keyIDBits: keyIDBits)
    drawn = DrawnPlan(plan, verdict, of: machine.map, convertible: machine.convertible, options: options)
    self.verdict = verdict
    outcome = plan.outcome
    pamtBytes = plan.pamtBytes
    messages = plan.messages.map(\.description)
    proved = plan.proved
    memoryBytes = machine.map.reduce(0) { $0 + max($1.end, lowMemoryEnd) - max($1.start, lowMemoryEnd) }
    withExtendedLifetime(session) {}
  }

  var fits: Bool { outcome == .ok && verdict?.isAccepted != false }
  /// None where the plan fails.
  var tdmrs: [PlanLayout.TDMR] { outcome == .ok ? drawn.layout.tdmrs : [] }
  var mostAreas: Int { tdmrs.map(\.areas.count).max() ?? 0 }
  var coveredBytes: UInt64 { tdmrs.reduce(0) { $0 + $1.range.size } }
  var holeBytes: UInt64 { coveredBytes >= memoryBytes ? coveredBytes - memoryBytes : 0 }

  var moduleSentence: String {
    guard let verdict else {
      return outcome == .ok ? "not known: the CMRs are not" : "not asked: there is no plan"
    }
    let status = "\(verdict.name), \(hex(verdict.status))"
    return verdict.isAccepted ? "accepts (\(status))" : "refuses: \(verdict) (\(status))"
  }
}

extension AnswerLine {
  /// Without the label.
  var words: String {
    switch self {
    case .said(_, let text), .verbatim(let text): text
    }
  }
}
