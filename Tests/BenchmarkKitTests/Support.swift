import BenchmarkKit

/// A run as short as runs can be.
let brief: MeasuringPlan = {
  var plan = MeasuringPlan()
  plan.budget = .zero
  plan.batch = .zero
  plan.minimumRounds = 6
  plan.samplesPerRound = 1
  return plan
}()
