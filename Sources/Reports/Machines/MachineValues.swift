import Answers
import MapReaders
import MemoryHotplug
import Mustache
import Pictures
import TDXMemory

/// What the templates of a page see of a machine: by names, as text.
struct MachineValues {
  struct Line {
    let label: String
    let words: String
    let isVerbatim: Bool

    init(_ line: AnswerLine) {
      switch line {
      case .said(let label, let text): (self.label, words, isVerbatim) = (label, text, false)
      case .verbatim(let text): (label, words, isVerbatim) = ("", text, true)
      }
    }
  }

  struct Comparison {
    let what: String
    let linux: String
    let optimal: String
    let differs: Bool

    init(_ what: String, _ linux: String, _ optimal: String) {
      (self.what, self.linux, self.optimal) = (what, linux, optimal)
      differs = linux != optimal
    }
  }

  struct Result {
    let policy: String
    let placement: String
    let pamt: String
    let outcome: String
    let isBad: Bool
    let tdmrs: String
    let areas: String
    let kib: String
    let holes: String
  }

  struct BlockClass {
    let name: String
    let blocks: String
    let meaning: String
  }

  struct Node {
    let number: String
    let size: String
    let standing: String
    let capable: String
    let reason: String
  }

  let anchor: String
  let name: String
  let standing: String
  let sign: String
  let headline: String
  let facts: [Line]
  let linuxPicture: SceneValues
  let optimalPicture: SceneValues
  let comparisons: [Comparison]
  let differences: [String]
  let tdmrRows: [Comparison]
  let moreTDMRs: String
  let hasMoreTDMRs: Bool
  let messages: [String]
  let hasMessages: Bool
  let adviceLines: [Line]
  let results: [Result]
  let blockSize: String
  let blockTDX: String
  let blockClasses: [BlockClass]
  let blockPicture: SceneValues
  let nodes: [Node]
  let moreNodes: String
  let hasMoreNodes: Bool
  let notes: [String]
  let hasNotes: Bool
  // The row of the table of machines.
  let memory: String
  let memoryKey: String
  let tdmrs: String
  let areas: String
  let pamt: String
  let pamtKey: String
  let optimalPAMT: String
  let optimalPAMTKey: String
  let linuxOutcome: String
  let remedy: String

  private static let mostRows = 64

  init(_ report: MachineReport, number: Int) {
    let (machine, linux, optimal) = (report.machine, report.linux, report.optimal)
    anchor = "machine-\(number)"
    name = report.name
    standing = report.standing.rawValue
    sign =
      switch report.standing {
      case .good: "\u{2713}"
      case .bad: "\u{2717}"
      case .doubtful: "?"
      }
    headline = report.headline
    memory = ByteCount(linux.memoryBytes).description
    memoryKey = "\(linux.memoryBytes)"
    pamtKey = linux.outcome == .ok ? "\(linux.pamtBytes)" : ""
    optimalPAMTKey = optimal.outcome == .ok ? "\(optimal.pamtBytes)" : ""
    tdmrs = linux.outcome == .ok ? "\(linux.tdmrs.count)" : "-"
    areas = linux.outcome == .ok ? "\(linux.mostAreas)" : "-"
    pamt = linux.outcome == .ok ? ByteCount(linux.pamtBytes).description : "-"
    optimalPAMT = optimal.outcome == .ok ? ByteCount(optimal.pamtBytes).description : "-"
    linuxOutcome = report.text.outcomeInShort
    remedy = report.text.remedyForOutcome
    facts = Self.facts(report)
    linuxPicture = SceneValues(
      scene: MemoryPicture.scene(of: linux.drawn, name: "\(anchor)-linux", title: "As Linux plans it"),
      standalone: false
    )
    optimalPicture = SceneValues(
      scene: MemoryPicture.scene(of: optimal.drawn, name: "\(anchor)-optimal", title: "The optimal plan"),
      standalone: false
    )
    comparisons = Self.comparisons(linux, optimal)
    let difference = PlanDifference(linux: linux, optimal: optimal)
    differences = difference.sentences
    tdmrRows = difference.rows(most: Self.mostRows).map { row in
      Comparison("", row.linux?.description ?? "-", row.optimal?.description ?? "-")
    }
    let rest = max(linux.tdmrs.count, optimal.tdmrs.count) - Self.mostRows
    moreTDMRs = "\(max(rest, 0))"
    hasMoreTDMRs = rest > 0
    messages = linux.messages
    hasMessages = !messages.isEmpty
    let text = report.text
    adviceLines = (text.verdict + text.remedy + text.outlook + text.cost).map(Line.init)
    results = report.advice.results.map { result in
      let isOK = result.outcome == .ok
      return Result(
        policy: result.policy.rawValue,
        placement: result.placement?.rawValue ?? "-",
        pamt: result.dynamicPAMT ? "dynamic" : "static",
        outcome: result.verdict?.isAccepted == false ? "refused" : result.outcome.rawValue,
        isBad: !result.initializes,
        tdmrs: isOK ? "\(result.tdmrs)" : "-",
        areas: isOK ? "\(result.mostReserved)" : "-",
        kib: isOK ? "\(result.pamtBytes / 1024)" : "-",
        holes: isOK ? "\(result.pamtBytesForHoles / 1024)" : "-"
      )
    }
    let census = BlockCensus(report.hotplug)
    blockSize = report.hotplug.blockSize.description
    blockTDX = Self.initialization(report)
    let classes = (census.classes + [("absent", census.absent)]).filter { $0.1 > 0 }
    blockClasses = classes.map { name, blocks in
      BlockClass(name: name, blocks: "\(blocks)", meaning: HotplugText.meanings[name] ?? "")
    }
    blockPicture = SceneValues(
      scene: ShareBar.scene(
        classes.map { ($0.0, Double($0.1)) },
        name: "\(anchor)-blocks",
        title: "Memory blocks by class"
      ),
      standalone: false
    )
    let all = report.hotplug.nodeMemory()
    nodes = all.prefix(Self.mostRows).map(Node.init)
    moreNodes = "\(max(all.count - Self.mostRows, 0))"
    hasMoreNodes = all.count > Self.mostRows
    notes = machine.remarks
    hasNotes = !notes.isEmpty
  }

