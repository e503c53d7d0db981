import Answers
import MemoryHotplug
import NodePolicy
import TDXMemory
import Testing

/// Policies as people type them.
@Suite struct CommandLineTests {
  private var situation: NodeSituation {
    let nodes = ([0, 1, 6] as [UInt32]).map { number in
      var node = NodeMemory(node: number)
      node.bytes = 64 << 30
      node.capableBytes = number == 6 ? 0 : node.bytes
      node.unconvertibleBytes = node.bytes - node.capableBytes
      return node
    }
    return NodeSituation(nodes, knowsConvertible: true)!
  }

  private func request(_ line: String) throws -> PolicyRequest {
    try situation.request(commandLine: line.split(separator: " ").map(String.init))
  }

  @Test(
    arguments: [
      ("numactl --membind=6 qemu", PolicyMode.bind, [6]), ("numactl --membind 6 qemu", .bind, [6]),
      ("numactl -m 6 qemu", .bind, [6]), ("numactl -m6 qemu", .bind, [6]),
      ("numactl --mem=6 qemu", .bind, [6]),
      ("/usr/bin/numactl -i 0-1 qemu", .interleave, [0, 1]),
      ("numactl --interleave=all qemu", .interleave, [0, 1, 6]),
      ("numactl -p 1 qemu", .preferred, [1]), ("numactl --preferred=1 qemu", .preferred, [1]),
      ("numactl -P 0,1 qemu", .preferredMany, [0, 1]),
      ("numactl --preferred-many=0,1 qemu", .preferredMany, [0, 1]),
      ("numactl -w 0-1 qemu", .weightedInterleave, [0, 1]), ("numactl -l qemu", .local, []),
      ("numactl --localalloc qemu", .local, []), ("numactl qemu", .default, []),
      ("qemu --membind=6", .default, []),
      ("numactl -N 1 -m 1 qemu", .bind, [1]), ("numactl --cpunodebind=0 -m same qemu", .bind, [0]),
      ("numactl -C 0-3 -l qemu", .local, []), ("numactl -bm 1 qemu", .bind, [1]),
      ("numactl -m 1 -- qemu -m 4G", .bind, [1]),
      ("numactl --all -m !6 qemu", .bind, [0, 1, 2, 3, 4, 5]), ("numactl -m +2 qemu", .bind, [6]),
    ] as [(String, PolicyMode, [Int])]
  )
  func numactl(line: String, mode: PolicyMode, nodes: [Int]) throws {
    let request = try request(line)
    #expect(request.mode == mode)
    #expect(request.nodes == NodeSet(nodes))
  }

  @Test(arguments: [
    ("numactl --membind=9 qemu", "numactl --membind: node argument 9 is out of range; <9> is invalid"),
    ("numactl -m 0-9 qemu", "numactl -m: node argument 9 out of range; <0-9> is invalid"),
    ("numactl --membind=0 --interleave=1 qemu", "numactl: Conflicting policies"),
    ("numactl -m", "numactl: option requires an argument -- 'm'"),
    ("numactl --membind", "numactl: option '--membind' requires an argument"),
    ("numactl --localalloc=1 qemu", "numactl: option '--localalloc' doesn't allow an argument"),
    ("numactl --frob qemu", "numactl: unrecognized option '--frob'"),
    ("numactl -z qemu", "numactl: invalid option -- 'z'"),
    ("numactl --p=1 qemu", "numactl: option '--p=1' is ambiguous"),
    ("numactl -m 1", "numactl: there is no program to run"),
    ("numactl -p 0,1 qemu", "numactl -p: it takes one node; <0,1> is invalid"),
    ("numactl --preferred=0-1 qemu", "numactl --preferred: it takes one node; <0-1> is invalid"),
    ("numactl --preferred all qemu", "numactl --preferred: it takes one node; <all> is invalid"),
    ("numactl --preferred=!1 qemu", "numactl --preferred: it takes one node; <!1> is invalid"),
    ("numactl --preferred=!all qemu", "numactl --preferred: it takes one node; <!all> is invalid"),
    ("numactl -m same qemu", "numactl: same needs previous node specification"),
    (
      "qemu -object memory-backend-ram,host-nodes=0-3",
      "host-nodes must be empty for policy default, or you should explicitly specify a policy other than default"
    ),
    ("qemu -object memory-backend-ram,policy=bind", "host-nodes must be set for policy bind"),
    ("qemu -object memory-backend-ram,host-nodes=0,3,policy=bind", "Parameter '3' is unexpected"),
    ("qemu -object memory-backend-ram,host-nodes=200,policy=bind", "Invalid host-nodes value: '200'"),
    ("qemu -object memory-backend-ram,host-nodes=0,policy=nearest", "Invalid parameter 'nearest'"),
  ])
  func whatIsRefused(line: String, message: String) {
    let error = #expect(throws: PolicySyntaxError.self) { try request(line) }
    #expect(error?.description == message)
  }

