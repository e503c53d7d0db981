import CLinuxCalls
import Glibc

/// Where processes run.
enum Processors {
  /// The processors that this process may run on, ascending.
  static var allowed: [Int] {
    var processors = [Int32](repeating: 0, count: 1024)
    let count = allowed_processors(0, &processors, Int32(processors.count))
    return processors.prefix(Int(count)).map { Int($0) }
  }

  /// Keeps a process, 0 for this one, on some processors. Where the system refuses, it runs where it did.
  static func pin(_ process: pid_t, to processors: [Int]) {
    let numbers = processors.compactMap { Int32(exactly: $0) }
    _ = pin_process(process, numbers, Int32(numbers.count))
  }
}
