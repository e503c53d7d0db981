import Answers
import ArgumentParser
import JSON
import MapReaders
import Pictures
import Questions
import Reports
import Requests
import TDXMemory
import TerminalText

/// What `plan` prints.
enum PlanFormat: String, CaseIterable {
  case text, json
  /// The bytes that TDH.SYS.CONFIG would be handed.
  case tdmrInfo = "tdmr-info"
}

extension ProgressWatch {
  /// Linux's policies cost about the same for every region, some 100 ns with the module's rules and what is to be said of
  /// CMRs; how long `optimal` searches nobody knows.
  static func beginPlanning(_ regions: Int, _ policy: Policy) {
    let words = "planning \(regions) regions"
    if policy == .optimal { begin(words) } else { begin(words, expecting: .nanoseconds(100) * regions) }
  }
}

/// What `plan` is asked about one machine, whoever read the command line. What is not said here is as it is where no
/// option is given.
struct PlanQuestion {
  var inputs: MachineInputs
  var options = PlanOptions()
  var keyIDBits: Int?
  var profiles = NamedProfiles()
  var afterKexec = AfterKexec()
  var givesUp = false
  var format = PlanFormat.text
  var output: String?
  var writeMap: String?
  /// Where the picture goes; on standard output it stands in place of the text.
  var svg: String?

  /// Reads, plans and prints.
  ///
  /// - Throws: exit status 1 where the plan does not fit, the module would refuse it, or the log says that TDX failed for
  ///   something other than memory.
  func answer() throws {
    var machine = profiles.applied(to: try inputs.machine())
    let session = PlanSession()
    let keyIDBits = profiles.upperBits(
      keyIDBits: keyIDBits ?? machine.keyIDBits,
      module: machine.module
    )
    let options = profiles.options(options, for: &machine, upperBits: keyIDBits)
    ProgressWatch.beginPlanning(machine.map.count, options.policy)
    let canInitializeAgain: Bool?
    do throws(QuestionError) {
      canInitializeAgain = try afterKexec.apply(to: &machine)
    } catch {
      throw Failure(error)
    }
    var (plan, verdict) = session.plan(machine, options: options, keyIDBits: keyIDBits)
    var givenUp: GivenUpMemory?
    if givesUp, let obstacle = plan.obstacle {
      givenUp = machine.leastToGiveUp(options)
      if let givenUp {
        machine.map = givenUp.map
        machine.notes.append(givenUp.note(obstacle))
        (plan, verdict) = session.plan(machine, options: options, keyIDBits: keyIDBits)
      } else {
        machine.notes.append("Nothing was found that could be given up to make a plan possible.")
      }
    }
    if let cost = AfterKexec.cost(
      on: machine,
      tdmrs: plan.failure == nil ? plan.tdmrs.count : nil,
      options: options,
      keyIDBits: keyIDBits
    ) {
      machine.notes.append(cost)
    }
    let isDynamicPAMTRefused =
      options.dynamicPAMT && keyIDBits < ModuleConfiguration.leastKeyIDBitsWithDynamicPAMT
    if isDynamicPAMTRefused {
      machine.notes += dynamicPAMTNotes(keyIDBits: keyIDBits, physBits: profiles.physBits)
    }
    if let writeMap { try writeMapFile(machine, to: writeMap) }
    if let svg { try draw(plan, verdict, of: machine, options, to: svg) }
    if svg != "-" { try write(plan, verdict, of: machine, options, givenUp, canInitializeAgain) }
    withExtendedLifetime(session) {}
    let fits = plan.failure == nil && verdict?.isAccepted != false
    if !fits || canInitializeAgain == false || isDynamicPAMTRefused || machine.observed.failsWhateverTheMemory
    {
      throw ExitCode.no
    }
  }

  /// What `advise` would say, in one line, and the command.
  private func wayOn(_ machine: Machine, _ options: PlanOptions) -> String {
    let command = (["tdxbench advise"] + inputs.files.map(shellWord) + (inputs.host ? ["--host"] : []))
      .joined(separator: " ")
    // The search for what to withhold takes seconds on maps that no machine has.
    guard machine.map.count <= Self.mostRegionsForAdvice else { return "`\(command)` says what would help" }
    var machine = machine
    let advice = AdviceQuestion(options: options, keyIDBits: keyIDBits, profiles: profiles)
      .answer(about: &machine)
    let text = AdviceText(advice, of: machine, limits: options.limits, style: .plain)
    return "\(text.wayOn); `\(command)` says more"
  }

  private static let mostRegionsForAdvice = 4096

  private func draw(
    _ plan: Plan,
    _ verdict: ModuleVerdict?,
    of machine: Machine,
    _ options: PlanOptions,
    to file: String
  ) throws {
    let drawn = DrawnPlan(
      plan,
      verdict,
      of: machine.map,
      convertible: machine.convertible,
      options: options
    )
    let title = inputs.files.map { String($0.split(separator: "/").last ?? "") }.joined(separator: ", ")
    let scene = MemoryPicture.scene(of: drawn, name: "memory", title: title.isEmpty ? inputs.name : title)
    try OutputTarget(file).write(data: scene.svg)
  }

  private func write(
    _ plan: Plan,
    _ verdict: ModuleVerdict?,
    of machine: Machine,
    _ options: PlanOptions,
    _ givenUp: GivenUpMemory?,
    _ canInitializeAgain: Bool?
  ) throws {
    let target = OutputTarget(output)
    switch format {
    case .text:
      let style = target.style
      let fits = plan.failure == nil && verdict?.isAccepted != false
      try target.write(
        PlanText(
          plan,
          of: machine,
          options: options,
          verdict: verdict,
          style: style,
          wayOn: fits ? nil : wayOn(machine, options)
        ).render()
      )
    case .json:
      var id = JSONWriter()
      id.appendString(inputs.name)
      var object = JSONWriter()
      object.appendPlan(
        plan,
        of: machine,
        id: id.bytes,
        options: options,
        verdict: verdict,
        givenUp: givenUp?.ranges,
        canInitializeAgain: canInitializeAgain
      )
      try target.write(object)
    case .tdmrInfo:
      guard let failure = plan.failure else {
        try target.write(plan.tdmrs, maxReserved: options.limits.maxReserved)
        break
      }
      throw Failure("no plan, so no TDMR_INFO: \(failure.explanation)", .no)
    }
  }
}
