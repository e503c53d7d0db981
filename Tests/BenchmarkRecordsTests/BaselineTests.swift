import BenchmarkKit
import BenchmarkRecords
import Foundation
import TestSupport
import Testing

private let conditions = BaselineConditions(toolchain: "Swift 6.3.1, glibc 2.36", processor: "Example")

private func baselines(_ names: [String], allocations: Int = 2) -> Baselines {
  let one = Baseline(
    result: nasty,
    allocations: allocations,
    allocatedBytes: 64,
    instructions: .max,
    ratioToReference: 0.8125,
    ratioToMemcpy: 52.19
  )
  return Baselines(
    conditions: conditions,
    workloads: Dictionary(uniqueKeysWithValues: names.map { ($0, one) })
  )
}

/// The first part of a name.
private func group(_ name: String) -> String { String(name.split(separator: "/")[0]) }

@Suite("baselines") struct BaselineTests {
  @Test("written and read. Expect a file for each group, a figure a line, and all of it back")
  func roundTrip() throws {
    try withFolder { folder in
      let target = BaselineFolder("\(folder)/results/baselines/")
      var all = baselines(["a/x", "a/y", "b/z"])
      all.workloads["b/z"] = Baseline(result: "", allocations: nil)
      try target.write(all, group: group)
      let names = try FileManager.default.contentsOfDirectory(atPath: target.path)
      #expect(names.sorted() == ["a.json", "b.json"])
      let text = try String(contentsOfFile: "\(target.path)/a.json", encoding: .utf8)
      #expect(text.contains("\n      \"allocations\": 2,\n"))
      let loaded = try target.load()
      #expect(loaded.workloads["a/x"]?.instructions == .max)
      #expect(loaded.workloads["a/x"]?.result == nasty)
      #expect(loaded.workloads["a/y"]?.ratioToReference == 0.813)
      #expect(loaded.workloads["b/z"] == all.workloads["b/z"])
      #expect(loaded.conditions == conditions)
    }
  }

  @Test("an update. Expect groups without workloads gone, other files kept, and nothing beside")
  func update() throws {
    try withFolder { folder in
      let target = BaselineFolder("\(folder)/baselines")
      try target.write(baselines(["a/x", "b/z"]), group: group)
      try "read me".write(toFile: "\(target.path)/README.md", atomically: false, encoding: .utf8)
      try target.write(baselines(["a/x"], allocations: 3), group: group)
      let names = try FileManager.default.contentsOfDirectory(atPath: target.path)
      #expect(names.sorted() == ["README.md", "a.json"])
      #expect(try target.load().workloads["a/x"]?.allocations == 3)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["baselines"])
    }
  }

