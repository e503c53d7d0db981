import TDXMemory
import TestSupport
import Testing

/// What Linux's and the module's own code answered, every line, exactly.
@Suite struct VectorTests {
  @Test func everyPlanOfLinux() throws {
    let vectors = try PlanVector.all()
    #expect(vectors.count == 600)
    // One planner for all: nothing of an earlier plan may show.
    let planner = Planner()
    for vector in vectors {
      let plan = try plan(
        vector.regions,
        convertible: vector.convertible,
        vector.options,
        planner: planner
      )
      #expect(plan.outcome == vector.outcome, "\(vector.id)")
      if let messages = vector.messages { #expect(plan.messages == messages, "\(vector.id)") }
      #expect(plan.tdmrs == vector.tdmrs ?? [], "\(vector.id)")
      #expect(plan.pamtBytes / 1024 == vector.pamtKiB ?? 0, "\(vector.id)")
    }
  }

  @Test func everyVerdictOfTheModule() throws {
    let vectors = try ModuleVector.all()
    #expect(vectors.count == 659)
    let rules = ModuleRules()
    for vector in vectors {
      let verdict = PlainConfiguration(vector).verdict(rules)
      #expect(hex(verdict.status) == hex(vector.status), "\(vector.id)")
      #expect(verdict.name == vector.name, "\(vector.id)")
      #expect(verdict.tdmr == vector.tdmr, "\(vector.id)")
    }
  }
}
