// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "tdxbench",
  products: [
    .library(name: "TDXMemory", targets: ["TDXMemory"]),
    .library(name: "MapReaders", targets: ["MapReaders"]),
    .library(name: "MemoryHotplug", targets: ["MemoryHotplug"]),
    .library(name: "SyntheticMaps", targets: ["SyntheticMaps"]),
    .library(name: "BenchmarkKit", targets: ["BenchmarkKit"]),
    // libtdxmemory.so, for programs in other languages.
    .library(name: "tdxmemory", type: .dynamic, targets: ["SharedLibrary"]),
    .executable(name: "tdxbench", targets: ["tdxbench"]),
  ],
  // Versions are exact: what is built is what was tested, also where no Package.resolved is looked at. A newer one is a
  // commit of its own.
  dependencies: [
    // The command line: parsing, --help, usage errors with exit status 64.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // File paths as a type. Children are started with posix_spawn (SystemIO/RunningProcess.swift) and not with
    // swift-subprocess 1.0.2: those that are measured need a stack and a process group of their own making, one way to
    // start them all is less than two, its calls are async, as all callers would have to be up to the commands, and it
    // costs a release build 39 s of processor time (a program of one call, swift-system included, has 3.7 MB).
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    // Pages and pictures: templates that escape everything that comes from an input, where markup put together by hand
    // would have to remember. It brings Foundation with ICU: 58 of the 65 MB of a stripped program.
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
  ],
  targets: [
    // The core: no I/O, no Foundation.
    .target(name: "TDXMemory"),
    // The ground floor, free of TDX. A seed in, the same numbers on every machine out. No I/O, no Foundation.
    .target(name: "RandomNumbers"),
    // Memory that work repeated on it stops allocating. No I/O, no Foundation.
    .target(name: "ReusableMemory"),
    // JSON texts, read and written; without allocation per line where there are streams of them. No I/O, no Foundation.
    .target(name: "JSON", dependencies: ["ReusableMemory"]),
    // The ground floor. Text for a screen: tables, columns, wrapping, colours; and words that are pasted from there.
    .target(name: "TerminalText"),
    // What a program asks of the system: files that are read with a bound or appear whole, lines, children. No Foundation.
    .target(
      name: "SystemIO",
      dependencies: ["CLeftovers", "CLinuxCalls", .product(name: "SystemPackage", package: "swift-system")]
    ),
    // The C edge of signals that end a process: what it was writing goes with it.
    .target(name: "CLeftovers"),
    // The C edge of the processor: an instruction that Swift has no name for.
    .target(name: "CPrefetch"),
    // What lines about TDX in a log mean: leaves, status codes and messages, a table each. No I/O, no Foundation.
    .target(name: "TDXMessages", dependencies: ["TDXMemory", "TerminalText"]),
    // zlib, liblzma and libzstd as the system has them: logs that are packed are read by those who keep these formats.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    // The only place that reads files and text.
    .target(
      name: "MapReaders",
      dependencies: [
        "TDXMemory", "TDXMessages", "TerminalText", "Requests", "JSON", "SystemIO", "CPrefetch", "CZlib",
        "CLZMA",
        "CZstd",
      ]
    ),
    // A seed and a recipe in, a map out. No I/O, no Foundation.
    .target(name: "SyntheticMaps", dependencies: ["RandomNumbers", "TDXMemory"]),
    // Memory blocks that go and come, and the snapshot that TDX holds them against. No I/O, no Foundation.
    .target(name: "MemoryHotplug", dependencies: ["TDXMemory", "CPrefetch"]),
    // NUMA policies, as users write them, against the nodes that TDX can use. No I/O, no Foundation.
    .target(name: "NodePolicy", dependencies: ["MemoryHotplug", "TDXMemory", "TerminalText"]),
    // What to change so that TDX initialises, or costs less. No I/O, no Foundation.
    .target(name: "Advice", dependencies: ["TDXMemory"]),
    // The C edge of the library that others call: its header, tdxmemory.h.
    .target(name: "CTDXMemory"),
    // What the header promises. No I/O, no Foundation.
    .target(
      name: "TDXMemoryLibrary",
      dependencies: ["CTDXMemory", "TDXMemory", "Advice", "Requests", "ReusableMemory"]
    ),
    // How libtdxmemory.so is linked: with the Swift runtime inside, showing nothing but what the header names. Not settings
    // of TDXMemoryLibrary, whose tests are linked otherwise. Swift's runtime cannot be unloaded, so neither can the library.
    .target(
      name: "SharedLibrary",
      dependencies: ["TDXMemoryLibrary"],
      exclude: ["exports.map"],
      linkerSettings: [
        .unsafeFlags([
          "-static-stdlib",
          "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/SharedLibrary/exports.map",
          "-Xlinker", "-z", "-Xlinker", "nodelete",
        ])
      ]
    ),
    // What a verb is asked about one machine, by a command or by a line of a stream, and what comes of it. No I/O.
    .target(
      name: "Questions",
      dependencies: [
        "TDXMemory", "TDXMessages", "MapReaders", "Requests", "Advice", "MemoryHotplug", "NodePolicy",
        "TerminalText",
      ]
    ),
    // Archives of many files, read in one pass: tar, and gzip around it. Free of TDX.
    .target(name: "Archives", dependencies: ["SystemIO", "CZlib"]),
    // What an answer looks like: a folder a verb, a file a format. No I/O, no Foundation.
    .target(
      name: "Answers",
      dependencies: [
        "TDXMemory", "TDXMessages", "MapReaders", "Questions", "Advice", "MemoryHotplug", "NodePolicy",
        "JSON",
        "TerminalText",
      ]
    ),
    // Drawings as marks with coordinates: the memory of a machine with a plan, charts. No I/O, no Foundation.
    .target(name: "Pictures", dependencies: ["TDXMemory"]),
    // SVG and HTML, by templates: pictures alone, and pages of machines and records. No I/O.
    .target(
      name: "Reports",
      dependencies: [
        "TDXMemory", "MapReaders", "Advice", "MemoryHotplug", "Answers", "TerminalText", "Pictures",
        "BenchmarkKit", "BenchmarkRecords", "BenchmarkComparison",
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.embedInCode("Templates")]
    ),
    // Requests, as lines of JSON say them: one frame, a small type a verb. No I/O, no Foundation.
    .target(name: "Requests", dependencies: ["TDXMemory", "TDXMessages", "JSON", "ReusableMemory"]),
    // One request a line in, one answer a line out, without allocation per line. No Foundation.
    .target(
      name: "Streams",
      dependencies: [
        "TDXMemory", "MapReaders", "Requests", "Questions", "Advice", "MemoryHotplug", "NodePolicy",
        "Answers",
        "JSON", "ReusableMemory", "SystemIO",
      ]
    ),
    // Many hosts from folders, archives and streams; a row each, and what they come to.
    .target(
      name: "Fleets",
      dependencies: [
        "Archives", "MapReaders", "Requests", "Questions", "Advice", "Answers", "Streams", "JSON", "SystemIO",
      ]
    ),
    // gperftools: its allocator, with hooks in it that count every allocation exactly, and its profilers.
    .systemLibrary(
      name: "CGPerfTools",
      pkgConfig: "libtcmalloc",
      providers: [.apt(["libgoogle-perftools-dev"])]
    ),
    // The C edge of the measuring: thread-local counters behind the malloc hooks, and the black hole.
    .target(
      name: "CAllocationHooks",
      dependencies: ["CGPerfTools"],
      // set_new_handler, which gperftools asks where memory runs out.
      linkerSettings: [.linkedLibrary("stdc++")]
    ),
    // The C edge of callgrind: its client requests, which tell it what to count.
    .target(name: "CValgrind"),
    // Calls of Linux that Swift's import of the C library leaves out.
    .target(name: "CLinuxCalls"),
    // The C edge of a program's start: descriptors 0 to 2 are open before anything else is.
    .target(name: "CStandardStreams"),
    // Measuring: clock, samples, allocations, statistics, table. Knows nothing of TDX.
    .target(
      name: "BenchmarkKit",
      dependencies: [
        "RandomNumbers", "SystemIO", "TerminalText", "CAllocationHooks", "CGPerfTools", "CValgrind",
      ]
    ),
    // What is kept of a run: the formats that others read, the machine, and folders of records.
    .target(
      name: "BenchmarkRecords",
      dependencies: ["JSON", "SystemIO", "TerminalText", "BenchmarkKit", "CLinuxCalls"]
    ),
    // What two runs or two builds, a run and its baselines, or a year of records have to say. No I/O.
    .target(
      name: "BenchmarkComparison",
      dependencies: ["JSON", "TerminalText", "BenchmarkKit", "BenchmarkRecords"]
    ),
    // Two builds as children that take turns, and the build of an earlier revision.
    .target(
      name: "PairedRuns",
      dependencies: ["RandomNumbers", "SystemIO", "BenchmarkKit", "BenchmarkComparison", "CLinuxCalls"]
    ),
    // What the planner is measured against: the same computation in the shape that it has in Linux, in plain C.
    .target(name: "CReferencePeer", path: "Benchmarks/CReferencePeer"),
    .target(
      name: "ReferencePeer",
      dependencies: ["CReferencePeer", "TDXMemory"],
      path: "Benchmarks/ReferencePeer"
    ),
    // What questions to TDX's snapshot are measured against: a walk of a list, as Linux makes it.
    .target(name: "CSnapshotWalk", path: "Benchmarks/CSnapshotWalk"),
    // What people's tools make of a text before they paste it, for tests and benchmarks.
    .target(name: "Pastings", dependencies: ["CZlib", "CLZMA", "CZstd"]),
    // What is measured, and what must come out.
    .target(
      name: "Workloads",
      dependencies: [
        "TDXMemory", "MapReaders", "MemoryHotplug", "JSON", "Requests", "Streams", "RandomNumbers",
        "SystemIO",
        "SyntheticMaps", "Pastings", "BenchmarkKit", "ReferencePeer", "CReferencePeer", "CSnapshotWalk",
      ],
      path: "Benchmarks/Workloads",
      resources: [.embedInCode("CapturedMaps")]
    ),
    .executableTarget(
      name: "tdxbench",
      dependencies: [
        "TDXMemory", "TDXMessages", "MapReaders", "Advice", "MemoryHotplug", "NodePolicy", "JSON",
        "SystemIO", "TerminalText", "Answers", "Pictures", "Reports", "Requests", "Questions", "Streams",
        "Fleets",
        "SyntheticMaps",
        "BenchmarkKit", "CAllocationHooks",
        "BenchmarkRecords", "BenchmarkComparison", "PairedRuns", "Workloads", "CStandardStreams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      // The Swift runtime and Foundation lie inside: to find and bind shared ones was half of the start of `plan`
      // (scripts/compare-start-up), and an installed program needs no Swift. Modules name the libraries that they need;
      // those that Foundation brings when it is no shared library are named here. lld, because gold warns of a
      // `mktemp` in Foundation that nothing calls. Nothing may depend on this target: it would be linked so as well.
      linkerSettings: [
        .unsafeFlags(["-static-stdlib", "-use-ld=lld"]),
        .linkedLibrary("CoreFoundation"), .linkedLibrary("_FoundationICU"),
        .linkedLibrary("_FoundationCShims"), .linkedLibrary("_FoundationCollections"),
      ]
    ),
    .testTarget(name: "TerminalTextTests", dependencies: ["TerminalText"]),
    // Vectors, the slow oracle and random maps, for the tests of every module.
    .target(
      name: "TestSupport",
      dependencies: ["RandomNumbers", "TDXMemory"],
      path: "Tests/TestSupport",
      resources: [.copy("Vectors"), .copy("Logs"), .copy("Field"), .copy("Captures")]
    ),
    .testTarget(
      name: "ArchivesTests",
      dependencies: ["Archives", "Pastings", "RandomNumbers", "TestSupport"]
    ),
    .testTarget(
      name: "FleetsTests",
      dependencies: ["Fleets", "Questions", "SystemIO", "TDXMemory", "TestSupport"]
    ),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "RandomNumbers", "ReusableMemory"]),
    .testTarget(name: "SystemIOTests", dependencies: ["SystemIO", "RandomNumbers", "TestSupport"]),
    .testTarget(name: "RandomNumbersTests", dependencies: ["RandomNumbers"]),
    .testTarget(name: "TDXMemoryTests", dependencies: ["TDXMemory", "RandomNumbers", "TestSupport"]),
    .testTarget(
      name: "TDXMemoryLibraryTests",
      dependencies: ["CTDXMemory", "TDXMemoryLibrary", "TDXMemory", "RandomNumbers", "TestSupport"]
    ),
    .testTarget(name: "TDXMessagesTests", dependencies: ["TDXMessages"]),
    .testTarget(
      name: "MemoryHotplugTests",
      dependencies: ["Answers", "MemoryHotplug", "TDXMemory", "RandomNumbers", "TestSupport"]
    ),
    .testTarget(
      name: "NodePolicyTests",
      dependencies: ["NodePolicy", "Answers", "MemoryHotplug", "TDXMemory"]
    ),
    .testTarget(
      name: "QuestionsTests",
      dependencies: [
        "Questions", "Advice", "Answers", "MapReaders", "TDXMemory", "TerminalText", "TestSupport",
      ]
    ),
    .testTarget(
      name: "StreamsTests",
      dependencies: [
        "Requests", "Streams", "Answers", "JSON", "SystemIO", "TDXMemory", "RandomNumbers", "TestSupport",
      ]
    ),
    .testTarget(
      name: "MapReadersTests",
      dependencies: [
        "MapReaders", "Pastings", "SystemIO", "TDXMemory", "RandomNumbers", "TestSupport",
      ]
    ),
    .testTarget(
      name: "SyntheticMapsTests",
      dependencies: ["SyntheticMaps", "TDXMemory", "RandomNumbers", "TestSupport"]
    ),
    .testTarget(
      name: "AnswersTests",
      dependencies: ["Answers", "TerminalText", "MapReaders", "TDXMemory", "TestSupport"],
      exclude: ["Golden"]
    ),
    .testTarget(
      name: "PicturesTests",
      dependencies: ["Pictures", "Reports", "MapReaders", "SyntheticMaps", "TDXMemory", "TestSupport"]
    ),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Reports", "MapReaders", "MemoryHotplug", "TDXMemory", "BenchmarkKit", "BenchmarkRecords",
        "TestSupport",
      ]
    ),
    // Optimal plans of logs and recipes beside those of Linux.
    .testTarget(
      name: "OptimalTests",
      dependencies: ["TDXMemory", "MapReaders", "SyntheticMaps", "TestSupport"]
    ),
    .testTarget(
      name: "AdviceTests",
      dependencies: ["Advice", "TDXMemory", "MapReaders", "RandomNumbers", "TestSupport"]
    ),
    // Spoiled logs and requests, the whole way.
    .testTarget(
      name: "HostileInputTests",
      dependencies: [
        "MapReaders", "Pastings", "JSON", "Requests", "Streams", "Answers", "TDXMemory", "RandomNumbers",
        "TestSupport",
      ]
    ),
    // Runs the built executable, which `swift test` builds like all targets; to depend on it would link it in.
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "SyntheticMaps", "SystemIO", "BenchmarkKit", "BenchmarkRecords", "TDXMemory",
        "TestSupport",
      ]
    ),
    .testTarget(name: "BenchmarkKitTests", dependencies: ["BenchmarkKit", "RandomNumbers"]),
    .testTarget(
      name: "BenchmarkComparisonTests",
      dependencies: ["BenchmarkComparison", "BenchmarkRecords", "BenchmarkKit", "RandomNumbers"]
    ),
    // Takes turns, and misbehaves as it is told, for the tests of what is made of it.
    .executableTarget(
      name: "turn-stub",
      dependencies: ["PairedRuns", "BenchmarkKit"],
      path: "Tests/TurnStub"
    ),
    .testTarget(
      name: "PairedRunsTests",
      dependencies: [
        "PairedRuns", "BenchmarkComparison", "BenchmarkKit", "RandomNumbers", "SystemIO", "TestSupport",
        "turn-stub",
      ]
    ),
    .testTarget(
      name: "ReferencePeerTests",
      dependencies: ["ReferencePeer", "CReferencePeer", "TDXMemory", "RandomNumbers", "TestSupport"]
    ),
    // Starts with the libraries of tdxbench and ends, for scripts/compare-start-up.
    .executableTarget(
      name: "empty-program",
      dependencies: [
        "BenchmarkRecords", "MapReaders", "Answers", "SyntheticMaps", "Workloads",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/EmptyProgram"
    ),
    // Plans by turns in Swift and through libtdxmemory.so, for scripts/bench-library.
    .executableTarget(
      name: "library-turns",
      dependencies: ["CTDXMemory", "TDXMemory"],
      path: "Tests/LibraryTurns"
    ),
    // Records until it is killed, for the tests of what is left then.
    .executableTarget(
      name: "record-loop",
      dependencies: ["BenchmarkRecords", "BenchmarkKit"],
      path: "Tests/RecordLoop"
    ),
    .testTarget(
      name: "BenchmarkRecordsTests",
      dependencies: ["BenchmarkRecords", "BenchmarkKit", "TestSupport", "record-loop"]
    ),
  ],
  swiftLanguageModes: [.v6]
)

