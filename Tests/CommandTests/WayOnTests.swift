import BenchmarkKit
import Foundation
import TestSupport
import Testing

/// What the terminal says to those who mistype, have no log yet, or look for a name.
@Suite struct WayOnTests {
  @Test(arguments: [("advice", "advise"), ("pln", "plan"), ("Plan", "plan"), ("reprot", "report")])
  func aMistypedCommandIsGuessed(word: String, meant: String) throws {
    let answer = try Command(word, "boot.log")
    #expect(answer.status == 64)
    #expect(answer.errors.contains("'\(word)' is no command; did you mean \(meant)?"))
    #expect(answer.errors.contains("tdxbench \(meant) "), "its usage")
  }

  @Test func helpOnAMistypedCommandIsGuessed() throws {
    let answer = try Command("help", "pln")
    #expect(answer.status == 64 && answer.output.isEmpty)
    #expect(answer.errors.contains("'pln' is no command; did you mean plan?"))
    #expect(try Command("help", "plan").status == 0)
    #expect(try Command("help").status == 0)
  }

  /// Parts of names, and options whose value is complained of. Expect each to be guessed.
  @Test(arguments: [
    (["plan", "--entry-bytes", "16", "x"], "--pamt-entry-bytes"),
    (["plan", "--keyid", "6", "x"], "--keyid-bits"),
    (["--filtr", "x"], "--filter"), (["compare", "--bild", "a"], "--build"),
    (["plan", "--placment", "top", "x"], "--placement"),
  ])
  func optionsAreGuessed(arguments: [String], meant: String) throws {
    let answer = try Command(arguments)
    #expect(answer.status == 64)
    #expect(answer.errors.lowercased().contains("did you mean"), "\(answer.errors)")
    #expect(answer.errors.contains(meant), "\(answer.errors)")
  }

  /// What is found wrong once options are parsed. Expect the usage of the command, not of all.
  @Test(arguments: [["foo"], ["laptop", "size=zz"], ["laptop", "--holes", "x"]])
  func aWrongRecipeTellsHowToGenerate(arguments: [String]) throws {
    let answer = try Command(["generate"] + arguments)
    #expect(answer.status == 64)
    #expect(answer.errors.contains("Usage: tdxbench generate [<options>] [<recipe> ...]"), "\(answer.errors)")
    #expect(!answer.errors.contains("<subcommand>"))
  }

