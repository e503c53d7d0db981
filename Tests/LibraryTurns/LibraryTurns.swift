// Plans machines by turns with Swift's own call and through the functions of a built libtdxmemory.so, in one process, for
// scripts/bench-library: whatever else the machine does meets both alike.
//
//   library-turns LIBRARY [ROUNDS]

import CTDXMemory
import Glibc
import TDXMemory

/// The functions of the library as any C program finds them.
private struct Library {
  typealias Create = @convention(c) () -> OpaquePointer?
  typealias Plan =
    @convention(c) (
      OpaquePointer?, UnsafePointer<tdxmemory_memory>?, UnsafePointer<tdxmemory_options>?,
      UnsafePointer<tdxmemory_buffers>?, UnsafeMutablePointer<tdxmemory_plan_result>?
    ) -> tdxmemory_status

  let create: Create
  let plan: Plan

  init(_ path: String) {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { fail(String(cString: dlerror())) }
    create = unsafeBitCast(dlsym(library, "tdxmemory_create"), to: Create.self)
    plan = unsafeBitCast(dlsym(library, "tdxmemory_plan"), to: Plan.self)
  }
}

private func fail(_ message: String) -> Never {
  let line = "library-turns: \(message)\n"
  _ = line.withCString { write(2, $0, strlen($0)) }
  exit(1)
}

/// A machine, in the shape of each caller.
private struct Machine {
  let name: String
  let calls: Int
  let map: MemoryMap
  let regions: [tdxmemory_region]

  init(_ name: String, calls: Int, _ regions: [MemoryRegion]) throws {
    (self.name, self.calls) = (name, calls)
    map = try MemoryMap(regions)
    self.regions = regions.map { tdxmemory_region(start: $0.start, end: $0.end, node: UInt64($0.node)) }
  }

  /// A server with two sockets and 1 TiB: 8 regions, 5 TDMRs.
  static func server() throws -> Machine {
    try Machine(
      "8 regions, 5 TDMRs",
      calls: 500,
      [
        (0x1000, 0x9f000, 0), (0x10_0000, 0x5d16_9000, 0), (0x5d22_b000, 0x6e9c_f000, 0),
        (0x6f7f_f000, 0x7780_0000, 0), (0x1_0000_0000, 0x40_7a00_0000, 0),
        (0x40_8000_0000, 0x80_7c00_0000, 0), (0x80_8000_0000, 0xc0_7c00_0000, 1),
        (0xc0_8000_0000, 0x100_7c00_0000, 1),
      ].map { MemoryRegion(start: $0.0, end: $0.1, node: $0.2) }
    )
  }

  /// 64 TDMRs of a GiB, with 15 holes and a PAMT in each.
  static func full() throws -> Machine {
    try Machine(
      "960 regions, 64 TDMRs",
      calls: 20,
      (0..<960).map { index in
        let start = UInt64(4 + index / 15) << 30 + UInt64(index % 15) * (68 << 20)
        return MemoryRegion(start: start, end: start + 63 << 20, node: UInt32(index / 15))
      }
    )
  }
}

/// Nanoseconds of this thread's processor time for a call.
private func time(_ calls: Int, _ call: () -> Void) -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }
  let start = now()
  for _ in 0..<calls { call() }
  return (now() - start) / Double(calls)
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

private func hundredths(_ value: Double) -> String {
  let number = Int((value * 100).rounded())
  return "\(number / 100).\(number % 100 < 10 ? "0" : "")\(number % 100)"
}

private struct Turns {
  let library: Library
  let machine: Machine
  let session = PlanSession()

  /// The call of a program in Swift whose map exists.
  func swift() -> UInt64 {
    machine.map.withRegions { regions in
      let (plan, _) = session.plan(regions, convertible: nil, options: PlanOptions(), keyIDBits: 6)
      return plan.pamtBytes
    }
  }

