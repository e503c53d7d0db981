import TDXMemory

extension PlanSession {
  /// Plans a machine as it was read.
  public func plan(
    _ machine: Machine,
    options: PlanOptions,
    keyIDBits: Int
  ) -> (plan: Plan, verdict: ModuleVerdict?) {
    machine.map.withRegions { regions in
      guard let convertible = machine.convertible else {
        return plan(regions, convertible: nil, options: options, keyIDBits: keyIDBits)
      }
      return convertible.withUnsafeBufferPointer {
        plan(regions, convertible: $0, options: options, keyIDBits: keyIDBits)
      }
    }
  }
}

extension Machine {
  /// The least memory without which there is an optimal plan.
  public func leastToGiveUp(_ options: PlanOptions) -> GivenUpMemory? {
    map.withRegions { regions in
      (convertible ?? []).withUnsafeBufferPointer {
        OptimalPlanner.leastToGiveUp(regions, convertible: $0, options: options)
      }
    }
  }
}