  @Test("a folder behind a symbolic link. Expect the link as it was, and the new files behind it")
  func link() throws {
    try withFolder { folder in
      try BaselineFolder("\(folder)/real").write(baselines(["a/x"]), group: group)
      let link = "\(folder)/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real")
      try BaselineFolder(link).write(baselines(["a/x"], allocations: 3), group: group)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "real")
      #expect(try BaselineFolder("\(folder)/real").load().workloads["a/x"]?.allocations == 3)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["link", "real"])
    }
  }

  @Test(
    "a file in the place of the folder, a device that never ends, a pipe. Expect errors, and the file as it was"
  )
  func strangers() throws {
    try withFolder { folder in
      let file = "\(folder)/file"
      try "mine".write(toFile: file, atomically: false, encoding: .utf8)
      let error = #expect(throws: RecordError.self) {
        try BaselineFolder(file).write(baselines(["a/x"]), group: group)
      }
      #expect(error?.kind == .io)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
      let target = "\(folder)/baselines"
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: "\(target)/a.json", withDestinationPath: "/dev/zero")
      let endless = #expect(throws: RecordError.self) { try BaselineFolder(target).load() }
      #expect(endless?.kind == .io && endless?.description.contains("too large") == true)
      try FileManager.default.removeItem(atPath: "\(target)/a.json")
      #expect(mkfifo("\(target)/a.json", 0o600) == 0)
      let empty = #expect(throws: RecordError.self) { try BaselineFolder(target).load() }
      #expect(empty?.kind == .badData)
    }
  }

  @Test("newer figures. Expect them, but ratios only where they moved by more than a tenth")
  func settled() {
    var newer = baselines(["a"], allocations: 9).workloads
    newer["a"]?.ratioToReference = 0.85
    newer["a"]?.ratioToMemcpy = 80
    let updated = baselines(["a", "b"]).updated(with: newer)
    #expect(updated.workloads["a"]?.allocations == 9)
    #expect(updated.workloads["a"]?.ratioToReference == 0.8125)
    #expect(updated.workloads["a"]?.ratioToMemcpy == 80)
    #expect(updated.workloads["b"] == baselines(["b"]).workloads["b"])
  }

  @Test("files that say nothing of the kind. Expect which file, and what is wrong with it")
  func bad() throws {
    let head = #"{"format": 1, "conditions": {"toolchain": "t", "processor": "p"}, "workloads": "#
    for (text, words) in [
      ("", "not JSON"), ("{}", "format: missing"), (head + "[]}", "workloads"),
      (head.replacing("1,", with: "2,") + "{}}", "format 2"),
      (head + #"{"w": {"result": "", "allocations": -1}}}"#, "w: a negative"),
      (head + #"{"w": {"result": "", "ratio_to_memcpy": 0}}}"#, "w: a ratio of 0"),
      (head + #"{"w": {"result": "", "instructions": 1e99}}}"#, "not JSON"),
      (head + #"{"w": {}}}"#, "workloads.w.result: missing"),
      (head + #"{"\u001b[2J": {"result": ""}}}"#, "can be printed"),
    ] {
      try withFolder { folder in
        try text.write(toFile: "\(folder)/bad.json", atomically: false, encoding: .utf8)
        let error = #expect(throws: RecordError.self) { try BaselineFolder(folder).load() }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("bad.json") == true)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      }
    }
    #expect(throws: RecordError.self) { try BaselineFolder("/no/such/folder").load() }
  }

  @Test("one name in two files, two toolchains. Expect that neither is taken")
  func contradictions() throws {
    try withFolder { folder in
      let target = BaselineFolder("\(folder)/baselines")
      try target.write(baselines(["a/x", "b/z"]), group: group)
      let copy = "\(target.path)/c.json"
      try FileManager.default.copyItem(atPath: "\(target.path)/a.json", toPath: copy)
      #expect(throws: RecordError.self) { try target.load() }
      try String(contentsOfFile: copy, encoding: .utf8).replacing("a/x", with: "c/x").replacing(
        "2.36",
        with: "2.40"
      )
      .write(toFile: copy, atomically: false, encoding: .utf8)
      #expect(throws: RecordError.self) { try target.load() }
    }
  }

  @Test("an update killed 50 times, at any moment. Expect old files or new ones, all of one update")
  func killed() throws {
    try withFolder { folder in
      let target = BaselineFolder("\(folder)/baselines")
      var random = SystemRandomNumberGenerator()
      var generations = Set<Int>()
      for _ in 0..<50 {
        let updater = Process()
        updater.executableURL = productsFolder.appendingPathComponent("record-loop")
        updater.arguments = ["--baselines", target.path]
        try updater.run()
        // From its first update on, somewhere within the next ones.
        let before = try? target.load()
        while (try? target.load()) == before, updater.isRunning { usleep(200) }
        usleep(UInt32.random(in: 0..<5000, using: &random))
        kill(updater.processIdentifier, SIGKILL)
        updater.waitUntilExit()
        #expect(updater.terminationReason == .uncaughtSignal)
        let found = try target.load()
        #expect(found.workloads.count == 60)
        let values = Set(found.workloads.values.compactMap(\.allocations))
        #expect(values.count == 1)
        generations.formUnion(values)
        let leftovers = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(leftovers.count { $0.hasPrefix(".tmp-") } <= 1)
      }
      #expect(generations.count > 1)
    }
  }
}
