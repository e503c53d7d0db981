import Advice
import Answers
import MapReaders
import TDXMemory
import TerminalText
import Testing

import struct TestSupport.Log

@testable import Questions

/// What a fleet keeps of its hosts, and what it adds up.
@Suite struct FleetSummaryTests {
  private static let question = AdviceQuestion(options: PlanOptions(), keyIDBits: nil)

  private func machine(_ text: String) throws -> Machine {
    try readMachine(texts: [("log", Array(text.utf8))])
  }

  private func figures(_ text: String, _ question: AdviceQuestion = question) throws -> HostFigures {
    var machine = try machine(text)
    let advice = question.answer(about: &machine)
    return HostFigures(advice, of: machine, question)
  }

  /// [1 MiB, 2 GiB) on node 0.
  private static let map = "0: 0x0000000000100000..0x000000007fffffff 0 NONE\n"

  /// The same layout in other words. Expect one group; another one where anything counts that advice looks at.
  @Test func groupsAreLayouts() throws {
    let same = try [Self.map, "noise\n" + Self.map, #"{"regions":[["0x100000",2147483648,0]]}"#].map {
      try figures($0).group
    }
    #expect(Set(same).count == 1)
    var questions = [Self.question, Self.question, Self.question, Self.question]
    questions[0].slack = 1
    questions[1].options.limits.maxReserved = 17
    questions[2].options.dynamicPAMT = true
    questions[3].keyIDBits = 7
    let texts = [
      "0: 0x0000000000100000..0x000000007fffffff 1 NONE\n",
      "0: 0x0000000000100000..0x000000007fffefff 0 NONE\n",
      Self.map + "CMR: [0x100000, 0x80000000)\n",
      "0: 0x0000000000100000..0x000000003fffffff 0 NONE\n1: 0x0000000040000000..0x000000007fffffff 0 HOTPLUG\n",
    ]
    let others = try questions.map { try figures(Self.map, $0).group } + texts.map { try figures($0).group }
    #expect(Set(others + same).count == others.count + 1)
    // What is assumed where nothing is said.
    var six = Self.question
    six.keyIDBits = 6
    #expect(try figures(Self.map, six).group == same[0])
  }

  /// Logs of TDX failing, or not, on memory that fits. Expect what the log says, in a group of its own.
  @Test func aFailureInTheLogCountsMore() throws {
    let fits = try figures(Self.map)
    #expect(fits.outcome == "ok" && fits.reason == nil && fits.remedy == nil)
    #expect(try figures(Self.map + "virt/tdx: module initialized\n") == fits)
    let refused = try figures(
      Self.map + "virt/tdx: SEAMCALL (0x0000000000000021) failed: 0xc000090200000000\n"
        + "virt/tdx: module initialization failed (-5)\n"
    )
    #expect(refused.outcome == "EIO" && refused.reason?.isEmpty == false)
    #expect(refused.group != fits.group && refused.pamtKiB == fits.pamtKiB && refused.remedyBytes == nil)
  }

  /// A failure for memory in the log of a machine whose memory does not fit. Expect the plan's reason and one group.
  @Test func aFailureThatThePlanShowsIsNoOther() throws {
    let log = String(decoding: try Log.named("tdx-emr-2024-issue135").bytes, as: UTF8.self)
    let silent = log.split(separator: "\n").filter { !$0.contains("virt/tdx: ") || $0.contains("CMR") }
    let (said, unsaid) = (try figures(log), try figures(silent.joined(separator: "\n") + "\n"))
    #expect(said == unsaid && said.outcome == "ENOSPC" && said.reason == "reserved areas exhausted")
    #expect(said.tdmr == AddressRange(from: 0, to: 0x8000_0000))
    #expect(said.remedy == "memmap=4K$0x64158000 memmap=4K$0x6f7ff000" && said.remedyBytes == 8192)
  }

  /// Costs that no machine has. Expect sums to stay at the largest number, and no trap.
  @Test func sumsDoNotOverflow() throws {
    var figures = try figures(Self.map)
    (figures.pamtKiB, figures.optimalPAMTKiB) = (.max / 2, 1)
    var summary = FleetSummary()
    for number in 0..<5 { summary.add(HostRow(host: "\(number)", result: .success(figures))) }
    #expect(summary.pamtKiB == .max && summary.optimalPAMTKiB == 5 && summary.optimalSavesKiB == .max)
    #expect(!FleetText(summary, limits: ModuleLimits(), style: .plain).render().isEmpty)
  }

  /// Hosts in another order. Expect the same sums and groups.
  @Test func orderDoesNotMatter() throws {
    var rows = try Log.all().map { log in
      HostRow(
        host: log.name,
        result: (try? figures(String(decoding: log.bytes, as: UTF8.self))).map { .success($0) }
          ?? .failure(HostError("unreadable"))
      )
    }
    rows += rows.prefix(5)
    func summary(_ rows: [HostRow]) -> FleetSummary { rows.reduce(into: FleetSummary()) { $0.add($1) } }
    let (one, other) = (summary(rows), summary(rows.reversed()))
    #expect(one.hosts == UInt64(rows.count) && one.ok + one.fails + one.unreadable == one.hosts)
    #expect(one.groupsCSV == other.groupsCSV && one.byReason == other.byReason && one.byTDMR == other.byTDMR)
    #expect(one.pamtKiB == other.pamtKiB && one.byRemedy == other.byRemedy)
    #expect(one.dynamicSavesKiB == other.dynamicSavesKiB && one.unreadable == other.unreadable)
  }
}
