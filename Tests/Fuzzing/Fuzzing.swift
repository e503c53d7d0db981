import CLibFuzzer
import Glibc

/// A program that libFuzzer leads: its options and folders are libFuzzer's, and the environment names the target.
/// `scripts/fuzz` starts one process for each.
@main
enum Fuzzing {
  /// libFuzzer calls from one thread.
  nonisolated(unsafe) private static let target: any FuzzTarget = {
    let name = getenv("TDXBENCH_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let make = fuzzTargets[name] else {
      print("TDXBENCH_FUZZ_TARGET must be one of \(fuzzTargets.keys.sorted().joined(separator: ", "))")
      exit(64)
    }
    return make()
  }()

  static func main() {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(
      LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
        Fuzzing.target.run(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
      }
    )
  }
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

/// Text for a terminal without colours holds nothing that a terminal would act on: no character of the category Cc but
/// the ends of lines and tabulators.
func requireFit(_ text: String) {
  var text = text
  let isFit = text.withUTF8 { bytes in
    var last: UInt8 = 0
    for byte in bytes {
      if byte < 0x20 && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\t") || byte == 0x7f {
        return false
      }
      // U+0080 to U+009F.
      if last == 0xc2 && byte < 0xa0 { return false }
      last = byte
    }
    return true
  }
  require(isFit, "a control character in an answer: \(text.debugDescription)")
}

extension UnsafeRawBufferPointer {
  var text: String { String(decoding: self, as: UTF8.self) }

  /// The first byte, which chooses between questions, and the rest.
  var split: (choice: Int, rest: UnsafeRawBufferPointer) {
    guard let first else { return (0, self) }
    return (Int(first), UnsafeRawBufferPointer(rebasing: dropFirst()))
  }
}
