import TDXMemory
import TestSupport
import Testing

/// The policy `optimal` against the least that is possible, and against Linux.
@Suite struct OptimalVectorTests {
  /// One planner for all cases of a test: nothing of an earlier plan may show.
  private let planner = OptimalPlanner()

  @Test func everyVector() throws {
    let vectors = try OptimalVector.all()
    #expect(vectors.count == 300)
    for vector in vectors {
      let plan = try vector.machine.optimalPlan(planner)
      #expect(plan.outcome == vector.outcome, "\(vector.id)")
      #expect(plan.complaints == [], "\(vector.id)")
      #expect(plan.messages == [], "\(vector.id)")
      guard plan.outcome == .ok else {
        #expect(plan.obstacle != nil && plan.proved == nil, "\(vector.id)")
        continue
      }
      #expect(plan.pamtBytes == vector.pamtBytes, "\(vector.id)")
      #expect(plan.tdmrs.count == vector.tdmrs, "\(vector.id)")
      #expect(plan.proved == true, "\(vector.id)")
    }
  }
}
