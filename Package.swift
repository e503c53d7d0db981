// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "tdxbench",
  products: [
    .library(name: "TDXMemory", targets: ["TDXMemory"])
  ],
  dependencies: [],
  targets: [
    // The core: no I/O, no Foundation.
    .target(name: "TDXMemory"),
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
  ],
  swiftLanguageModes: [.v6]
)