  private static func initialization(_ report: MachineReport) -> String {
    let moment = report.machine.kernel.momentOfInitialization
    guard report.initialized.outcome == .ok else {
      return
        "TDX does not initialise \(moment), \(report.initialized.outcome.rawValue), so no block is refused."
    }
    let initialises =
      report.machine.observed.failure == nil
      ? "initialises" : "would, by what is known of its memory, initialise"
    return "TDX \(initialises) \(moment): \(report.initialized)."
  }

  private static func facts(_ report: MachineReport) -> [Line] {
    let machine = report.machine
    let regions = machine.map.count { $0.end > lowMemoryEnd }
    let nodes = machine.map.nodes.count
    var facts = [
      AnswerLine.said(
        label: "Memory",
        text: "\(ByteCount(report.linux.memoryBytes)) from 1 MiB on, in \(regions) regions, "
          + "\(nodes) node\(nodes == 1 ? "" : "s"); from: \(machine.source)"
      )
    ]
    if let convertible = machine.convertible {
      let bytes = convertible.reduce(0) { $0 + $1.size }
      facts.append(.said(label: "CMRs", text: "\(convertible.count), \(ByteCount(bytes)) convertible"))
    } else {
      facts.append(.said(label: "CMRs", text: MissingCMRs.sentence))
    }
    facts.append(.said(label: "Module", text: report.linux.moduleSentence))
    return facts.map(Line.init)
  }

  private static func comparisons(_ linux: PlannedMachine, _ optimal: PlannedMachine) -> [Comparison] {
    func both(_ what: String, _ text: (PlannedMachine) -> String) -> Comparison {
      Comparison(what, text(linux), text(optimal))
    }
    func ifPlanned(_ what: String, _ text: @escaping (PlannedMachine) -> String) -> Comparison {
      both(what) { $0.outcome == .ok ? text($0) : "-" }
    }
    return [
      both("Outcome") { $0.outcome == .ok ? "fits" : $0.outcome.rawValue },
      ifPlanned("TDMRs, of \(linux.drawn.limits.maxTDMRs)") { "\($0.tdmrs.count)" },
      ifPlanned("Reserved areas in the fullest, of \(linux.drawn.limits.maxReserved)") { "\($0.mostAreas)" },
      ifPlanned("PAMT") { ByteCount($0.pamtBytes).description },
      ifPlanned("Covered without being memory") { ByteCount($0.holeBytes).description },
      both("The module") { $0.moduleSentence },
      ifPlanned("Proved to be the least") { $0.proved.map { $0 ? "yes" : "no" } ?? "not asked" },
    ]
  }
}

extension MachineValues.Node {
  init(_ node: NodeMemory) {
    number = "\(node.node)"
    size = ByteCount(node.bytes - node.lowBytes).description
    switch node.capability {
    case .whole: (standing, capable, reason) = ("good", "yes", "")
    case .partly:
      (standing, capable, reason) = ("doubtful", "\(ByteCount(node.capableBytes)) of it", node.reason)
    case .none: (standing, capable, reason) = ("bad", "no", node.reason)
    }
  }
}
