import Foundation
import TestSupport
import Testing

@Suite("standard streams that are closed, full, or left by their reader") struct StandardStreamTests {
  /// A map that fits, and one that is read from standard input.
  private static let map = #"echo 'BIOS-e820: [mem 0x100000-0x7fffffff] usable' > map;"#

  @Test(
    "a stream that is closed at the start and needed. Expect status 74, and no wait",
    arguments: [
      "$tdxbench plan --jsonl <&-", "$tdxbench plan map >&-", "$tdxbench plan map <&- >&-",
      "$tdxbench plan map <&- >&- 2>&-", "$tdxbench plan - <&-", "$tdxbench --version >&-",
      "$tdxbench plan --jsonl <&- >&-", "$tdxbench list >&-", "$tdxbench explain - <&-",
    ]
  )
  func closed(line: String) throws {
    try withFolder { folder in
      let run = try Command(shell: "\(Self.map) \(line)", in: folder, seconds: 20)
      #expect(run.status == 74, "\(line): \(run.status) \(run.output)\(run.errors)")
      #expect(run.output == "")
    }
  }

  @Test("a stream that is closed at the start and not needed. Expect the answer")
  func closedAndNotNeeded() throws {
    try withFolder { folder in
      let run = try Command(shell: "\(Self.map) $tdxbench plan map <&- 2>&-", in: folder, seconds: 20)
      #expect(run.status == 0 && run.output.contains("TDMR"), "\(run.status) \(run.errors)")
      // A file that is opened takes no stream's place.
      let file = try Command(
        shell: "$tdxbench plan map -o out <&- >&- 2>&-; cat out",
        in: folder,
        seconds: 20
      )
      #expect(file.status == 0 && file.output.contains("TDMR"))
    }
  }

  @Test(
    "a full disk. Expect status 74 and why, whatever is printed",
    arguments: [
      "--help", "--version", "help plan", "plan --help", "list", "--generate-completion-script bash",
      "collect",
      "generate --list", "plan map", "plan map --format json", "advise map", "explain map", "hotplug map",
      "policy map", "run --help", "plan map --svg -", "generate laptop", "fleet map",
    ]
  )
  func full(arguments: String) throws {
    try withFolder { folder in
      let run = try Command(shell: "\(Self.map) $tdxbench \(arguments) >/dev/full", in: folder)
      #expect(run.status == 74, "\(arguments): \(run.status) \(run.errors)")
      #expect(run.errors.contains("No space left on device"), "\(run.errors)")
    }
  }

  @Test(
    "a reader that goes. Expect silence, and the end by SIGPIPE, as of other programs",
    arguments: [
      "$tdxbench plan map", "$tdxbench plan map --format json", "$tdxbench list", "$tdxbench --help",
      "$tdxbench collect", "$tdxbench advise map", "$tdxbench hotplug map --blocks", "$tdxbench --version",
      "$tdxbench explain map", "$tdxbench policy map", "$tdxbench generate --list", "$tdxbench fleet map",
      "yes '{}' | $tdxbench plan --jsonl", "yes '{}' | $tdxbench plan --jsonl --threads 2",
      "$tdxbench run --filter validate/server-2s-1tib --time 0.01",
      "$tdxbench generate fragmented",
    ]
  )
  func broken(line: String) throws {
    try withFolder { folder in
      let run = try Command(
        shell: "\(Self.map) set -o pipefail; { sleep 0.3; \(line); } | true; echo status ${PIPESTATUS[0]}",
        in: folder
      )
      #expect(run.output == "status 141\n", "\(line): \(run.output)")
      #expect(run.errors == "", "\(line): \(run.errors)")
    }
  }

  @Test("a run whose reader goes. Expect what was to be kept of it")
  func keptBeforeTheTable() throws {
    try withFolder { folder in
      let arguments = "run --filter validate/server-2s-1tib --time 0.01 --csv run.csv --record kept"
      let run = try Command(shell: "{ sleep 0.3; $tdxbench \(arguments); } | true", in: folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["kept", "run.csv"], "\(run.errors)")
    }
  }

  @Test("TMPDIR that is not there. Expect it named")
  func missingTemporaryFolder() throws {
    var environment = Command.environment
    environment["TMPDIR"] = "/no/such/folder"
    let stream = try Command(
      ["run", "--filter", "plan-jsonl/stream/20-regions", "--time", "0.01"],
      environment: environment
    )
    let told = stream.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(told.contains("/no/such/folder (TMPDIR): No such"), "\(stream.output)\(stream.errors)")
    let build = productsFolder.appendingPathComponent("tdxbench").path
    let compared = try Command(
      [
        "compare", "--build", build, "--build", build, "--filter", "validate/server-2s-1tib", "--time",
        "0.01", "--threshold", "500",
      ],
      environment: environment
    )
    #expect(compared.status == 0, "\(compared.errors)")
  }

  @Test(
    "a fleet that a signal ends. Expect nothing beside its output",
    arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)]
  )
  func endedFleet(signal: String, status: Int) throws {
    try withFolder { folder in
      let run = try Command(
        shell: """
          set -m; mkfifo requests
          $tdxbench fleet - --output out <requests & fleet=$!
          exec 3>requests
          echo '{"id":1,"regions":[["0x100000","0x80000000",0]]}' >&3
          until ls -d out/.tmp-* >/dev/null 2>&1; do sleep 0.05; done
          kill -\(signal) $fleet; wait $fleet 2>/dev/null; echo $?; ls -A out
          """,
        in: folder,
        seconds: 20
      )
      #expect(run.output == "\(status)\n", "\(run.output)\(run.errors)")
    }
  }
}
