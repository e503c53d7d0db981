import BenchmarkKit
import TDXMemory

/// Every workload of the suite, in the order in which it is listed. Each file of workloads opens with why its group
/// exists and how to read a surprise.
///
/// - Throws: `InputError` where a captured map cannot be read, which is a fault of this package.
public func workloads() throws -> [Workload] {
  try parseWorkloads()
    + constructWorkloads()
    + sizeSweep()
    + memoryBoundWorkloads()
    + recipeWorkloads()
    + stepWorkloads()
    + validateWorkloads()
    + streamWorkloads()
}
