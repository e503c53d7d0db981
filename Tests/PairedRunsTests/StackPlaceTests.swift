import Foundation
import RandomNumbers
import SystemIO
import TestSupport
import Testing

@testable import PairedRuns

@Suite("where the stacks of two builds begin", .serialized) struct StackPlaceTests {
  /// Where a build's stack begins when it is started as a child is: the 28th word of /proc/self/stat.
  private func startOfStack(_ build: Build, _ variable: String) throws -> UInt64 {
    let (input, output) = (try TemporaryFile(), try TemporaryFile())
    var process: RunningProcess?
    let isFixed = StackPlaces.withFixedAddresses {
      process = RunningProcess(
        build.program,
        ["tdxbench"] + build.arguments,
        input: input.descriptor,
        output: output.descriptor,
        errors: output.descriptor,
        environment: ["PATH=/usr/bin:/bin", variable]
      )
    }
    #expect(isFixed)
    #expect(try #require(process).wait() == .status(0))
    let words = output.text.split(separator: " ")
    return try #require(UInt64(words[27]))
  }

  /// Whether the system lets programs lie at fixed addresses: some containers do not.
  static let isAllowed = StackPlaces.withFixedAddresses {}

  @Test(
    "cat, and a link to it at a longer path with more arguments. Expect both stacks at one place, moved as far as was asked",
    .enabled(if: isAllowed)
  )
  func places() throws {
    let copy = FileManager.default.temporaryDirectory.appending(path: "a-longer-name-\(UUID())")
    // A link: what is just written cannot be started while a child of another test has it open.
    try FileManager.default.createSymbolicLink(atPath: copy.path, withDestinationPath: "/bin/cat")
    defer { try? FileManager.default.removeItem(at: copy) }
    let builds = [
      Build(label: "cat", program: "/bin/cat", arguments: ["/proc/self/stat"]),
      Build(label: "copy", program: copy.path, arguments: ["-u", "--", "/proc/self/stat"]),
    ]
    var starts: [Int: UInt64] = [:]
    for place in [0, 16, 4080] {
      let places = StackPlaces(for: builds, place: place)
      let both = try (0...1).map { try startOfStack(builds[$0], places.variable(of: $0)) }
      #expect(both[0] == both[1], "\(place): \(both)")
      #expect(try startOfStack(builds[0], places.variable(of: 0)) == both[0])
      starts[place] = both[0]
    }
    #expect(starts[0]! - starts[16]! == 16 && starts[0]! - starts[4080]! == 4080)
  }

  @Test(
    "places drawn 10,000 times. Expect each of 256 in a page, and the same distance between the two sides"
  )
  func drawn() {
    let builds = [
      Build(label: "a", program: "/a", arguments: ["x"]),
      Build(label: "b", program: "/a/longer/path", arguments: ["x"]),
    ]
    var random = SplitMix64(seed: 1)
    var places: Set<Int> = []
    for _ in 0..<10_000 {
      let padding = StackPlaces.drawn(for: builds, using: &random).padding
      #expect(padding[0] - padding[1] == "/a/longer/path".count - "/a".count)
      places.insert(padding[1])
    }
    #expect(places == Set(stride(from: 0, to: 4096, by: 16)))
  }
}

@Suite("builds of the same program") struct LoadedBytesTests {
  private func isSame(_ change: (inout Data) -> Void) throws -> Bool {
    let program = productsFolder.appending(path: "turn-stub")
    var bytes = try Data(contentsOf: program)
    change(&bytes)
    let copy = FileManager.default.temporaryDirectory.appending(path: "program-\(UUID())")
    try bytes.write(to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let build = Build(label: "a", program: program.path, arguments: [])
    return build.isSameProgram(as: Build(label: "b", program: copy.path, arguments: []))
  }

  @Test(
    "a copy; one with other debug information and elsewhere; one with another byte of code. Expect same, same, other"
  )
  func copies() throws {
    #expect(try isSame { _ in })
    // What is not loaded lies at the end, with the sections' table, whose place the head tells.
    #expect(try isSame { $0 += Data("more debug information".utf8) })
    #expect(try isSame { $0[41] ^= 1 })
    // The first bytes of the program headers' successor are loaded.
    #expect(try !isSame { $0[$0.startIndex + 0x400] ^= 1 })
  }

  @Test("what is no program, cut anywhere. Expect not the same, and no crash")
  func broken() throws {
    #expect(try !isSame { $0 = Data() })
    #expect(try !isSame { $0 = Data("#!/bin/sh".utf8) })
    for length in stride(from: 0, to: 800, by: 7) { #expect(try !isSame { $0 = $0.prefix(length) }) }
    // A table of headers beyond the end, and one that overflows.
    for byte in 32..<40 { #expect(try !isSame { $0[byte] = 0xff }) }
  }
}
