import BenchmarkKit
import Synchronization
import Testing

/// Work that takes time in proportion to `amount`.
private func spin(_ amount: Int) -> Subject {
  Subject {
    var sum = 0
    for index in 0..<amount { sum = opaque(sum &+ index) }
    return sum
  } check: { sum in
    sum == amount * (amount - 1) / 2 ? nil : "the sum is \(sum)"
  }
}

private func workload(_ name: String, _ amount: Int, _ peers: [Peer], isLarge: Bool = false) -> Workload {
  Workload(name, why: "", itemsPerCall: amount, bytesPerCall: 8, peers: peers, isLarge: isLarge) {
    spin(amount)
  }
}

@Suite struct PeerTests {
  /// Expect several samples a round of what is short, paired with as many of its peer's.
  @Test func shortWorkloadsTakeMoreSamples() throws {
    var plan = brief
    plan.samplesPerRound = 8
    let report = BenchmarkKit.Suite([workload("a", 10, [Peer(.sum, "b") { spin(10) }])]).run(plan)
    let ours = try #require(report.rows[0].outcome.measurement)
    let theirs = try #require(report.peers[0].outcome.measurement)
    #expect(ours.batches.count == 48)
    #expect(theirs.batches.count == 48)
  }

  @Test("a peer that does a tenth of the work. Expect a ratio of about ten, by round")
  func ratio() throws {
    let peer = Peer(.reference, "tenth") { spin(1000) }
    var plan = brief
    plan.minimumRounds = 31
    let report = BenchmarkKit.Suite([workload("a", 10_000, [peer])]).run(plan)
    let ratio = try #require(report.rows[0].ratio(to: .reference))
    #expect(5...20 ~= ratio.value)
    let ours = try #require(report.rows[0].outcome.measurement)
    let theirs = try #require(report.peers[0].outcome.measurement)
    #expect(ratio == ours.ratio(to: theirs))
    #expect(ours.batches.count == 31)
    #expect(theirs.batches.count == 31)
  }

  @Test("two workloads with a peer in common, and one with two. Expect it once")
  func shared() {
    let made = Mutex(0)
    let common = Peer(.memcpy, "common") {
      made.withLock { $0 += 1 }
      return spin(10)
    }
    let other = Peer(.sum, "other") { spin(10) }
    let report = BenchmarkKit.Suite([workload("a", 10, [common]), workload("b", 20, [other, common])]).run(
      brief
    )
    #expect(made.withLock { $0 } == 1)
    #expect(report.peers.map(\.name) == ["common", "other"])
    #expect(report.rows.map { $0.ratios.map(\.peer) } == [[.memcpy], [.sum, .memcpy]])
  }

  @Test("a peer whose result is wrong. Expect no ratio to it, and no success")
  func wrong() {
    let peer = Peer(.reference, "broken") { Subject(call: { 1 }, check: { _ in "it is broken" }) }
    let report = BenchmarkKit.Suite([workload("a", 10, [peer])]).run(brief)
    #expect(report.rows[0].outcome.measurement != nil)
    #expect(report.rows[0].ratios.isEmpty)
    #expect(report.failures.map { "\($0.name): \($0.reason)" } == ["broken: it is broken"])
  }

  /// Counts how many live.
  final class Resident: Sendable {
    static let count = Mutex((now: 0, most: 0))
    init() { Self.count.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
    deinit { Self.count.withLock { $0.now -= 1 } }
  }

  @Test("three large workloads among small ones. Expect one alive at a time, each beside its own peer")
  func large() {
    func large(_ name: String) -> Workload {
      let peer = Peer(.sum, "peer of all") { spin(5) }
      return Workload(name, why: "", itemsPerCall: 1, bytesPerCall: 1, peers: [peer], isLarge: true) {
        let resident = Resident()
        return Subject(call: { withExtendedLifetime(resident) { opaque(1) } }, check: { _ in nil })
      }
    }
    var rounds: [String] = []
    let suite = BenchmarkKit.Suite([
      large("x"), workload("a", 10, []), large("y"), workload("b", 10, []), large("z"),
    ])
    let report = suite.run(brief) { progress in
      let words = progress.step.split(separator: " ", maxSplits: 2)
      if words[0] == "round", !rounds.contains(String(words[2])) { rounds.append(String(words[2])) }
    }
    #expect(report.isSuccess)
    #expect(report.rows.map(\.name) == ["x", "a", "y", "b", "z"])
    #expect(report.peers.map(\.group) == ["x", "y", "z"])
    #expect(Resident.count.withLock { $0.most } == 1)
    #expect(Resident.count.withLock { $0.now } == 0)
    #expect(Set(rounds[0..<2]) == ["x", "peer of all"])
    #expect(Set(rounds.suffix(2)) == ["a", "b"])
  }

  @Test(
    "the limits of memory, at sizes from nothing on. Expect that each gives a right result",
    arguments: [
      0, 1, 7, 8, 9, 192, 4096, 1_000_003,
    ]
  )
  func memory(byteCount: Int) {
    let text: @Sendable () -> [UInt8] = { (0..<byteCount).map { $0 % 60 == 59 ? 10 : 120 } }
    let peers: [Peer] = [
      .memcpy(byteCount: byteCount), .sum(byteCount: byteCount), .memchr("text", text: text),
    ]
    let report = BenchmarkKit.Suite([workload("a", 10, peers)]).run(brief)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.peers.map(\.kind) == [.memcpy, .sum, .memchr])
    #expect(report.rows[0].ratios.count == 3)
  }
}
