import MapReaders
import TDXMemory

// Any files of one machine: boot logs, dumps of memblock, /proc/iomem, packed or pasted.
let machine = try readMachine(CommandLine.arguments.dropFirst().map(Input.file))
print("memory from", machine.source, "in", machine.map.count, "regions")

let session = PlanSession()
var options = PlanOptions()
for policy in [Policy.linux, .linuxCMR] {
  options.policy = policy
  let (plan, verdict) = session.plan(machine, options: options, keyIDBits: machine.keyIDBits ?? 6)
  print(policy.rawValue, plan.outcome.rawValue, verdict?.name ?? "no verdict")

  for tdmr in plan.tdmrs {
    let pamts = PAMTLevel.allCases.reduce(0) { $0 + tdmr.pamt($1).size }
    print("  TDMR", hex(tdmr.base), ByteCount(tdmr.size), ByteCount(pamts), tdmr.usedReservedSlots)
  }
  for message in plan.messages { print(" ", message) }
}
