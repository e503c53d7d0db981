import TDXMemory

/// Every way that a plan can take, each with a planner that is kept from machine to machine: nothing of an earlier
/// plan may show.
public final class PlanWays {
  /// A plan with all bytes of its entries, to the last null area.
  public struct Result: Equatable {
    public var plan: CopiedPlan
    public var entries: [[UInt64]]

    init(_ plan: Plan) {
      self.plan = CopiedPlan(
        outcome: plan.outcome,
        failure: plan.failure,
        messages: plan.messages.map(\.description),
        tdmrs: zip(plan.tdmrs, plan.nodes).map { PlanVector.TDMR($0, node: $1) },
        pamtBytes: plan.pamtBytes
      )
      entries = plan.tdmrs.map { Array($0.bytes.bindMemory(to: UInt64.self)) }
    }

    /// What the entries of a plan must hold: after the last area zeros, up to a multiple of 512 bytes.
    public init(expecting plan: CopiedPlan) {
      self.plan = plan
      entries = plan.tdmrs.map { tdmr in
        let words = [tdmr.base, tdmr.size] + tdmr.pamts[2] + tdmr.pamts[1] + tdmr.pamts[0]
        let areas = tdmr.reserved.flatMap { $0 }
        let size = (words.count + areas.count + 63) / 64 * 64
        return words + areas + Array(repeating: 0, count: size - words.count - areas.count)
      }
    }
  }

  private let ways: [(name: String, plan: (Machine, UnsafeBufferPointer<MemoryRegion>) -> Result)]

  public init() {
    let general = PlannerTuning(smallUpTo: 0, guessesNodesFrom: .max)
    let guessing = PlannerTuning(smallUpTo: 0, guessesNodesFrom: 0)
    let shared = PlannerTuning(smallUpTo: 0, guessesNodesFrom: .max, sharesFrom: 0)
    let sharedGuessing = PlannerTuning(smallUpTo: 0, guessesNodesFrom: 0, sharesFrom: 0)
    ways = [
      ("as usual", Self.way(Planner())), ("the general way", Self.way(Planner(general))),
      ("with trees of lists", Self.way(Planner(.withTrees))),
      ("guessing nodes", Self.way(Planner(guessing))), ("into a buffer", Self.bufferedWay(Planner())),
      ("the general way into a buffer", Self.bufferedWay(Planner(general))),
      ("on 3 threads", Self.way(ParallelPlanner(threads: 3, shared))),
      ("on 2 threads, guessing nodes", Self.way(ParallelPlanner(threads: 2, sharedGuessing))),
    ]
  }

  /// The ways on which a plan of the machine is not the expected one, with what they made of it.
  public func differences(on machine: Machine, from expected: Result) throws -> [(
    name: String, result: Result
  )] {
    let map = try MemoryMap(machine.regions)
    return map.withRegions { regions in
      ways.compactMap { name, plan in
        let result = plan(machine, regions)
        return result == expected ? nil : (name, result)
      }
    }
  }

  /// How many ways there are; the last ``onThreads`` of them start threads.
  public var count: Int { ways.count }
  public let onThreads = 2

  /// The same for one way alone.
  public func difference(of way: Int, on machine: Machine, from expected: Result) throws -> (
    name: String, result: Result
  )? {
    let result = try MemoryMap(machine.regions).withRegions { ways[way].plan(machine, $0) }
    return result == expected ? nil : (ways[way].name, result)
  }

  private static func way(_ planner: Planner) -> (Machine, UnsafeBufferPointer<MemoryRegion>) -> Result {
    { machine, regions in
      machine.convertible.withUnsafeBufferPointer {
        Result(planner.plan(regions, convertible: $0, options: machine.options))
      }
    }
  }

  private static func way(_ planner: ParallelPlanner) -> (Machine, UnsafeBufferPointer<MemoryRegion>) ->
    Result
  {
    { machine, regions in
      machine.convertible.withUnsafeBufferPointer {
        Result(planner.plan(regions, convertible: $0, options: machine.options))
      }
    }
  }

  /// Into memory of which the planner knows nothing, and which ends where it must.
  private static func bufferedWay(_ planner: Planner) -> (Machine, UnsafeBufferPointer<MemoryRegion>) ->
    Result
  {
    { machine, regions in
      machine.convertible.withUnsafeBufferPointer { cmrs in
        let bytes = Planner.requiredBytes(regions, convertible: cmrs, options: machine.options)
        let whole = UnsafeMutableRawBufferPointer.allocate(
          byteCount: bytes + 64,
          alignment: TDMRInfo.alignment
        )
        defer { whole.deallocate() }
        whole.initializeMemory(as: UInt8.self, repeating: 0xa5)
        let buffer = UnsafeMutableRawBufferPointer(rebasing: whole[..<bytes])
        var result = Result(planner.plan(regions, convertible: cmrs, options: machine.options, into: buffer))
        if whole[bytes...].contains(where: { $0 != 0xa5 }) { result.plan.messages.append("a stray write") }
        return result
      }
    }
  }
}
