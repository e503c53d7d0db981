import Foundation
import TestSupport
import Testing

@Suite struct PolicyCommandTests {
  /// Nodes 0, 1 and 6 of 64 GiB each; no CMR holds node 6.
  private let map = """
    0: 0x0000000000001000..0x000000000009ffff 0 NONE
    1: 0x0000000000100000..0x0000000fffffffff 0 NONE
    2: 0x0000001000000000..0x0000001fffffffff 1 NONE
    3: 0x0000002000000000..0x0000002fffffffff 6 NONE
    CMR: [0x100000, 0x2000000000)
    """

  private func answer(_ arguments: String...) throws -> (object: NSDictionary, status: Int32) {
    let run = try Command(["policy", "-", "--format", "json"] + arguments, input: map)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? NSDictionary)
    return (object, run.status)
  }

  /// Dave's question. Expect what interface and issue show.
  @Test func bindToANodeOfCXL() throws {
    let (object, status) = try answer("--", "numactl", "--membind=6", "qemu-kvm", "-m", "4G")
    #expect(status == 1)
    #expect(object["mode"] as? String == "bind")
    #expect(object["requested"] as? [Int] == [6])
    #expect(object["allowed"] as? [Int] == [0, 1, 6])
    #expect(object["capable"] as? [Int] == [0, 1])
    #expect(object["today"] as? [Int] == [6])
    #expect(object["with_tdx"] as? [Int] == [])
    #expect(object["verdict"] as? String == "refused")
    #expect(
      (object["message"] as? String)?.contains("Node 6 is not TDX-capable: 64 GiB outside every CMR.") == true
    )
    #expect(object["suggestion"] as? String == "numactl --membind=0-1 qemu-kvm -m 4G")
  }

  @Test(
    arguments: [
      (["--membind", "0"], "bind", "ok", 0), (["--membind=0,6"], "bind", "warning", 0),
      (["--preferred=6"], "preferred", "warning", 0), (["--preferred-many=0-1"], "preferred-many", "ok", 0),
      (["--interleave=6"], "interleave", "refused", 1),
      (["--weighted-interleave=all"], "weighted-interleave", "warning", 0),
      (["--localalloc"], "local", "ok", 0), ([], "default", "ok", 0),
      (["--cpuset-mems=6"], "default", "refused", 1),
      (["--membind=1", "--cpuset-mems=0"], "bind", "refused", 1),
      (["--membind=0", "--memory=65G"], "bind", "refused", 1),
      (["--membind=+1", "--cpuset-mems", "0-1"], "bind", "ok", 0),
      (["--membind=2", "--relative-nodes"], "bind", "refused", 1),
      (["--membind=3", "--relative-nodes"], "bind", "ok", 0), (["--nodeset", "0-1,^1"], "bind", "ok", 0),
      (["--qemu-object", "host-nodes=0-1,policy=interleave"], "interleave", "ok", 0),
      (["--membind=0", "--movable=0"], "bind", "refused", 1), (["--membind", ""], "bind", "refused", 1),
    ] as [([String], String, String, Int32)]
  )
  func verdicts(arguments: [String], mode: String, verdict: String, status: Int32) throws {
    let run = try Command(["policy", "-", "--format", "json"] + arguments, input: map)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? NSDictionary)
    #expect(object["mode"] as? String == mode)
    #expect(object["verdict"] as? String == verdict)
    #expect(run.status == status)
  }

  @Test(arguments: [
    (["--membind=9"], "node argument 9 is out of range"),
    (["--membind=0-4294967295"], "node argument 4294967295 out of range"),
    (["--membind=18446744073709551616"], "is out of range"),
    (["--membind= "], "unparseable node description"),
    (["--cpuset-mems=1024"], "ERANGE"), (["--cpuset-mems=3-1"], "EINVAL"),
    (["--nodeset=^1"], "Failed to parse bitmap '^1'"),
    (["--membind=0", "--interleave=1"], "Conflicting policies"), (["--memory=lots"], "--memory"),
    (["--membind=0", "--", "numactl", "-l", "x"], "not with both"), (["--"], "no command"),
    // As numactl 2.0.16, which prints its usage where --preferred comes to another number of nodes than one.
    (["--preferred=0,1"], "--preferred: it takes one node; <0,1> is invalid"),
    (["--preferred=0-1"], "<0-1> is invalid"), (["--preferred=all"], "<all> is invalid"),
    (["--preferred=!1"], "<!1> is invalid"), (["--preferred=0,6", "--relative-nodes"], "<0,6> is invalid"),
    (["--", "numactl", "-m", "7", "x"], "numactl -m: node argument 7 is out of range; <7> is invalid"),
  ])
  func wrongUsage(arguments: [String], message: String) throws {
    let run = try Command(["policy", "-"] + arguments, input: map)
    #expect(run.status == 64)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.output == "")
  }

  /// Expect what was added after the snapshot to be told apart, by a scenario that is run first.
  @Test func aScenarioComesFirst() throws {
    try withFolder { folder in
      let script = folder.appendingPathComponent("late.script").path
      let lines = "init-tdx\nadd 512G+2G node 3\n"
      try lines.write(toFile: script, atomically: true, encoding: .utf8)
      let sound = map.split(separator: "\n").filter { !$0.contains("CMR") && !$0.hasPrefix("3:") }.joined(
        separator: "\n"
      )
      let run = try Command("policy", "-", "--membind=3", "--script", script, input: sound)
      // The block is offline, so the node has no memory to allocate from.
      #expect(run.status == 1)
      #expect(run.output.contains("EINVAL"))
      #expect(run.output.contains("2 GiB added after the"))
    }
  }

  /// Expect what the reader has to say of nodes to be told, and the size of QEMU's `-m` to count.
  @Test func notesAndGuestMemory() throws {
    let e820 = "BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable\n"
    let text = try Command("policy", "-", "--membind=0", input: e820)
    #expect(text.output.contains("Note      Nothing says which node"))
    let json = try Command("policy", "-", "--membind=0", "--format", "json", input: e820)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? NSDictionary)
    let notes = try #require(object["notes"] as? [String])
    #expect(notes.contains { $0.hasPrefix("Nothing says which node") })
    // The module refuses node 6, which no CMR holds, and so TDX as a whole.
    let failing = try Command("policy", "-", "--membind=0", input: map)
    #expect(failing.output.contains("Note      This holds once TDX initialises, which it does not"))
    let sound = map.split(separator: "\n").filter { !$0.hasPrefix("3:") }.joined(separator: "\n")
    #expect(try !Command("policy", "-", "--membind=0", input: sound).output.contains("Note"))
    let (large, status) = try answer("--", "numactl", "--membind=0", "qemu-kvm", "-m", "65G")
    #expect(status == 1)
    #expect((large["message"] as? String)?.contains("65 GiB does not fit") == true)
    #expect(try answer("--", "numactl", "--preferred=0", "qemu-kvm", "-m", "4G").status == 0)
  }

  /// Expect each design with what old code meets, in text and JSON.
  @Test func designs() throws {
    let text = try Command("policy", "-", "--designs", "--membind=6", input: map)
    #expect(text.output.split(separator: "\n").filter { $0.hasPrefix("Design ") }.count == 4)
    #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let (object, _) = try answer("--designs", "--membind=6")
    let designs = try #require(object["designs"] as? [[String: Any]])
    #expect(designs.map { $0["design"] as? String } == ["all-memory", "hidden", "masked", "new-abi"])
    #expect(designs.allSatisfy { ($0["old_code"] as? String)?.isEmpty == false })
  }

  @Test func everyLogHasAnAnswer() throws {
    for log in try Log.all() where log.name != "cxl-srat-fragments.log" {
      let run = try Command("policy", Log.path(String(log.name.dropLast(4))), "--membind=0", "--designs")
      #expect(run.status == 0, "\(log.name)")
      #expect(run.output.contains("TDX-capable: node"), "\(log.name)")
    }
    #expect(try Command("policy", "no-such-file").status == 66)
    #expect(try Command("policy").status == 64)
    let high = try Command("policy", "-", input: #"{"regions":[[1048576,1073741824,4096]]}"#)
    #expect(high.status == 65)
    #expect(high.errors.contains("above 1023"))
  }
}