// For `make fuzz`: a program around libFuzzer, whose runtime the variable names (scripts/sanitized finds it). What it
// calls counts its edges; tests and other packages do not, which would cost time alone.
let libFuzzer = Context.environment["TDXBENCH_FUZZ"]
if let libFuzzer {
  package.targets += [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/CLibFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Advice", "Answers", "Archives", "BenchmarkRecords", "CLibFuzzer", "JSON", "MapReaders",
        "MemoryHotplug",
        "NodePolicy", "PairedRuns", "Questions", "Requests", "Streams", "SystemIO", "TDXMemory",
        "TestSupport",
      ],
      path: "Tests/Fuzzing",
      exclude: ["Seeds", "Words"],
      linkerSettings: [.unsafeFlags([libFuzzer]), .linkedLibrary("stdc++"), .linkedLibrary("m")]
    ),
  ]
  let counters = "-sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table"
  for target in package.targets where target.type == .regular || target.type == .executable {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-Xfrontend", counters])]
  }
}

// For `make sanitize`: what works on memory by hand and on what others wrote, and the tests of it; not the program, which
// takes as long to build again as all of that.
if Context.environment["TDXBENCH_WITHOUT_PROGRAM"] != nil {
  var program: Set = [
    "tdxbench", "Workloads", "PairedRuns", "BenchmarkComparison", "BenchmarkRecords", "BenchmarkKit",
    "Reports",
    "SharedLibrary", "turn-stub", "empty-program", "library-turns", "record-loop", "CommandTests",
    "BenchmarkKitTests",
    "BenchmarkComparisonTests", "BenchmarkRecordsTests", "PairedRunsTests", "ReportsTests", "PicturesTests",
  ]
  if libFuzzer != nil {
    program.subtract(["PairedRuns", "BenchmarkComparison", "BenchmarkRecords", "BenchmarkKit"])
  }
  package.targets.removeAll { program.contains($0.name) }
  package.products.removeAll { ["BenchmarkKit", "tdxmemory", "tdxbench"].contains($0.name) }
}

// For `make docs` alone: a plugin that renders the documentation catalogs. No build needs it, and those who depend on the
// libraries would fetch it and what it depends on.
if Context.environment["TDXBENCH_DOCS"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"))
}