  /// The same with regions that come from elsewhere, checked, and all of the answer read.
  func swiftFromRegions(_ regions: UnsafeMutablePointer<MemoryRegion>) -> UInt64 {
    let storage = RegionStorage(adopting: regions, count: machine.map.count) {}
    guard let map = try? MemoryMap(adopting: storage) else { fail("no map") }
    return map.withRegions { regions in
      let (plan, _) = session.plan(regions, convertible: nil, options: PlanOptions(), keyIDBits: 6)
      var sum: UInt64 = 0
      for tdmr in plan.tdmrs {
        sum &+= tdmr.base
        for slot in 0..<tdmr.usedReservedSlots { sum &+= tdmr.reserved(slot).offset }
      }
      return sum
    }
  }

  /// Takes `rounds` rounds of both and prints a row.
  func run(_ rounds: Int) {
    let handle = library.create()
    let tdmrs = UnsafeMutablePointer<tdxmemory_tdmr>.allocate(capacity: 64)
    let areas = UnsafeMutablePointer<tdxmemory_area>.allocate(capacity: 2048)
    let regions = UnsafeMutableBufferPointer<tdxmemory_region>.allocate(capacity: machine.regions.count)
    _ = regions.initialize(from: machine.regions)
    let same = UnsafeMutableRawPointer(regions.baseAddress!).assumingMemoryBound(to: MemoryRegion.self)
    var memory = tdxmemory_memory(
      regions: regions.baseAddress,
      region_count: regions.count,
      cmrs: nil,
      cmr_count: 0
    )
    var buffers = tdxmemory_buffers(tdmrs: tdmrs, tdmr_capacity: 64, areas: areas, area_capacity: 2048)
    var result = tdxmemory_plan_result()
    func c() -> UInt64 {
      guard library.plan(handle, &memory, nil, &buffers, &result) == 0 else { fail("an error") }
      return result.pamt_bytes
    }
    func cAndRead() -> UInt64 {
      _ = c()
      var sum: UInt64 = 0
      for index in 0..<Int(result.tdmr_count) { sum &+= tdmrs[index].base }
      for index in 0..<Int(result.area_count) { sum &+= areas[index].offset }
      return sum
    }
    compare("a plan", rounds, swift, c)
    compare("regions checked, answer read", rounds, { swiftFromRegions(same) }, cAndRead)
  }

  private func compare(_ what: String, _ rounds: Int, _ swift: () -> UInt64, _ c: () -> UInt64) {

    var (own, other, ratios): ([Double], [Double], [Double]) = ([], [], [])
    var (sum, otherSum): (UInt64, UInt64) = (0, 0)
    for round in 0..<rounds {
      var pair = (0.0, 0.0)
      // Who comes second finds the processor at its pace: they take turns at that, too.
      if round % 2 == 0 { pair.0 = time(machine.calls) { sum &+= swift() } }
      pair.1 = time(machine.calls) { otherSum &+= c() }
      if round % 2 == 1 { pair.0 = time(machine.calls) { sum &+= swift() } }
      own.append(pair.0)
      other.append(pair.1)
      ratios.append(pair.1 / pair.0)
    }
    guard sum == otherSum else { fail("the plans differ") }
    ratios.sort()
    print(
      "\(machine.name), \(what): Swift \(Int(median(own))) ns, C \(Int(median(other))) ns, C/Swift"
        + " \(hundredths(median(ratios))) (\(hundredths(ratios[rounds / 4]))-\(hundredths(ratios[rounds * 3 / 4])))"
    )
  }
}

@main
private enum LibraryTurns {
  static func main() throws {
    guard CommandLine.arguments.count > 1 else { fail("usage: library-turns LIBRARY [ROUNDS]") }
    let library = Library(CommandLine.arguments[1])
    let rounds = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 400
    guard rounds > 0 else { fail("ROUNDS must be at least 1") }
    for machine in [try Machine.server(), try Machine.full()] {
      Turns(library: library, machine: machine).run(rounds)
    }
  }
}
