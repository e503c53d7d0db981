import Advice
import Answers
import Archives
import JSON
import MapReaders
import MemoryHotplug
import NodePolicy
import Questions
import Requests
import Streams
import TDXMemory

import struct TestSupport.Machine
import class TestSupport.PlanWays

/// A log, packed and wrapped or not, as `plan` or `explain` reads it; the first byte says by which policy, or for which.
struct LogTarget: FuzzTarget {
  private let session = PlanSession()

  func run(_ input: UnsafeRawBufferPointer) {
    let (choice, rest) = input.split
    guard choice % 4 < Policy.allCases.count else {
      guard let logs = try? readTDXLog(Array(rest), name: "log") else { return }
      return requireFit(
        ExplainText(ExplainedLogs(logs, namedKernel: nil, namedModule: nil), style: .plain).render()
      )
    }
    guard let machine = try? readMachine(texts: [("log", Array(rest))]) else { return }
    answer(machine, Policy.allCases[choice % 4], session)
  }
}

/// A `.tdxmap`, as it stands or with the size and the checksum that a fuzzer cannot find; the first byte says which, and by
/// what policy it is planned.
struct MapTarget: FuzzTarget {
  private let session = PlanSession()

  func run(_ input: UnsafeRawBufferPointer) {
    let (choice, rest) = input.split
    let bytes = choice % 4 == 0 ? Array(rest) : Self.sealed(Array(rest))
    guard let machine = try? readMachine(texts: [("map", bytes)]) else { return }
    answer(machine, Policy.allCases[choice / 4 % Policy.allCases.count], session)
  }

  /// The file with as many regions as it has room for behind the header and up to 15 CMRs, and the checksum of all that.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 64 else { return bytes }
    let cmrs = Int(bytes[24] % 16)
    let regions = max(0, (bytes.count - 64 - 16 * cmrs) / 24)
    var file = Array(bytes[..<16])
    for count in [regions, cmrs] { withUnsafeBytes(of: UInt64(count).littleEndian) { file += $0 } }
    file += [bytes[32] % 53] + [UInt8](repeating: 0, count: 23)
    let contents = bytes[64...].prefix(24 * regions + 16 * cmrs)
    let checksum = file.withUnsafeBytes { header in
      contents.withUnsafeBytes { TDXMapFile.checksum(header: header, contents: $0) }
    }
    withUnsafeBytes(of: checksum.littleEndian) { file += $0 }
    return file + contents
  }
}

/// All that `plan` says of a machine that was read.
private func answer(_ machine: MapReaders.Machine, _ policy: Policy, _ session: PlanSession) {
  let options = PlanOptions(policy: policy)
  let (plan, verdict) = session.plan(machine, options: options, keyIDBits: machine.keyIDBits ?? 6)
  requireFit(PlanText(plan, of: machine, options: options, verdict: verdict, style: .plain).render())
}

/// A line of a stream; its first byte says of which verb.
struct RequestTarget: FuzzTarget {
  private let answerers: [any LineAnswerer] = [
    PlanResponder(defaults: PlanOptions(), defaultKeyIDBits: nil),
    PlanResponder(defaults: PlanOptions(policy: .optimal), defaultKeyIDBits: 6),
    ValidateResponder(defaults: PlanOptions(), defaultKeyIDBits: 6),
    AdviseResponder(defaults: PlanOptions(), defaultKeyIDBits: nil),
    HotplugResponder(defaults: PlanOptions(), defaultKeyIDBits: nil),
    NodePolicyResponder(defaults: PlanOptions(), defaultKeyIDBits: nil),
  ]

  func run(_ input: UnsafeRawBufferPointer) {
    let (choice, line) = input.split
    var writer = JSONWriter()
    _ = answerers[choice % answerers.count].answer(.bytes(line), number: 1, into: &writer)
    let answer = writer.bytes
    require(answer.first == UInt8(ascii: "{"), "the answer is no object: \(answer.text)")
    require(!answer.dropLast().contains(10), "the answer has several lines: \(answer.text)")
  }
}

/// A scenario of `hotplug`, on a machine with two nodes and memory that TDX does not know.
struct ScriptTarget: FuzzTarget {
  private let machine = HotplugMachine(
    try! MemoryMap([
      MemoryRegion(start: 0x1000, end: 0xa_0000, node: 0),
      MemoryRegion(start: 0x10_0000, end: 0x8000_0000, node: 0),
      MemoryRegion(start: 0x1_0000_0000, end: 0x4_8000_0000, node: 0),
      MemoryRegion(start: 0x4_8000_0000, end: 0x8_8000_0000, node: 1),
    ]),
    convertible: [AddressRange(unchecked: 0, 0x8_8000_0000)],
    blockSize: BlockSize(0x800_0000)!
  )

