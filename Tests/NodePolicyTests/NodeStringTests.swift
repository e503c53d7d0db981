import NodePolicy
import Testing

/// Node strings as numactl, the kernel, libvirt and QEMU take them, with their errors.
@Suite struct NodeStringTests {
  private let allowed: NodeSet = [0, 2, 3, 6]

  private func numactl(_ text: String) throws -> NodeSet {
    try NodeSet(numactl: text, allowed: allowed, highest: 7)
  }

  @Test(
    arguments: [
      ("6", [6]), ("0-3", [0, 1, 2, 3]), ("0,2-3,6", [0, 2, 3, 6]), ("all", [0, 2, 3, 6]),
      ("!all", [1, 4, 5, 7]),
      ("!0-5", [6, 7]), ("!0,6", [1, 2, 3, 4, 5, 7]), ("+0", [0]), ("+1-3", [2, 3, 6]), ("+0,3", [0, 6]),
      ("!+0", [1, 2, 3, 4, 5, 6, 7]), ("!+all", [1, 4, 5, 7]), ("", []), ("0x6", [6]), ("07", [7]),
      (" 3", [3]),
      ("5-2", [5]), ("0,all", [0, 2, 3, 6]), ("7,7,7", [7]),
    ] as [(String, [Int])]
  )
  func whatNumactlTakes(text: String, nodes: [Int]) throws {
    #expect(try numactl(text) == NodeSet(nodes))
  }

  @Test(arguments: [
    ("8", NodeStringError.outOfRange("8")), ("0-8", .endOutOfRange("8")),
    ("0-4294967295", .endOutOfRange("4294967295")),
    ("18446744073709551616", .outOfRange("18446744073709551616")), ("-1", .outOfRange("-1")),
    ("+4", .outOfRange("4")),
    ("+0-4", .endOutOfRange("4")), ("x", .unparseable("x")), ("0,", .unparseable("")),
    (",", .unparseable(",")),
    ("0-", .missingEnd("")), ("0-x", .missingEnd("x")), ("0 ", .trailing), ("0;1", .trailing),
    ("08", .trailing),
    ("+!0", .unparseable("!0")), ("!!0", .unparseable("!0")), ("all,0", .unparseable("all,0")),
    ("allx", .unparseable("allx")),
    ("netdev:eth0", .needsMachine("netdev:eth0")), ("file:/x", .needsMachine("file:/x")),
    (" ", .unparseable(" ")),
    ("0x", .trailing), ("1e3", .trailing),
  ])
  func whatNumactlRefuses(text: String, error: NodeStringError) {
    #expect(throws: error) { try numactl(text) }
  }

  @Test func theWordsAreThoseOfLibnuma() {
    #expect(NodeStringError.outOfRange("9").description == "node argument 9 is out of range")
    #expect(NodeStringError.endOutOfRange("9").description == "node argument 9 out of range")
    #expect(NodeStringError.unparseable("x").description == "unparseable node description `x'")
  }

  @Test(
    arguments: [
      ("0-3,6", [0, 1, 2, 3, 6]), ("", []), (" 1 , 2\n", [1, 2]), ("0-31:2/8", [0, 1, 8, 9, 16, 17, 24, 25]),
      ("5-7:1/1", [5, 6, 7]), ("1023", [1023]), ("N", [1023]), ("1022-N", [1022, 1023]), ("4:1/1", [4]),
    ] as [(String, [Int])]
  )
  func whatTheKernelTakes(text: String, nodes: [Int]) throws {
    #expect(try NodeSet(kernelList: text) == NodeSet(nodes))
  }

  @Test func allNodesOfTheKernel() throws {
    #expect(try NodeSet(kernelList: "all").count == 1024)
    #expect(try NodeSet(kernelList: "all:1/2").nodes == Array(stride(from: 0, to: 1024, by: 2)))
  }

  @Test(arguments: [
    ("1024", NodeStringError.kernelRange), ("0-4294967295", .kernelRange), ("4294967296", .kernelOverflow),
    ("18446744073709551616", .kernelOverflow), ("3-1", .kernelInvalid), ("x", .kernelInvalid),
    ("1-", .kernelInvalid),
    ("0-7:3/2", .kernelInvalid), ("0-7:0/2", .kernelInvalid), ("0-7:1", .kernelInvalid),
    ("0-7:1/0", .kernelInvalid),
    ("-1", .kernelInvalid), ("^1", .kernelInvalid), ("0x1", .kernelInvalid),
  ])
  func whatTheKernelRefuses(text: String, error: NodeStringError) {
    #expect(throws: error) { try NodeSet(kernelList: text) }
  }

  @Test(
    arguments: [("0-3,^1", [0, 2, 3]), ("5", [5]), ("^0,0", [0]), ("0, 2", [0, 2])] as [(String, [Int])]
  )
  func whatLibvirtTakes(text: String, nodes: [Int]) throws {
    #expect(try NodeSet(libvirt: text) == NodeSet(nodes))
  }

  @Test(arguments: [
    "", "^1", "1-0", "x", "0,", "1024", "0-4294967295", "0-^1", "18446744073709551616", "0-3,^0-1",
  ])
  func whatLibvirtRefuses(text: String) {
    #expect(throws: NodeStringError.bitmap(text)) { try NodeSet(libvirt: text) }
  }

  @Test(arguments: ["", "128", "0-128", "3-1", "x", "0-", "0-4294967295"])
  func whatQEMURefuses(text: String) {
    #expect(throws: NodeStringError.hostNodes(text)) { try NodeSet(hostNodes: text) }
  }

  /// Expect the kernel's way of writing sets, which it reads back.
  @Test(arguments: [[], [0], [0, 1], [0, 1, 2, 6], [1, 3, 5], [1021, 1022, 1023]] as [[Int]])
  func writtenAsItIsRead(nodes: [Int]) throws {
    let set = NodeSet(nodes)
    #expect(set.nodes == nodes)
    #expect(try NodeSet(kernelList: set.description) == set)
  }

  /// Expect node n on the (n mod k)-th of k allowed nodes.
  @Test func relativeNodesAreFolded() {
    #expect(NodeSet([0, 1, 5]).folded(onto: allowed) == [0, 2])
    #expect(NodeSet([3, 1023]).folded(onto: allowed) == [6])
    #expect(NodeSet([0]).folded(onto: []) == [])
  }
}
