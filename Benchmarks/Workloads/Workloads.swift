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
/// Looks among those of texts last: these are written when they are listed, which takes 30 ms, and a comparison of builds
/// starts a process for each of its samples.
///
/// - Throws: as ``workloads()``.
public func workload(named name: String) throws -> Workload? {
  let groups = [
    constructWorkloads, sizeSweep, recipeWorkloads, pamtSizesWorkloads, reservedAreasWorkloads,
    validateWorkloads, planJSONLWorkloads, workloads,
  ]
  for group in groups {
    if let workload = try group().first(where: { $0.name == name }) { return workload }
  }
  return nil
}
