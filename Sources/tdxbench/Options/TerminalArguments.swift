import ArgumentParser
import BenchmarkKit

/// What is said on the terminal beside results.
struct TerminalArguments: ParsableArguments {
  @Flag(help: "Show no progress; without a terminal there is none anyway.")
  var quiet = false

  func validate() {
    if quiet { ProgressLine.turnOff() }
  }
}
