import Foundation
import TestSupport
import Testing

/// `fleet` as a process, on copies of the captured logs.
@Suite struct FleetCommandTests {
  /// A folder of hosts: a file each, a folder each, and what cannot be read.
  private func makeFleet(_ folder: URL) throws -> URL {
    let logs = folder.appending(path: "logs")
    try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: logs.appending(path: name))
    }
    for log in try Log.all() { try write(log.name, log.bytes) }
    for file in try FieldFile.all() { try write(file.name, file.bytes) }
    let issue = try Log.named("tdx-emr-2024-issue135").bytes
    for number in 1...40 { try write("copy\(number).log", issue) }
    try write("empty.log", [])
    try write("no log, \"at all\".txt", Array("nothing\n".utf8))
    for host in ["host-a", "host-b"] {
      try FileManager.default.createDirectory(
        at: logs.appending(path: "\(host)/more"),
        withIntermediateDirectories: true
      )
      try write("\(host)/more/dmesg.txt", try Log.named("aws-r5d-xlarge-32g").bytes)
      try write(
        "\(host)/cmrs.txt",
        Array("CMR: [0x100000, 0x\(host == "host-a" ? "900000000" : "80000000"))\n".utf8)
      )
      try write("\(host)/nothing.txt", [])
    }
    return logs
  }

  private static let files = ["hosts.jsonl", "hosts.csv", "groups.csv", "summary.json"]

  private func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  private func object(_ line: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  private func sortedLines(_ text: String?) -> [Substring] { (text ?? "").split(separator: "\n").sorted() }

  private func rows(_ folder: URL) throws -> [[String: Any]] {
    try text(folder.appending(path: "hosts.jsonl")).split(separator: "\n").map(object)
  }

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// The same hosts as a folder, in archives of every kind, and as a stream. Expect the same rows and the same sums.
  @Test func equalFromEverySource() throws {
    try withFolder { folder in
      let logs = try makeFleet(folder)
      var sources = ["folder": logs.path]
      for format in ["gnu", "ustar", "pax"] {
        let tar = folder.appending(path: "\(format).tar").path
        try run("/usr/bin/tar", ["--format=\(format)", "--sort=name", "-C", folder.path, "-cf", tar, "logs"])
        sources[format] = tar
      }
      sources["packed"] = folder.appending(path: "packed.tar.gz").path
      try run("/usr/bin/tar", ["--sort=name", "-C", logs.path, "-czf", sources["packed"]!, "."])
      var answers: [String: [String: String]] = [:]
      for (name, source) in sources {
        for threads in ["1", "3"] {
          let output = folder.appending(path: "out-\(name)-\(threads)")
          let fleet = try Command("fleet", source, "--threads", threads, "--output", output.path)
          #expect(fleet.status == 1 && fleet.errors.isEmpty)
          answers["\(name)-\(threads)"] = try Dictionary(
            uniqueKeysWithValues: Self.files.map { ($0, try text(output.appending(path: $0))) }
          )
          #expect(
            try FileManager.default.contentsOfDirectory(atPath: output.path).sorted() == Self.files.sorted()
          )
        }
      }
      let expected = try #require(answers["folder-1"])
      for (name, answer) in answers {
        for file in Self.files {
          // Archives are read in their order; folders come before files or among them.
          #expect(sortedLines(answer[file]) == sortedLines(expected[file]), "\(name): \(file)")
        }
      }
      for (name, answer) in answers where name.hasSuffix("-3") {
        #expect(answer == answers[name.dropLast(2) + "-1"], "\(name)")
      }
    }
  }

  private static let figures = [
    "outcome", "reason", "tdmrs", "most_areas", "pamt_kib", "optimal_pamt_kib", "dynamic_pamt_kib", "remedy",
    "remedy_bytes", "group",
  ]

  /// Expect in every row what `advise` says of that host.
  @Test func rowsAreWhatAdviseSays() throws {
    try withFolder { folder in
      let logs = try makeFleet(folder)
      _ = try Command("fleet", logs.path, "--output", folder.appending(path: "out").path)
      let rows = try rows(folder.appending(path: "out"))
      let hosts = rows.map { $0["host"] as! String }.sorted()
      #expect(try hosts == FileManager.default.contentsOfDirectory(atPath: logs.path).sorted())
      for row in rows { try check(row, of: logs) }
      let outcomes = Dictionary(
        uniqueKeysWithValues: rows.map { ($0["host"] as! String, $0["outcome"] as? String) }
      )
      #expect(outcomes["host-a"] == "ok" && outcomes["host-b"] == "EIO")
      #expect(outcomes["14-module-too-old.log"] == "EIO" && outcomes["empty.log"] == .some(nil))
    }
  }

  private func check(_ row: [String: Any], of logs: URL) throws {
    let host = row["host"] as! String
    #expect(Set(row.keys) == Set(["host", "error", "kernel", "module_version"] + Self.figures))
    if row["error"] is String {
      #expect(Self.figures.allSatisfy { row[$0] is NSNull }, "\(host)")
      return
    }
    guard !host.hasPrefix("copy"), !host.hasPrefix("host-") else { return }
    let advice = try Command("advise", logs.appending(path: host).path, "--format", "json")
    #expect((advice.status == 0) == (row["outcome"] as? String == "ok"), "\(host)")
    let answer = try object(advice.output)
    for name in Self.figures {
      #expect(answer[name] as? NSObject == row[name] as? NSObject, "\(host): \(name)")
    }
  }

  /// Expect in the sums what the rows come to.
  @Test func sumsAreThoseOfTheRows() throws {
    try withFolder { folder in
      let logs = try makeFleet(folder)
      let output = folder.appending(path: "out")
      _ = try Command("fleet", logs.path, "--output", output.path)
      let rows = try rows(output)
      let summary = try object(text(output.appending(path: "summary.json")))
      let readable = rows.filter { $0["error"] is NSNull }
      let failing = readable.filter { $0["outcome"] as? String != "ok" }
      #expect(summary["hosts"] as? Int == rows.count)
      #expect(summary["unreadable"] as? Int == rows.count - readable.count)
      #expect(summary["ok"] as? Int == readable.count - failing.count)
      #expect(summary["fails"] as? Int == failing.count)
      for name in ["pamt_kib", "optimal_pamt_kib", "dynamic_pamt_kib"] {
        let sum = readable.reduce(0) { $0 + ($1[name] as? Int ?? 0) }
        #expect(summary[name] as? Int == sum, "\(name)")
      }
      let reasons = Dictionary(grouping: failing) { $0["reason"] as! String }.mapValues(\.count)
      #expect(summary["by_reason"] as? [String: Int] == reasons)
      #expect(reasons["reserved areas exhausted"] == 41)

      let groups = try text(output.appending(path: "groups.csv")).split(separator: "\n")
      #expect(groups[0] == "group,hosts,outcome,reason,remedy")
      #expect(groups.count - 1 == summary["groups"] as? Int)
      #expect(groups.count - 1 == Set(readable.map { $0["group"] as! String }).count)
      #expect(
        groups[1].hasSuffix(
          ",41,ENOSPC,reserved areas exhausted,memmap=4K$0x64158000 memmap=4K$0x6f7ff000"
        )
      )
      let csv = try text(output.appending(path: "hosts.csv")).split(separator: "\n")
      #expect(csv.count == rows.count + 1)
      #expect(csv.contains { $0.hasPrefix(#""no log, ""at all"".txt",,,,,,,,,,,"#) })
    }
  }

  /// What a person reads. Expect who fails and what helps, in 80 columns.
  @Test func tellsWhoFailsAndWhatHelps() throws {
    try withFolder { folder in
      let fleet = try Command("fleet", makeFleet(folder).path)
      #expect(fleet.status == 1 && fleet.errors.isEmpty)
      #expect(fleet.output.hasPrefix("Hosts     "))
      #expect(fleet.output.contains("   41  ENOSPC   reserved areas exhausted\n"))
      #expect(fleet.output.contains("TDMRs     41 in [0x0, 0x80000000)\n"))
      #expect(
        fleet.output.contains(
          "for 41 hosts: kernel parameters\n  memmap=4K$0x64158000 memmap=4K$0x6f7ff000\n"
        )
      )
      #expect(fleet.output.contains("Dynamic PAMT would save"))
      #expect(fleet.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(fleet.output)")
    }
  }

  /// The same hosts as requests: as logs, as regions, with options of their own. Expect the same rows, named by id.
  @Test func streamsOfRequests() throws {
    try withFolder { folder in
      let logs = try Log.all()
      let requests = try logs.map { log in
        try JSONSerialization.data(
          withJSONObject: ["id": log.name, "log": String(decoding: log.bytes, as: UTF8.self)]
        )
      }
      let stream = folder.appending(path: "requests.jsonl")
      let bad = Data("not json\n{\"id\":7}\n".utf8)
      try (Data(requests.joined(separator: Data("\n".utf8))) + Data("\n".utf8) + bad).write(to: stream)
      let paths = logs.map { Log.path(String($0.name.dropLast(4))) }
      let output = folder.appending(path: "out")
      #expect(try Command("fleet", stream.path, "--threads", "2", "--output", output.path).status == 1)
      let streamed = try rows(output)
      let folderOutput = folder.appending(path: "folder")
      let logFolder = URL(fileURLWithPath: paths[0]).deletingLastPathComponent().path
      #expect(try Command("fleet", logFolder, "--output", folderOutput.path).status == 1)
      let expected = try rows(folderOutput)
      #expect(streamed.count == expected.count + 2)
      for (one, other) in zip(streamed, expected) {
        for (name, value) in other where name != "error" {
          #expect(one[name] as? NSObject == value as? NSObject, "\(other["host"] ?? ""): \(name)")
        }
      }
      #expect(streamed.suffix(2).map { $0["host"] as? String } == ["line \(logs.count + 1)", "7"])
      #expect(streamed.suffix(2).allSatisfy { $0["error"] is String })

      let input = """
        {"id":"a","regions":[["0x100000","0x80000000",0]]}
        {"id":"b","log":"0: 0x100000..0x7fffffff 0\\n"}
        {"id":"c","regions":[["0x100000","0x80000000",0]],"limits":{"max_reserved":1}}
        """
      let again = folder.appending(path: "again")
      #expect(try Command(["fleet", "-", "-o", again.path], input: input).status == 1)
      let own = try rows(again)
      #expect(own.map { $0["outcome"] as? String } == ["ok", "ok", "ENOSPC"])
      #expect(own[0]["group"] as? String == own[1]["group"] as? String)
      #expect(own[0]["group"] as? String != own[2]["group"] as? String)
    }
  }

  /// Expect 0 where all come up, 1 where one fails, 65 where one cannot be read and none fails.
  @Test func exitStatus() throws {
    try withFolder { folder in
      let good = Log.path("tdx-spr-eaglestream-128g")
      let bad = folder.appending(path: "bad.log").path
      try Data("nothing\n".utf8).write(to: URL(fileURLWithPath: bad))
      #expect(try Command("fleet", good).status == 0)
      #expect(try Command("fleet", good, Log.path("tdx-emr-2024-issue135"), bad).status == 1)
      #expect(try Command("fleet", good, bad).status == 65)
      #expect(try Command("fleet", good, folder.appending(path: "none").path).status == 66)
      let empty = folder.appending(path: "empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
      #expect(try Command("fleet", empty.path).status == 65)
      #expect(try Command("fleet").status == 64)
      #expect(try Command("fleet", good, "--threads", "0").status == 64)
      #expect(try Command("fleet", good, "-o", "/proc/no/such").status == 74)
    }
  }

  /// Archives that are cut off or damaged, links, pipes, and files that lie apart. Expect rows, and no half file.
  @Test func whatCannotBeReadIsARow() throws {
    try withFolder { folder in
      let logs = try makeFleet(folder)
      try FileManager.default.createSymbolicLink(
        at: logs.appending(path: "dangling"),
        withDestinationURL: folder.appending(path: "nowhere")
      )
      mkfifo(logs.appending(path: "pipe").path, 0o600)
      // Round in a circle.
      try FileManager.default.createSymbolicLink(
        at: logs.appending(path: "host-a/again"),
        withDestinationURL: logs
      )
      let output = folder.appending(path: "out")
      #expect(try Command("fleet", logs.path, "-o", output.path).status == 1)
      let unreadable = try rows(output).filter { $0["error"] is String }.map { $0["host"] as! String }
      #expect(Set(unreadable).isSuperset(of: ["dangling", "pipe", "host-a", "empty.log"]))

      let tar = folder.appending(path: "a.tar.gz")
      try run("/usr/bin/tar", ["-C", folder.path, "-czf", tar.path, "logs"])
      let bytes = try Data(contentsOf: tar)
      try bytes.prefix(bytes.count / 2).write(to: tar)
      let cut = try Command("fleet", tar.path, "-o", output.path)
      #expect(cut.status == 1 || cut.status == 65)
      #expect(try rows(output).last?["error"] as? String == "the archive is cut off")
      try Data("no archive".utf8).write(to: folder.appending(path: "b.tar"))
      #expect(try Command("fleet", folder.appending(path: "b.tar").path).status == 65)

      let apart = folder.appending(path: "apart.tar")
      try run(
        "/usr/bin/tar",
        ["-C", logs.path, "-cf", apart.path, "host-b/cmrs.txt", "tdx-1t-5cmr.log", "host-b/more"]
      )
      #expect(try Command("fleet", apart.path, "-o", output.path).status != 0)
      let errors = try rows(output).map { $0["error"] as? String }
      #expect(errors.last == "its files do not stand together in the archive")
    }
  }

  /// Killed while it reads a stream that does not end. Expect none of the files, and the next run to clear up.
  @Test(.timeLimit(.minutes(1))) func killedLeavesNoHalfFile() throws {
    try withFolder { folder in
      let output = folder.appending(path: "out")
      let process = Process()
      let requests = Pipe()
      process.executableURL = productsFolder.appending(path: "tdxbench")
      process.arguments = ["fleet", "-", "-o", output.path]
      (process.standardInput, process.standardOutput) = (requests, Pipe())
      try process.run()
      let line = Data((#"{"id":"a","regions":[["0x100000","0x80000000",0]]}"# + "\n").utf8)
      for _ in 0..<2000 { try requests.fileHandleForWriting.write(contentsOf: line) }
      // The folder in which the rows are written is there.
      while try names(output).isEmpty { usleep(1000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(try names(output).allSatisfy { $0.hasPrefix(".tmp-") })
      #expect(
        try Command(["fleet", "-", "-o", output.path], input: String(decoding: line, as: UTF8.self)).status
          == 0
      )
      #expect(try names(output).sorted() == Self.files.sorted())
    }
  }

  /// Interrupted while it reads a stream that does not end. Expect no folder that was made for it, and one that was there
  /// before to stay with what is in it.
  @Test(arguments: ["INT", "TERM", "HUP"]) func interruptedLeavesNoFolder(signal: String) throws {
    try withFolder { folder in
      let run = try Command(
        shell: """
          mkfifo requests; mkdir there; echo mine >there/mine
          for output in made/deep there; do
            sleep 30 >requests & writer=$!
            env --default-signal=INT $tdxbench fleet - -o $output <requests & fleet=$!
            until ls -A $output 2>/dev/null | grep -q tmp; do sleep 0.01; done
            sleep 0.2; kill -\(signal) $fleet; wait $fleet 2>/dev/null; kill $writer
          done
          ls -A; ls -A there
          """,
        in: folder
      )
      #expect(run.output == "requests\nthere\nmine\n", "\(run.output) \(run.errors)")
    }
  }

  /// Devices go on without end, or are no data. Expect them to be refused as hosts.
  @Test(.timeLimit(.minutes(1)), arguments: ["/dev/zero", "/dev/null"]) func devicesAreNoHosts(device: String)
    throws
  {
    let run = try Command("fleet", device)
    #expect(run.status == 65)
    #expect(run.output.contains("neither a file nor a folder"), "\(run.output)")
  }

  /// A copy of /sys/devices/system/memory of which a file has been lost. Expect one host, and what is wrong with it.
  @Test func aCopyOfSysfsIsOneHost() throws {
    try withFolder { folder in
      let copy = folder.appending(path: "memory")
      for block in 0..<3 {
        try FileManager.default.createDirectory(
          at: copy.appending(path: "memory\(block)"),
          withIntermediateDirectories: true
        )
        if block < 2 { try Data("online\n".utf8).write(to: copy.appending(path: "memory\(block)/state")) }
      }
      try Data("80000000\n".utf8).write(to: copy.appending(path: "block_size_bytes"))
      let output = folder.appending(path: "out")
      #expect(try Command("fleet", copy.path, "-o", output.path).status == 65)
      let broken = try rows(output)
      #expect(broken.count == 1)
      #expect((broken[0]["error"] as? String)?.contains("memory2/state") == true, "\(broken)")
      try Data("online\n".utf8).write(to: copy.appending(path: "memory2/state"))
      #expect(try Command("fleet", copy.path, "-o", output.path).status == 0)
      #expect(try rows(output).map { $0["outcome"] as? String } == ["ok"])
      // Hosts that are called like entries of /sys are hosts.
      let hosts = folder.appending(path: "hosts")
      for name in ["0", "node1"] {
        try FileManager.default.createDirectory(
          at: hosts.appending(path: name),
          withIntermediateDirectories: true
        )
        try Data(try Log.named("aws-r5d-xlarge-32g").bytes).write(to: hosts.appending(path: "\(name)/dmesg"))
      }
      #expect(try Command("fleet", hosts.path, "-o", output.path).status == 0)
      #expect(try rows(output).map { $0["host"] as? String } == ["0", "node1"])
    }
  }
}
