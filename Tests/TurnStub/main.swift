// Takes turns on three small workloads, and misbehaves as its arguments say: KIND=WORKLOAD, or another word.
import BenchmarkKit
import Glibc
import PairedRuns

let arguments = Set(CommandLine.arguments.dropFirst())

/// About 2 us in a debug build.
func workload(_ name: String) -> Workload {
  Workload(name, why: "To take turns on.", itemsPerCall: 1, bytesPerCall: 8) {
    if arguments.contains("unready=\(name)") { throw Unready() }
    let steps = arguments.contains("slow=\(name)") ? 3000 : 100
    let calls = Count()
    return Subject(call: {
      calls.value += 1
      if calls.value > 10 { misbehave(name) }
      if arguments.contains("allocate=\(name)") { blackHole([UInt8](repeating: 1, count: opaque(64))) }
      // What workloads print must not get in the way.
      if calls.value == 1 { print("a line on standard output") }
      // Steps that the optimiser can neither merge nor compute in advance.
      for step in 0..<steps { blackHole(step) }
      return steps
    }) { _ in
      arguments.contains("wrong=\(name)") ? "5, not 4" : nil
    }.expecting(arguments.contains("other=\(name)") ? "6" : "5")
  }
}

func misbehave(_ name: String) {
  if arguments.contains("crash=\(name)") {
    let words = "the last words\nof \(name)\n"
    _ = words.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    abort()
  }
  while arguments.contains("hang=\(name)") { sleep(1) }
  while arguments.contains("flood=\(name)") {
    _ = String(repeating: "no end of words\n", count: 4096).withCString {
      write(STDERR_FILENO, $0, strlen($0))
    }
  }
}

final class Count { var value = 0 }

struct Unready: Error, CustomStringConvertible { let description = "no input" }

let names =
  ["a", "b", "c"] + (arguments.contains("more") ? ["d"] : [])
  + (arguments.contains("many") ? ["d", "e", "f", "g", "h"] : [])
TurnServer({ names.map(workload) }, named: { names.contains($0) ? workload($0) : nil }).run()
