import BenchmarkKit
import FoundationEssentials
import TDXMemory

// What a program that answers requests with the JSON of the standard library would be: the same request, the same plan,
// the same members in the answer. A surprise to look for: a ratio near 1, which would make our own scanner useless.

extension Peer {
  /// Answers the same line with Foundation's JSONDecoder and JSONEncoder.
  static func foundation(_ line: [UInt8], _ map: BenchmarkMap, of workload: String) -> Peer {
    Peer(.reference, "reference/\(workload)") {
      let answerer = FoundationAnswerer(Data(line))
      return Subject(call: { Result { try answerer.answer() } }) { result in
        switch result {
        case .failure(let error): "\(error)"
        case .success(let answer):
          answer.split(separator: UInt8(ascii: "{")).count > 2 * map.expected.tdmrs
            && String(decoding: answer, as: UTF8.self).contains(#""pamt_kib":\#(map.expected.pamtKiB)"#)
            ? nil : "expected \(map.expected), got \(String(decoding: answer, as: UTF8.self))"
        }
      }
    }
  }
}

/// Decodes, plans and encodes one line, with a decoder, an encoder and a session that it keeps.
private final class FoundationAnswerer {
  private let line: Data
  private let decoder = JSONDecoder()
  private let encoder = JSONEncoder()
  private let session = PlanSession()

  init(_ line: Data) { self.line = line }

  func answer() throws -> Data {
    let request = try decoder.decode(Request.self, from: line)
    var options = PlanOptions()
    options.policy = request.policy.flatMap(Policy.init) ?? options.policy
    options.placement = request.placement.flatMap(Placement.init) ?? options.placement
    options.dynamicPAMT = request.dynamicPamt ?? options.dynamicPAMT
    var regions = request.regions.map { MemoryRegion(start: $0[0], end: $0[1], node: UInt32($0[2])) }
    let answer = try regions.withUnsafeMutableBufferPointer { buffer in
      let count = try normalizeRegions(in: buffer)
      let (plan, _) = session.plan(
        UnsafeBufferPointer(rebasing: buffer[..<count]),
        convertible: nil,
        options: options,
        keyIDBits: 6
      )
      return Answer(plan, id: request.id, options: options)
    }
    return try encoder.encode(answer)
  }
}

private struct Request: Decodable {
  var id: String?
  var policy: String?
  var placement: String?
  var dynamicPamt: Bool?
  var regions: [[UInt64]]

  enum CodingKeys: String, CodingKey {
    case id, policy, placement, regions
    case dynamicPamt = "dynamic_pamt"
  }
}

private struct Answer: Encodable {
  struct TDMR: Encodable {
    var base: UInt64
    var size: UInt64
    var node: UInt32
    var pamt: [String: [UInt64]]
    var reserved: [[UInt64]]
  }

  var id: String?
  var policy: String
  var placement: String
  var dynamicPamt: Bool
  var outcome: String
  var messages: [String]
  var tdmrs: [TDMR]
  var pamtKib: UInt64

  enum CodingKeys: String, CodingKey {
    case id, policy, placement, outcome, messages, tdmrs
    case dynamicPamt = "dynamic_pamt"
    case pamtKib = "pamt_kib"
  }

  init(_ plan: Plan, id: String?, options: PlanOptions) {
    self.id = id
    policy = options.policy.rawValue
    placement = options.placement.rawValue
    dynamicPamt = options.dynamicPAMT
    outcome = plan.outcome.rawValue
    messages = plan.messages.map(\.description)
    pamtKib = plan.pamtBytes / 1024
    tdmrs = zip(plan.tdmrs, plan.nodes).map { tdmr, node in
      func pair(_ level: PAMTLevel) -> [UInt64] { [tdmr.pamt(level).base, tdmr.pamt(level).size] }
      return TDMR(
        base: tdmr.base,
        size: tdmr.size,
        node: node,
        pamt: ["4k": pair(.page4K), "2m": pair(.page2M), "1g": pair(.page1G)],
        reserved: (0..<tdmr.usedReservedSlots).map { [tdmr.reserved($0).offset, tdmr.reserved($0).size] }
      )
    }
  }
}
