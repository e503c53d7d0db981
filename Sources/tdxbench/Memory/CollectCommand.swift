import Answers
import ArgumentParser
import TerminalText

/// Prints the commands that gather what a plan of a host is made from, for people who may not run strange programs there.
struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract:
      "Prints the shell lines that gather on a host, in one file, what plan reads. Does nothing itself.",
    discussion: """
      Run the lines as root on the host: `tdxbench collect | sudo sh`. They write tdx-host.txt, which has ranges of \
      memory, what the kernel said of it and of TDX, and no names, addresses of a network or serial numbers; read it \
      before you send it. Then: `tdxbench plan tdx-host.txt`.
      """
  )

  @Option(name: .shortAndLong, help: ArgumentHelp("The file that the lines write.", valueName: "file"))
  var output = "tdx-host.txt"

  func validate() throws {
    // Lines that are read before they are run must show what they write, and plain shells have no word for it.
    guard fitForTerminal(output) == output else {
      throw ValidationError("--output is a name without control characters")
    }
  }

  func run() throws { try OutputTarget(nil).write(data: CollectScript(output: output).text) }
}