  func run(_ input: UnsafeRawBufferPointer) {
    guard let script = try? HotplugScript(input.text) else { return }
    var machine = machine
    for line in script.lines {
      requireFit(ScriptText.line(line, machine.perform(line.operation), style: .plain))
    }
  }
}

/// A memory policy in the words of numactl, QEMU, libvirt or the kernel; the first byte says of which, and how much is said
/// of it: for one in four all.
struct PolicyTarget: FuzzTarget {
  private let machine = try! readMachine(texts: [("map", PolicyTarget.map)])

  private static let map =
    Array(
      #"{"regions":[[4096,2147483648,0],[4294967296,68719476736,0],[68719476736,137438953472,1]],"#.utf8
    ) + Array(#""cmrs":[[0,68719476736]]}"#.utf8)

  func run(_ input: UnsafeRawBufferPointer) {
    let (choice, rest) = input.split
    let text = rest.text
    var members = NodePolicyMembers()
    switch choice % 8 {
    case 0: members.membind = text
    case 1: members.interleave = text
    case 2: members.cpusetMems = text
    case 3: members.nodeset = text
    case 4: members.qemuObject = text
    case 5: members.movable = text
    case 6: (members.preferred, members.hasRelativeNodes) = (text, true)
    default: members.command = text.split(separator: "\n").map(String.init)
    }
    guard let question = try? PolicyQuestion(members, script: nil),
      let answer = try? question.answer(about: machine, name: "map")
    else { return }
    let designs = choice / 8 % 4 == 0
    requireFit(PolicyText(answer.judgement, notes: answer.notes, style: .plain).render(designs: designs))
  }
}

/// A machine of up to twelve regions: the way to plan it that the first byte names gives what the slow oracle gives, or
/// what `optimal` places the module accepts. Ways on threads are taken by one of 64, for starting those costs most.
struct PlanTarget: FuzzTarget {
  private let ways = PlanWays()
  private let session = PlanSession()

  func run(_ input: UnsafeRawBufferPointer) {
    var bytes = Bytes(input)
    let choice = Int(bytes.next())
    let options = PlanOptions(
      policy: choice.isMultiple(of: 2) ? .linux : .linuxCMR,
      placement: Placement.allCases[Int(bytes.next()) % Placement.allCases.count],
      dynamicPAMT: bytes.next().isMultiple(of: 2),
      limits: ModuleLimits(maxTDMRs: UInt64(bytes.next() % 65), maxReserved: UInt64(bytes.next() % 17))
    )
    let convertible = bytes.ranges(UInt64(bytes.next() % 6)).map(\.range)
    let regions = bytes.ranges(12).map {
      MemoryRegion(start: $0.range.start, end: $0.range.end, node: UInt32($0.rest % 4))
    }
    guard !regions.isEmpty else { return }
    let machine = TestSupport.Machine(regions, convertible: convertible, options)
    let onOneThread = ways.count - ways.onThreads
    switch choice / 2 {
    case 126...127: requireExpected(machine, onOneThread + choice / 2 % ways.onThreads)
    case 96...125: requireAccepted(machine)
    case let way: requireExpected(machine, way % onOneThread)
    }
  }

  private func requireExpected(_ machine: TestSupport.Machine, _ way: Int) {
    let expected = PlanWays.Result(expecting: machine.plainPlan())
    if let (name, result) = try! ways.difference(of: way, on: machine, from: expected) {
      fatalError("\(name): \(result), expected \(expected)\n\(machine)")
    }
  }

  private func requireAccepted(_ machine: TestSupport.Machine) {
    guard let map = try? MemoryMap(machine.regions), !machine.convertible.isEmpty else { return }
    var options = machine.options
    options.policy = .optimal
    map.withRegions { regions in
      machine.convertible.withUnsafeBufferPointer { cmrs in
        let (plan, verdict) = session.plan(regions, convertible: cmrs, options: options, keyIDBits: 6)
        require(
          plan.failure != nil || verdict?.isAccepted == true,
          "\(String(describing: verdict))\n\(machine)"
        )
      }
    }
  }

  /// The input as numbers; zeros behind its end.
  private struct Bytes {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    mutating func next() -> UInt8 { rest.popFirst() ?? 0 }

    /// Ascending, disjoint ranges: gap and length in units of a page, of 2 MiB or of 1 GiB.
    mutating func ranges(_ most: UInt64) -> [(range: AddressRange, rest: UInt8)] {
      var ranges: [(AddressRange, UInt8)] = []
      var end: UInt64 = 0
      while ranges.count < most, !rest.isEmpty {
        let shape = next()
        let start = end + UInt64(next()) << Self.shift(shape & 3)
        end = start + (UInt64(next()) + 1) << Self.shift(shape >> 2 & 3)
        ranges.append((AddressRange(unchecked: start, end), shape >> 4))
      }
      return ranges
    }

    private static func shift(_ choice: UInt8) -> UInt64 { [12, 21, 30, 20][Int(choice)] }
  }
}
