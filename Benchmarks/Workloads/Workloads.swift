import BenchmarkKit
import TDXMemory

/// Every workload of the suite, in the order in which it is listed. A file of workloads is called as their names
/// begin, and opens with why its group exists and how to read a surprise.
///
/// - Throws: `InputError` where a captured map cannot be read, which is a fault of this package.
public func workloads() throws -> [Workload] {
  try parseWorkloads()
    + loadWorkloads()
    + constructWorkloads()
    + sizeSweep()
    + memoryBoundWorkloads()
    + recipeWorkloads()
    + pamtSizesWorkloads()
    + reservedAreasWorkloads()
    + optimalWorkloads()
    + validateWorkloads()
    + planJSONLWorkloads()
    + hotplugWorkloads()
}

/// The workload of this name; nil where there is none.
///
/// Makes no text but its own: a comparison of builds starts a process for each of its samples, and writing the texts of all
/// workloads takes half a second on a busy machine.
///
/// - Throws: as ``workloads()``.
public func workload(named name: String) throws -> Workload? {
  let groups = [
    constructWorkloads, sizeSweep, recipeWorkloads, memoryBoundWorkloads, pamtSizesWorkloads,
    reservedAreasWorkloads, validateWorkloads, planJSONLWorkloads, optimalWorkloads, loadWorkloads,
    hotplugWorkloads,
    { try parseWorkloads { $0 == name } },
  ]
  for group in groups {
    if let workload = try group().first(where: { $0.name == name }) { return workload }
  }
  return nil
}
