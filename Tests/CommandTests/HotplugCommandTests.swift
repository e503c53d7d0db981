import Foundation
import TestSupport
import Testing

@Suite struct HotplugCommandTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()

  static let scenarios: [String] = {
    let folder = root.appendingPathComponent("Examples/hotplug").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".script") }.sorted()
  }()

  @Test func thereAreScenarios() { #expect(Self.scenarios.count == 10) }

  /// Runs the command that the first line of a scenario tells. Expect every outcome that it expects.
  @Test(arguments: scenarios) func scenario(name: String) throws {
    let file = Self.root.appendingPathComponent("Examples/hotplug/\(name)")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let words = lines[0].split(separator: " ").map(String.init)
    try #require(words.prefix(3) == ["#", "$", "tdxbench"])
    let arguments = words.dropFirst(3).map { word in
      word.hasPrefix("Examples/") ? Self.root.appendingPathComponent(word).path : word
    }
    let operations = lines.filter { !$0.hasPrefix("#") }
    #expect(operations.allSatisfy { $0.contains("# expect ") })
    let run = try Command(arguments)
    #expect(run.errors == "")
    #expect(run.status == 0)
    #expect(run.output.contains(operations[0].split(separator: "#")[0].trimmingCharacters(in: .whitespaces)))
    let json = try Command(arguments + ["--format", "json"])
    #expect(json.output.split(separator: "\n").count == operations.count)
  }

  private let map = #"{"regions":[[1048576,2147483648,0],[4294967296,8589934592,0]]}"#

  /// Expect one object a line, with these members in this order.
  @Test func jsonOfAScript() throws {
    try withFolder { folder in
      let script = folder.appendingPathComponent("a.script").path
      try "# story\noffline 34\n\ninit-tdx\nadd 16G+128M node 1\nonline 0x80\n".write(
        toFile: script,
        atomically: true,
        encoding: .utf8
      )
      let run = try Command("hotplug", "-", "--script", script, "--format", "json", input: map)
      #expect(run.status == 0)
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines[0].hasPrefix(#"{"line":2,"op":"offline 34","outcome":"ok","why":""#))
      #expect(lines[3].hasPrefix(#"{"line":6,"op":"online 0x80","outcome":"EPERM","why":""#))
    }
  }

  /// Expect what has commas to be quoted, in the table of classes a row for each, and as many absent blocks as lie
  /// below the last one.
  @Test func csv() throws {
    try withFolder { folder in
      let script = folder.appendingPathComponent("a.script").path
      try "offline 34\nquery 4G+1G\n".write(toFile: script, atomically: true, encoding: .utf8)
      let run = try Command("hotplug", "-", "--script", script, "--format", "csv", input: map)
      #expect(run.status == 0)
      #expect(
        run.output == """
          line,op,outcome,why
          1,offline 34,ok,"[0x110000000, 0x118000000) is offline"
          2,query 4G+1G,EINVAL,TDX is not initialised: there is no snapshot

          """
      )
    }
    let classes = try Command("hotplug", "-", "--format", "csv", input: map)
    #expect(
      classes.output == """
        class,blocks
        offlineable,46
        one-way,0
        foreign,0
        pinned,1
        hole,0
        multi-zone,1
        multi-node,0
        absent,16

        """
    )
    #expect(try Command("hotplug", "-", input: map).output.contains("16 absent      ENOENT"))
  }

  /// Expect exit status 1 and the line named where an outcome differs, the script done to its end all the same.
  @Test func anOutcomeThatDiffers() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("map.json").path
      try map.write(toFile: file, atomically: true, encoding: .utf8)
      let run = try Command(
        "hotplug",
        file,
        "--script",
        "-",
        input: "offline 34 # expect EBUSY\nonline 34 # expect ok\n"
      )
      #expect(run.status == 1)
      #expect(run.errors.contains("standard input:1: expected EBUSY, got ok: `offline 34`"))
      #expect(run.output.contains("online 34"))
      let script = "offline 34\nfrob 3\n"
      let bad = try Command("hotplug", file, "--script", "-", input: script)
      #expect(bad.status == 65)
      #expect(bad.output == "")
      #expect(bad.errors.contains("standard input:2: unknown operation"))
      #expect(bad.errors.contains("`frob 3`"))
    }
  }

  @Test func usageAndInputErrors() throws {
    #expect(try Command("hotplug").status == 64)
    #expect(try Command("hotplug", "-", "--script", "-").status == 64)
    #expect(try Command("hotplug", "x", "--block-size", "100M").status == 64)
    #expect(try Command("hotplug", "x", "--hypervisor", "--cxl-advice", "1G").status == 64)
    #expect(try Command("hotplug", "no-such-file").status == 66)
    #expect(try Command("hotplug", Log.path("tdx-1t-5cmr"), "--script", "no-such-file").status == 66)
    #expect(try Command("hotplug", Log.path("tdx-1t-5cmr"), "-o", "/no/such/folder/x").status == 74)
    #expect(try Command("hotplug", Log.path("cxl-srat-fragments")).status == 65)
    #expect(try Command("hotplug", "--help").status == 0)
  }

  /// Every log of a machine. Expect a summary in 80 columns, and as many rows as there are blocks in every format.
  @Test func everyLogIsSummedUp() throws {
    for log in try Log.all() where log.name != "cxl-srat-fragments.log" {
      let path = Log.path(String(log.name.dropLast(4)))
      let text = try Command("hotplug", path)
      #expect(text.status == 0, "\(log.name)")
      for line in text.output.split(separator: "\n") {
        // A word longer than a line stays whole: the name of the log's file.
        #expect(line.count <= 80 || line.contains(log.name), "\(log.name): \(line)")
      }
      #expect(text.output.contains("Picture   a cell is"), "\(log.name)")
      let json = try Command("hotplug", path, "--blocks", "--format", "json")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      )
      let blocks = try #require(object["blocks"] as? [[String: Any]])
      #expect(blocks.count == object["blocks_total"] as? Int, "\(log.name)")
      let classes = try #require(object["classes"] as? [String: Int])
      #expect(classes.values.reduce(0, +) == blocks.count, "\(log.name)")
      let last = try #require(blocks.last?["block"] as? Int)
      #expect(object["blocks_absent"] as? Int == last + 1 - blocks.count, "\(log.name)")
      let csv = try Command("hotplug", path, "--blocks", "--format", "csv")
      #expect(csv.output.split(separator: "\n").count == blocks.count + 1, "\(log.name)")
      #expect(csv.output.hasPrefix("block,start,end,node,state,class,returns\n0,0x0,"), "\(log.name)")
      let table = try Command("hotplug", path, "--blocks")
      #expect(table.output.split(separator: "\n").count == blocks.count + 1, "\(log.name)")
    }
  }

  /// Expect the machine's own block size to count, a given one more, and a wrong one to be refused.
  @Test func theBlockSizeComesFromSomewhere() throws {
    func lsmem(_ blocks: String) -> String {
      #"{"memory":[{"range":"0x0-0x7fffffff","state":"online","block":""# + blocks + #""}]}"#
    }
    #expect(
      try Command("hotplug", "-", input: lsmem("0-7")).output.contains("of 256 MiB, as the machine says")
    )
    #expect(
      try Command("hotplug", "-", "--block-size", "1G", input: lsmem("0-7")).output.contains(
        "of 1 GiB, as given"
      )
    )
    #expect(try Command("hotplug", "-", input: lsmem("0-31")).status == 65)
    func json(_ size: String) -> String { map.dropLast() + #","block_size":\#(size)}"# }
    for size in ["1073741824", #""0x40000000""#] {
      let run = try Command("hotplug", "-", input: json(size))
      #expect(run.output.contains("of 1 GiB, as the machine says"), "\(size)")
    }
    #expect(try Command("hotplug", "-", input: json("null")).output.contains("of 128 MiB: RAM ends"))
    #expect(try Command("hotplug", "-", input: json("5")).status == 65)
    #expect(try Command("hotplug", "-", input: json(#""big""#)).errors.contains("block_size"))
    #expect(try Command("plan", "-", input: json("5")).status == 0)
    #expect(try Command("hotplug", "-", "--hypervisor", input: map).output.contains("below 64 GiB"))
  }

  @Test func theHostIsSummedUpAsFarAsItCanBeRead() throws {
    let run = try Command("hotplug", "--host")
    // In a container nothing may be readable; then it says so.
    #expect(run.status == 0 || run.status == 65)
    if run.status == 0 { #expect(run.output.contains("Blocks    of ")) }
  }

  /// A map of 2^52 bytes and of all there is. Expect an answer at once, and a refusal to list 2^37 blocks.
  @Test func hugeMaps() throws {
    let all = #"{"regions":[["0x100000","0xfffffffffffff000",0]]}"#
    let summary = try Command("hotplug", "-", "--block-size", "128M", input: all)
    #expect(summary.status == 0)
    #expect(summary.output.contains("137438953472 blocks"))
    let list = try Command("hotplug", "-", "--blocks", "--block-size", "128M", input: all)
    #expect(list.status == 1)
    #expect(list.errors.contains("too many to list"))
  }
}
