import BenchmarkKit
import Foundation
import TestSupport
import Testing

@Suite("compare, check, history as commands", .serialized) struct CompareCommandTests {
  let program = productsFolder.appendingPathComponent("tdxbench").path
  let workload = "validate/server-2s-1tib"

  func compareWithItself(_ options: String...) throws -> Command {
    try Command(
      ["compare", "--build", program, "--build", program, "--filter", workload, "--time", "0.1"] + options
    )
  }

  @Test("this build with itself, one workload. Expect a row, no regression, at most 80 columns")
  func itself() throws {
    // A threshold beyond what a busy machine does in the least number of rounds.
    let run = try compareWithItself("--threshold", "200")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("validate/server-2s-1tib"))
    #expect(run.output.contains("1 compared: 0 slower"))
    #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains(program) })
  }

  @Test(
    "folders: two links of this build, nothing, what is no program. Expect rows of the first, errors of the others"
  )
  func links() throws {
    try withFolder { folder in
      let run = try Command(
        shell: """
          mkdir links none other; ln -s $tdxbench links/1; ln -s $tdxbench links/2; echo text >other/text
          compare() { $tdxbench compare --build links --build $1 --filter \(workload) --time 0.1 --threshold 200; echo $?; }
          compare links; compare none; compare other
          """,
        in: folder
      )
      #expect(run.output.contains("before: links\nafter: links\n"), "\(run.output)")
      #expect(run.output.contains("1 compared: 0 slower"), "\(run.output)")
      #expect(run.output.hasSuffix("\n0\n66\n74\n"), "\(run.output)\(run.errors)")
      #expect(run.errors.contains("none: no executable is in this folder"), "\(run.errors)")
      #expect(run.errors.contains("other/text: Permission denied"), "\(run.errors)")
    }
  }

  @Test(
    "four times the work planted in the second build. Expect it found, exit status 1, and JSON that says so"
  )
  func planted() throws {
    let run = try compareWithItself("--threshold", "50", "--plant", "\(workload)=300", "--json")
    #expect(run.status == 1, "\(run.output)\(run.errors)")
    let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let row = (json?["rows"] as? [[String: Any]])?.first
    #expect(row?["verdict"] as? String == "slower")
    let ratio = (row?["ratio"] as? [String: Double])?["value"] ?? 0
    #expect(ratio > 2, "\(ratio)")
  }

  @Test(
    "arguments that do not go together. Expect status 64 and nothing on standard output",
    arguments: [
      ["compare"], ["compare", "a"], ["compare", "a", "b", "c"], ["compare", "--build", "/bin/true"],
      ["compare", "--base", "HEAD", "a", "b"], ["compare", "a", "b", "--threshold", "-1"],
      ["compare", "a", "b", "--threshold", "nan"], ["compare", "a", "b", "--quick", "--time", "3"],
      ["check", "--time", "0"], ["check", "--update", "--json"], ["history"],
      ["compare", "--build", "/bin/true", "--build", "/bin/true", "--processor", "1023"],
    ]
  )
  func usage(arguments: [String]) throws {
    let run = try Command(arguments)
    #expect(run.status == 64)
    #expect(run.output == "")
  }

  @Test("lengths of time that are none, a processor that is not there. Expect to be told what there is")
  func ranges() throws {
    for (arguments, words) in [
      (["run", "--time", "0"], "--time is more than 0 and at most 86400 seconds, not 0."),
      (["check", "--time=-1.5"], "--time is more than 0 and at most 86400 seconds, not -1.5."),
      (["compare", "a", "b", "--patience", "0"], "--patience is more than 0 and at most 86400 s"),
      (["compare", "a", "b", "--processor", "1023"], "that this process may run on, "),
      (["compare", "a", "b", "--processor=-1"], ", not -1."),
    ] {
      let run = try Command(arguments)
      #expect(run.status == 64 && run.errors.contains(words), "\(arguments): \(run.errors)")
    }
  }

  @Test("records, builds and baselines that are not there. Expect status 66, and which")
  func missing() throws {
    for arguments in [
      ["compare", "/no/such/record", "/no/such/record"],
      ["compare", "--build", "/no/such/build", "--build", program],
      ["compare", "--base", "/no/such/revision"], ["check", "--baselines", "/no/such/folder"],
      ["history", "a", "--results", "/no/such/folder"],
    ] {
      let run = try Command(arguments)
      #expect(run.status == 66, "\(arguments): \(run.errors)")
      #expect(run.errors.contains("/no/such"))
    }
    let stranger = try Command("compare", "--build", "/bin/true", "--build", program)
    #expect(stranger.status == 65 && stranger.errors.contains("does not take turns"))
  }

  @Test("files that have no folder. Expect status 74 before anything is measured")
  func unwritable() throws {
    for arguments in [["compare", "a", "b"], ["check"]] {
      let run = try Command(arguments + ["--json", "/no/such/folder/x.json"])
      #expect(run.status == 74 && run.output == "", "\(run.errors)")
    }
    let update = try Command("check", "--update", "--baselines", "/dev/null/x")
    #expect(update.status != 0 && update.output == "")
  }

  @Test(
    "check outside the checkout, and in another folder of baselines. Expect where to run it, and not to write anew"
  )
  func elsewhere() throws {
    try withFolder { folder in
      let run = try Command("check", folder: folder)
      #expect(run.status == 66 && run.output == "")
      #expect(run.errors.contains("the checkout of tdxbench, so run it there: cd '/"), "\(run.errors)")
      #expect(!run.errors.contains("--update"))
      let named = try Command("check", "--baselines", "none here", folder: folder)
      #expect(named.errors.contains("check --update --baselines 'none here'"), "\(named.errors)")
    }
  }

  @Test("compare and check in a pipe, with --quiet and without. Expect no progress on standard error")
  func quiet() throws {
    for options in [[], ["--quiet"]] {
      let run = try Command(
        [
          "compare", "--build", program, "--build", program, "--filter", workload, "--time", "0.1",
          "--threshold", "200",
        ]
          + options
      )
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    }
  }

  @Test("help. Expect no line beyond 80 columns", arguments: ["compare", "check", "history"])
  func help(command: String) throws {
    let run = try Command(command, "--help")
    #expect(run.status == 0)
    #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("a run, recorded twice. Expect compare and history of it")
  func recorded() throws {
    try withFolder { folder in
      for _ in 1...2 {
        let run = try Command(
          "run",
          "--filter",
          workload,
          "--time",
          "0.01",
          "--record",
          folder.path
        )
        #expect(run.status == 0)
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let compared = try Command(["compare"] + names.map { "\(folder.path)/\($0)" } + ["--threshold", "500"])
      #expect(compared.status == 0, "\(compared.output)\(compared.errors)")
      #expect(compared.output.contains(workload) && compared.output.contains("/peer"))
      let twice = try Command("compare", "\(folder.path)/\(names[0])", "\(folder.path)/\(names[0])")
      #expect(twice.status == 0 && twice.output.contains("the same measurements"), "\(twice.output)")
      #expect(twice.output.contains("0 slower, 0 faster, 1 same, 0 unknown"), "\(twice.output)")
      let history = try Command("history", workload, "--results", folder.path)
      #expect(history.status == 0)
      #expect(history.output.split(separator: "\n").count { $0.hasPrefix("20") } == 2)
      let none = try Command("history", "validate/sever-2s", "--results", folder.path)
      #expect(none.status == 64 && none.errors.contains("the nearest are validate/server-2s-1tib"))
    }
  }

  @Test("baselines that this build holds, and one that it does not. Expect status 0, then 1 and the figure")
  func check() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("validate.json")
      let text = """
        {"format": 1, "conditions": {"toolchain": "another", "processor": "another"}, "workloads": {
          "\(workload)": {
            "result": "ok, 5 TDMRs, 13 reserved areas, 4202516 KB of PAMT, accepted",
            "allocations": 0, "allocated_bytes": 0, "ratio_to_memcpy": 100000
          }
        }}
        """
      try text.write(to: file, atomically: false, encoding: .utf8)
      let arguments = ["check", "--baselines", folder.path, "--filter", workload, "--time", "0.1"]
      let good = try Command(arguments)
      #expect(good.status == 0, "\(good.output)\(good.errors)")
      #expect(good.output.contains("all hold"))
      try text.replacing("5 TDMRs", with: "6 TDMRs").write(to: file, atomically: false, encoding: .utf8)
      let bad = try Command(arguments)
      #expect(bad.status == 1)
      #expect(bad.output.contains("result"))
      #expect(bad.output.contains("check --baselines '\(folder.path)' --filter '\(workload)'"))
    }
  }

  @Test("Ctrl-C in a check that has a minute. Expect the end at once, and that it is not whole")
  func interruptedCheck() throws {
    try withFolder { folder in
      let text = """
        {"format": 1, "conditions": {"toolchain": "another", "processor": "another"}, "workloads": {
          "\(workload)": {"result": "ok, 5 TDMRs, 13 reserved areas, 4202516 KB of PAMT, accepted"}
        }}
        """
      try text.write(to: folder.appending(path: "validate.json"), atomically: false, encoding: .utf8)
      let run = try Command(
        shell: """
          $tdxbench check --baselines . --filter \(workload) --time 60 --no-instructions >out 2>err &
          # Once it catches SIGINT, and a moment later it is busy.
          until grep -q 'SigCgt:.*[2367abef]$' /proc/$!/status; do sleep 0.1; done
          sleep 1
          begin=$(date +%s%N)
          kill -INT $!
          wait $!
          echo $? $(($(date +%s%N) - begin < 5000000000)); cat out err
          """,
        in: folder
      )
      #expect(run.output.hasPrefix("130 1\n"), "\(run.output)")
      #expect(run.output.contains("incomplete: interrupted before the end"), "\(run.output)")
    }
  }

  @Test(
    "a base that is this program with other debug information. Expect to be told that nothing was measured, status 0"
  )
  func sameProgram() throws {
    try withFolder { folder in
      let git = "git -c user.name=a -c user.email=a@b"
      let run = try Command(
        shell: """
          git init -q . && echo a >a && git add a && \(git) commit -qm a
          kept=$PWD/.build/bases/$(git rev-parse HEAD)-swift-\(_SwiftStdlibVersion.current)
          mkdir -p $kept && cp $tdxbench $kept/tdxbench && echo more >>$kept/tdxbench
          $tdxbench compare --base HEAD; echo status $?
          $tdxbench compare --base HEAD --json | grep -c '"same_program": true'
          $tdxbench compare --base HEAD --filter nosuchworkload; echo status $?
          """,
        in: folder
      )
      #expect(
        run.output.contains("The same program: all bytes that are loaded are equal"),
        "\(run.output)\(run.errors)"
      )
      #expect(run.output.contains("measured.\nstatus 0\n1\nstatus 64\n"), "\(run.output)\(run.errors)")
    }
  }

  @Test(
    "a build of a base whose owner was killed. Expect the next comparison to end it and to remove its worktree"
  )
  func orphanedBuild() throws {
    try withFolder { folder in
      let git = "git -c user.name=a -c user.email=a@b"
      let version = "\(_SwiftStdlibVersion.current)"
      let run = try Command(
        shell: """
          git init -q . && echo a >a && git add a && \(git) commit -qm a
          bases=$PWD/.build/bases; kept=$bases/$(git rev-parse HEAD)-swift-\(version)
          mkdir -p $kept && cp /bin/true $kept/tdxbench
          git worktree add -q --detach $bases/worktree HEAD
          # As a compiler that outlived everyone: of no group and no parent of ours.
          TDXBENCH_BASE_WORKTREE=$bases/worktree setsid sleep 300 & sleeping=$!
          sleep 0.2
          $tdxbench compare --base HEAD --build /bin/false; echo status $?
          kill -0 $sleeping 2>/dev/null && echo lives
          ls -d $bases/worktree 2>/dev/null; git worktree list | wc -l
          """,
        in: folder
      )
      #expect(run.output == "status 65\n1\n", "\(run.output)\(run.errors)")
      #expect(run.errors.contains("does not take turns"))
    }
  }

  @Test(
    "a build of a base that is ended in every way. Expect nothing of it after the next comparison",
    arguments: [
      ("kill -KILL $compare", 137), ("kill -TERM $compare", 143), ("kill -HUP $compare", 129),
      ("kill -INT $compare; sleep 0.05; kill -INT $compare", 130),
    ]
  )
  func endedBuild(ending: String, status: Int) throws {
    // A compiler that starts another and heeds no signal; one that complains in colours.
    let stubborn = "trap '' INT TERM HUP; echo $$ >>pids; sleep 300 & echo $! >>pids; wait; sleep 300"
    let colourful = #"printf 'a.swift:1:1: error: \033[31m\302\233\n'; exit 1"#
    try withFolder { folder in
      for (name, line) in [("stubborn", stubborn), ("colourful", colourful)] {
        try FileManager.default.createDirectory(
          at: folder.appendingPathComponent(name),
          withIntermediateDirectories: true
        )
        let file = folder.appendingPathComponent("\(name)/swift")
        try "#!/bin/bash\n\(line)\n".write(to: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
      }
      let run = try Command(
        shell: """
          set -m
          git init -q . && echo a >a && git add a && git -c user.name=a -c user.email=a@b commit -qm a
          PATH=$PWD/stubborn:$PATH $tdxbench compare --base HEAD --build /bin/true 2>first & compare=$!
          until [ -f pids ] && [ $(wc -l <pids) = 2 ]; do sleep 0.05; done
          \(ending)
          wait $compare 2>/dev/null; echo first $?
          PATH=$PWD/colourful:$PATH $tdxbench compare --base HEAD --build /bin/true 2>second; echo second $?
          for process in $(cat pids); do grep -q '300\\|swift' /proc/$process/cmdline 2>/dev/null && echo lives; done
          ls -d .build/bases/worktree 2>/dev/null; git worktree list | wc -l; cat second
          """,
        in: folder
      )
      let lines = run.output.split(separator: "\n").map(String.init)
      #expect(Array(lines.prefix(3)) == ["first \(status)", "second 65", "1"], "\(run.output)\(run.errors)")
      #expect(run.output.contains(#"error: \u{1B}[31m\u{009B}"#) && !run.output.contains("\u{1b}"))
    }
  }

  @Test(
    "a record that cannot be kept. Expect to be told before anything is measured",
    .enabled(if: geteuid() == 0)
  )
  func recordIntoNowhere() throws {
    // Root may write everywhere but where nobody can.
    let run = try Command("run", "--filter", workload, "--time", "5", "--record", "/proc/records")
    #expect(run.status == 74 && run.output == "", "\(run.output)\(run.errors)")
  }
}