  /// Lines of kernels: whole in a file, for people search for them, and broken at blanks on a terminal as all text is.
  @Test func linesOfKernelsAreBrokenOnTerminalsAlone() throws {
    let log = Log.path("tdx-emr-2024-issue135")
    for arguments in [["plan", log], ["explain", log]] {
      let file = try Command(arguments).output.split(separator: "\n")
      let long = file.filter { $0.count > 80 && $0.contains("tdx: ") && !$0.contains("`") }
      #expect(!long.isEmpty, "\(arguments)")
      let screen = try Terminal(arguments, hasOutput: true).screen.replacing(#/\u{1b}\[[0-9;]*m/#, with: "")
      let rows = screen.split(whereSeparator: \.isNewline)
      #expect(rows.allSatisfy { $0.count <= 80 || !$0.contains("tdx: ") || $0.contains("`") }, "\(screen)")
      // The same words.
      let words = screen.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      for line in long {
        #expect(words.contains(line.split(whereSeparator: \.isWhitespace).joined(separator: " ")))
      }
    }
  }

  @Test func whatIsLikeNoCommandIsNotGuessed() throws {
    let answer = try Command("construct/linux")
    #expect(answer.status == 64 && !answer.errors.contains("did you mean"))
    #expect(answer.errors.contains("--filter"))
  }

  @Test func valuesAreGuessed() throws {
    let policy = try Command("plan", Log.path("tdx-1t-5cmr"), "--policy", "optimum")
    #expect(policy.status == 64 && policy.errors.contains("did you mean optimal?"))
    let recipe = try Command("generate", "laptp")
    #expect(recipe.status == 64 && recipe.errors.contains("did you mean laptop?"))
    let workload = try Command("run", "--profile", "cpu", "constrct/linux/laptop")
    #expect(workload.status == 64 && workload.errors.contains("did you mean construct/linux/laptop?"))
    #expect(workload.errors.contains("Usage: tdxbench run --profile"))
    let far = try Command("run", "--profile", "heap", "server")
    #expect(far.status == 64 && far.errors.contains("the nearest are "))
    let placement = try Command("hotplug", Log.path("tdx-1t-5cmr"), "--placement", "botom")
    #expect(placement.status == 64 && placement.errors.contains("did you mean bottom?"))
  }

  /// Expect the command that says more and what it would say, in a line of the plan; and `advise` to begin with the verdict, then
  /// what to do, then the table.
  @Test func aFailingPlanNamesAdvise() throws {
    let log = Log.path("tdx-emr-2024-issue135")
    let plan = try Command("plan", log)
    let flat = plan.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(flat.contains("Do keep 8 KiB from the kernel, with memmap=4K$0x64158000 memmap=4K$0x6f7ff000;"))
    #expect(flat.contains("`tdxbench advise \(log)` says more"))
    let advice = try Command("advise", log).output
    let parts = ["Linux     fails as it is", "\nRemedy    keep 8 KiB", "\npolicy    placement"].map {
      advice.range(of: $0)
    }
    #expect(parts[0]?.lowerBound == advice.startIndex)
    #expect(try #require(parts[1]).lowerBound < #require(parts[2]).lowerBound)
    let fits = try Command("plan", Log.path("aws-r5d-xlarge-32g")).output
    #expect(!fits.contains("tdxbench advise") && fits.contains("`sudo dmesg | grep -i cmr`"))
  }

  /// The module refuses the CMRs themselves, whatever is withheld. Expect no range, no parameter and no empty one, but that none
  /// helps and why.
  @Test(arguments: [
    #"{"regions":[["0x100000","0x80000000",0]],"cmrs":[["0x100800","0x80000000"]]}"#,
    #"{"regions":[["0x100000","0x80000000",0],["0x400000000000","0x400080000000",0]],"#
      + #""cmrs":[["0x100000","0x80000000"],["0x400000000000","0x400080000000"]]}"#,
  ])
  func whatTheModuleRefusesStillIsNotAdvised(map: String) throws {
    for command in ["plan", "advise"] {
      let run = try Command(command, "-", input: map)
      let flat = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(run.status == 1)
      #expect(flat.contains("no policy known here fits this machine"), "\(flat)")
      #expect(
        command == "plan"
          || flat.contains("Remedy none by keeping memory from the kernel: the module refuses")
      )
      for word in ["keep ", "memmap", "GRUB", "still fails"] { #expect(!flat.contains(word), "\(word)") }
    }
  }

  /// Expect Linux with static PAMT where the module refuses Dynamic PAMT only.
  @Test func staticPAMTIsTheWayOnFromDynamicPAMT() throws {
    let map = #"{"regions":[["0x100000","0x80000000",0]]}"#
    let advice = try Command("advise", "-", "--dynamic-pamt", "--keyid-bits", "0", input: map).output
    #expect(advice.contains("\nInstead   Linux with static PAMT fits\n"), "\(advice)")
  }

  /// Expect no line that a terminal of 80 columns would break, but for those of kernels.
  @Test(arguments: (try? Log.all()) ?? []) func plansFit80Columns(log: Log) throws {
    for options in [[], ["--policy", "linux-cmr"], ["--policy", "optimal"]] {
      // Without a name, which is a word of any length.
      let plan = try Command(["plan", "-"] + options, input: String(decoding: log.bytes, as: UTF8.self))
      for line in plan.output.split(separator: "\n") where !line.hasPrefix("  virt/tdx: ") {
        #expect(line.count <= 80, "\(line)")
      }
    }
  }

  @Test func versionNamesReleaseCommitAndCompiler() throws {
    let version = try Command("--version")
    #expect(version.status == 0)
    #expect(
      version.output.firstMatch(of: /^tdxbench \d+\.\d+\.\d+ \([0-9a-z ,]+, Swift [^)]+\)\n$/) != nil,
      "\(version.output)"
    )
  }

  /// A file that says nothing of memory: expect a short message with the command that makes one.
  @Test func anInputWithoutMemoryIsToldOfShortly() throws {
    let answer = try Command("plan", "-", input: "hello\n")
    #expect(answer.status == 65)
    #expect(answer.errors.contains("sudo dmesg > boot.log") && answer.errors.contains("tdxbench collect"))
    #expect(answer.errors.count < 330, "\(answer.errors.count)")
  }

  // MARK: - Names

  @Test func listFits80ColumnsAndFilters() throws {
    let all = try Command("list")
    #expect(all.status == 0)
    for line in all.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    let some = try Command("list", "validate/*")
    let names = some.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
    #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix("validate/") })
    #expect(try Command("list", "no-such").status == 64)
  }

  /// The names of the whole suite in the table of a run: expect each to be found, and no two rows that read the same.
  @Test(arguments: [false, true]) func noTwoRowsReadTheSame(isWide: Bool) throws {
    let names = try Command("list").output.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(
      String.init
    )
    let rows = names.map { name in
      let workload = Workload(name, why: "A name.", itemsPerCall: 1, bytesPerCall: 1) {
        Subject(run: { _ in }, check: { nil })
      }
      return Row(workload: workload, outcome: .wrong("It has a row all the same."))
    }
    let table = Report(rows: rows).table(items: "regions", isWide: isWide)
    var head = ""
    var read: [String] = []
    for line in table.split(separator: "\n\n")[0].split(separator: "\n").dropFirst() {
      if !isWide { #expect(line.count <= 80, "\(line)") }
      let word = line.split(separator: " ")[0]
      let isAlone = line.split(separator: " ").count == 1
      // The figures of a name that stands on the line above.
      if line.hasPrefix("   ") { continue }
      if line.hasPrefix(" ") {
        read.append("\(head)/\(word)")
      } else if isAlone {
        head = String(word)
      } else {
        read.append(String(word))
      }
    }
    #expect(read.sorted() == names.sorted())
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completesWords(shell: String) throws {
    let script = try Command("--generate-completion-script", shell)
    #expect(script.status == 0)
    for word in ["advise", "report", "collect", "svg"] { #expect(script.output.contains(word), "\(word)") }
  }

  // MARK: - Collecting

  /// A host made of files in place of its commands: expect of what the lines gather, that plan reads it, and that neither
  /// the host's name nor a serial number is in it.
  @Test func planReadsWhatTheLinesGather() throws {
    try withFolder { folder in
      let bin = folder.appendingPathComponent("bin")
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      let dmesg = """
        [    0.000000] Linux version 6.8.0-1 (builder@secret-host) (gcc 13) #1 SMP
        [    0.000000] Command line: BOOT_IMAGE=/vmlinuz root=UUID=0123-4567
        [    0.000000] BIOS-provided physical RAM map:
        [    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
        [    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable
        [    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000207fffffff] usable
        [    0.000000] DMI: Vendor Model/Board, BIOS 1.0 serial SN12345
        [    0.100000] Early memory node ranges
        [    0.100000]   node   0: [mem 0x0000000000001000-0x000000000009ffff]
        [    0.100000]   node   0: [mem 0x0000000000100000-0x000000007fffffff]
        [    0.100000]   node   0: [mem 0x0000000100000000-0x000000107fffffff]
        [    0.100000]   node   1: [mem 0x0000001080000000-0x000000207fffffff]
        [    1.000000] pci 0000:00:02.0: BAR 0 [mem 0xc0000000-0xc0ffffff 64bit pref]
        [    2.000000] virt/tdx: BIOS enabled: private KeyID range [64, 128)
        [    3.000000] usb 1-1: SerialNumber: SN12345
        """
      let script = "#!/bin/sh\ncat <<'EOF'\n\(dmesg)\nEOF\n"
      let program = bin.appendingPathComponent("dmesg")
      try script.write(to: program, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
      let file = folder.appendingPathComponent("tdx host.txt").path
      let lines = try Command("collect", "-o", file)
      #expect(lines.status == 0)
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.arguments = ["-euc", lines.output]
      shell.environment = ["PATH": "\(bin.path):/usr/bin:/bin"]
      shell.standardError = FileHandle.nullDevice
      try shell.run()
      shell.waitUntilExit()
      let gathered = try String(contentsOfFile: file, encoding: .utf8)
      for secret in ["secret-host", "UUID", "SN12345", "Vendor", "pci "] {
        #expect(!gathered.contains(secret), "\(secret)")
      }
      #expect(gathered.contains("Linux version 6.8.0-1\n"))
      let logPart = folder.appendingPathComponent("log.txt").path
      // The machine that runs the test adds its own /proc/iomem.
      try gathered.split(separator: "\n").filter { $0.hasPrefix("[") }.joined(separator: "\n")
        .write(toFile: logPart, atomically: true, encoding: .utf8)
      let plan = try Command("plan", logPart)
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.output.contains("2 nodes"))
    }
  }
}
