import Testing

@testable import BenchmarkKit

@Suite struct StackProfileTests {
  private static let harness =
    "_start<0000000000075bf0>;tdxbench_main;$s8tdxbench10RunCommandV3runyyKF<00000000004afff0>;"
    + "$s12BenchmarkKit7ProfileO4loopyy[inline];$s12BenchmarkKit7SubjectV4callyy<000000000042f110>"

  private static let collapsed = """
    \(harness);$s9TDXMemory7PlannerC4planyy<0000000000000010>;$s9TDXMemory5PieceVyy[inline] 30
    \(harness);$s9TDXMemory7PlannerC4planyy<0000000000000010> 60
    \(harness);$s9TDXMemory7PlannerC4planyy<0000000000000010>;$sSa15reserveCapacityyyF[inline];swift_allocObject<00>;malloc 10
    \(harness) 3
    \(harness);GetHeapProfile<00>;malloc 2
    what is no stack
    """

  /// Expect the functions below the call of the subject alone, and what was spent above it apart.
  @Test func theHarnessIsLeftOut() {
    let profile = StackProfile(.cpu, collapsed: Self.collapsed)
    #expect(profile.cost == 100 && profile.harnessCost == 5)
    #expect(profile.stacks.allSatisfy { $0.frames[0] == "$s9TDXMemory7PlannerC4planyy" })
    #expect(profile.stacks[0].frames == ["$s9TDXMemory7PlannerC4planyy", "$s9TDXMemory5PieceVyy"])
    #expect(profile.stacks[2].frames.last == "malloc")
    #expect(profile.text(150) == "1.50 s")
  }

  /// Expect memory to be its that asks the library for it.
  @Test func memoryIsOfTheCodeThatAsks() {
    let profile = StackProfile(.heap, collapsed: Self.collapsed)
    #expect(profile.stacks.map(\.frames.count) == [2, 1, 1])
    let lines = profile.table().split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines.count == 3)
    #expect(lines[1] == ["70.0", "B", "70%", "100", "B", "100%", "$s9TDXMemory7PlannerC4planyy"])
    #expect(lines[2] == ["30.0", "B", "30%", "30.0", "B", "30%", "$s9TDXMemory5PieceVyy"])
  }

  @Test func aFunctionThatCallsItselfCountsOnce() {
    let profile = StackProfile(.cpu, collapsed: "$s12BenchmarkKit1;$s1a;$s1a;$s1a 7\n")
    #expect(profile.table().contains(" 100%  $s1a\n"))
    #expect(StackProfile(.cpu, collapsed: "").table().split(separator: "\n").count == 1)
  }
}
