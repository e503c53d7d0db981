import Glibc

/// What is fuzzed in this process, as the environment names it: `scripts/fuzz` starts one process for each target.
/// libFuzzer calls from one thread.
nonisolated(unsafe) private let target: any FuzzTarget = {
  let name = getenv("TDXBENCH_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let make = fuzzTargets[name] else {
    print("TDXBENCH_FUZZ_TARGET must be one of \(fuzzTargets.keys.sorted().joined(separator: ", "))")
    exit(64)
  }
  return make()
}()

/// Called by libFuzzer for each input.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  target.run(UnsafeRawBufferPointer(start: bytes, count: count))
  return 0
}

/// Something that takes bytes from anywhere, and what must be true of what it makes of them. A trap is a find, and so is
/// what ``require(_:_:)`` stops.
protocol FuzzTarget {
  func run(_ input: UnsafeRawBufferPointer)
}

/// By the name of the folder of its seeds.
private let fuzzTargets: [String: @Sendable () -> any FuzzTarget] = [
  "archives": { ArchiveTarget() },
  "logs": { LogTarget() },
  "maps": { MapTarget() },
  "plans": { PlanTarget() },
  "policies": { PolicyTarget() },
  "records": { RecordTarget() },
  "requests": { RequestTarget() },
  "scripts": { ScriptTarget() },
  "sysfs": { SysfsTarget() },
  "turns": { TurnTarget() },
]

/// Ends the process where something is not true, so that the fuzzer keeps the input.
func require(_ isTrue: Bool, _ complaint: @autoclosure () -> String) {
  guard !isTrue else { return }
  fatalError(complaint())
}

/// Text for a terminal without colours holds nothing that a terminal would act on.
func requireFit(_ text: String) {
  let raw = text.unicodeScalars.first {
    $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
  }
  require(raw == nil, "U+\(String(raw?.value ?? 0, radix: 16)) in an answer: \(text.debugDescription)")
}

extension UnsafeRawBufferPointer {
  var text: String { String(decoding: self, as: UTF8.self) }

  /// The first byte, which chooses between questions, and the rest.
  var split: (choice: Int, rest: UnsafeRawBufferPointer) {
    guard let first else { return (0, self) }
    return (Int(first), UnsafeRawBufferPointer(rebasing: dropFirst()))
  }
}