  /// Expect a memory backend to decide, for it binds the guest's memory whatever the task's policy is.
  @Test func aMemoryBackendOfQEMU() throws {
    let line =
      "numactl -m 0 qemu -m 4G -object memory-backend-ram,id=m0,size=64G,host-nodes=0-1,host-nodes=6,policy=bind"
    let request = try request(line)
    #expect(request.mode == .bind)
    #expect(request.nodes == [0, 1, 6])
    #expect(request.memory == 64 << 30)
    let judgement = PolicyJudgement(request, in: situation)
    #expect(judgement.verdict == .warning)
    #expect(judgement.suggestion == "-object memory-backend-ram,id=m0,size=64G,host-nodes=0-1,policy=bind")
    #expect(try self.request("qemu -object rng-random,id=r").mode == .default)
    #expect(try self.request("qemu -object").mode == .default)
    let bare = try QEMUBackend("host-nodes=0-3,policy=bind").request
    #expect(bare.nodes == [0, 1, 2, 3])
  }

  @Test func aSuggestedBackendIsOneWordOfAShell() throws {
    let backend = try QEMUBackend(
      "memory-backend-ram,id=a b;$(reboot)'x,size=1G,host-nodes=0-1,host-nodes=6,policy=bind"
    )
    #expect(
      PolicyJudgement(backend.request, in: situation).suggestion
        == #"-object 'memory-backend-ram,id=a b;$(reboot)'\''x,size=1G,host-nodes=0-1,policy=bind'"#
    )
  }

  /// Expect `-m` of QEMU to be the guest's memory, where no backend is bound, and of another program to be nothing.
  @Test(
    arguments: [
      ("numactl -m 0 qemu-kvm -m 4G", 4 << 30), ("qemu-system-x86_64 -smp 4 -m 4096", 4 << 30),
      ("/usr/libexec/qemu-kvm -m size=8G,slots=2", 8 << 30), ("kvm -m 1G -m 2G", 2 << 30),
      ("qemu-kvm -m 18446744073709551615", .max), ("qemu-kvm -m", nil), ("qemu-kvm -m lots", nil),
      ("qemu-kvm", nil), ("python3 -m json.tool", nil), ("numactl -m 0 sleep 9", nil),
    ] as [(String, UInt64?)]
  )
  func theGuestsMemory(line: String, bytes: UInt64?) throws {
    #expect(try request(line).memory == bytes)
  }

  @Test func libvirt() throws {
    #expect(try LibvirtNumatune("0-3,^1").request == PolicyRequest(.bind, [0, 2, 3], form: .libvirt))
    let element = try LibvirtNumatune("<memory mode='interleave' nodeset=\"0-1\"/>").request
    #expect(element == PolicyRequest(.interleave, [0, 1], form: .libvirt))
    #expect(throws: PolicySyntaxError.self) { try LibvirtNumatune("mode='best' nodeset='0'") }
    #expect(throws: PolicySyntaxError.self) { try LibvirtNumatune("nodeset='x'") }
    let judgement = PolicyJudgement(try LibvirtNumatune("0-1,6").request, in: situation)
    #expect(judgement.suggestion == "<memory mode='strict' nodeset='0-1'/>")
  }

  /// Expect the suggestion to be the same command with other nodes, as a shell takes it.
  @Test func theSuggestionIsTheCommandWithOtherNodes() throws {
    let request = try situation.request(commandLine: ["numactl", "-m", "6", "qemu", "-name", "it's mine"])
    #expect(
      PolicyJudgement(request, in: situation).suggestion
        == #"numactl --membind=0-1 qemu -name 'it'\''s mine'"#
    )
  }
}
