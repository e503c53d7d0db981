import MemoryHotplug
import TDXMemory
import Testing

@Suite struct ScriptTests {
  /// Expect comments, blank lines, blanks and CRLF to be no operations, and lines to keep their numbers.
  @Test func linesKeepTheirNumbers() throws {
    let script = try HotplugScript(
      "# a story\r\n\r\n  offline 34   # leaves\r\n\tinit-tdx\r\nonline 0x22 movable# expect ok\n"
    )
    #expect(script.lines.map(\.number) == [3, 4, 5])
    #expect(script.lines.map(\.text) == ["offline 34", "init-tdx", "online 0x22 movable"])
    #expect(script.lines.map(\.operation) == [.offline(34), .initializeTDX, .online(34, into: .movable)])
    #expect(script.lines.map(\.expected) == [nil, nil, .ok])
  }

  @Test(arguments: [
    ("add 0x10000000-0x18000000 node 2", HotplugOperation.add(range(2, 3), node: 2)),
    ("add 4G+2G node 0", .add(range(32, 48), node: 0)),
    ("remove 4GiB-0x180000000", .remove(range(32, 48))),
    ("query 4096+1K", .query(AddressRange(unchecked: 4096, 5120))),
    ("query 0x0-0xffffffffffffffff", .query(AddressRange(unchecked: 0, .max))),
    ("check-add 0X0-128M", .checkAdd(range(0, 1))),
    ("pin 1G+4K", .pin(AddressRange(unchecked: 1 << 30, 1 << 30 | 4096))),
    ("unpin 0+0", .unpin(AddressRange(unchecked: 0, 0))), ("online 1 kernel", .online(1, into: .kernel)),
    ("offline 18446744073709551615", .offline(.max)),
  ])
  func operations(text: String, operation: HotplugOperation) throws {
    #expect(try HotplugScript(text).lines.map(\.operation) == [operation])
  }

  @Test(arguments: [
    ("frobnicate 3", ScriptError.Reason.unknown), ("Offline 3", .unknown), ("offline", .usage("offline N")),
    ("offline 3 4", .usage("offline N")), ("offline -1", .block), ("offline +1", .block),
    ("offline 0x", .block),
    ("offline 18446744073709551616", .block), ("online 3 loud", .usage("online N [kernel|movable]")),
    ("add 0-1 2", .usage("add RANGE node N")), ("add 0-1 on 2", .usage("add RANGE node N")),
    ("add 0-1 node x", .node), ("query 5", .range), ("query 1-2-3", .range), ("query -1", .range),
    ("query 0x10-0x1", .rangeEndsFirst), ("query 0xffffffffffffffff+2", .rangeTooHigh),
    ("query 1KB+1", .range), ("query 0x+-1", .range), ("init-tdx now", .usage("init-tdx")),
    ("init-tdx # expect fine", .expectation), ("init-tdx # expect", .expectation),
    ("init-tdx # expect ok please", .expectation),
  ])
  func whatIsNoOperation(text: String, reason: ScriptError.Reason) {
    #expect(throws: ScriptError(line: 2, text: text, reason: reason)) {
      try HotplugScript("init-tdx\n\(text)\n")
    }
    #expect(!reason.description.isEmpty)
  }

  /// Expect one of the comments to say what is expected, and a comment about something else to say nothing.
  @Test func whatIsExpected() throws {
    let script = try HotplugScript(
      """
      offline 1 # as it is # expect EBUSY
      offline 2 # we expect nothing
      offline 3 #expect union
      offline 4 # expect EPERM # for ever
      # expect EPERM
      """
    )
    #expect(script.lines.map(\.expected) == [.busy, nil, .union, .notPermitted])
  }
}
