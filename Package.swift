// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "tdxbench",
  products: [
    .library(name: "TDXMemory", targets: ["TDXMemory"]),
    .library(name: "MapReaders", targets: ["MapReaders"]),
  ],
  dependencies: [
    // File descriptors and errno as types.
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1")
  ],
  targets: [
    // The core: no I/O, no Foundation.
    .target(name: "TDXMemory"),
    // The only place that reads files and text.
    .target(
      name: "MapReaders",
      dependencies: ["TDXMemory", "PlanJSON", .product(name: "SystemPackage", package: "swift-system")]
    ),
    // One JSON request a line in, one answer a line out, without allocation per line. No Foundation.
    .target(name: "PlanJSON", dependencies: ["TDXMemory"]),
    // Vectors, the slow oracle and random maps, for the tests of every module.
    .target(
      name: "TestSupport",
      dependencies: ["TDXMemory"],
      path: "Tests/TestSupport",
      resources: [.copy("Vectors"), .copy("Logs")]
    ),
    .testTarget(name: "TDXMemoryTests", dependencies: ["TDXMemory", "TestSupport"]),
    .testTarget(name: "PlanJSONTests", dependencies: ["PlanJSON", "TDXMemory", "TestSupport"]),
    .testTarget(name: "MapReadersTests", dependencies: ["MapReaders", "TDXMemory", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
