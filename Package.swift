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
    // Vectors, the slow oracle and random maps, for the tests of every module.
    .target(
      name: "TestSupport",
      dependencies: ["TDXMemory"],
      path: "Tests/TestSupport",
      resources: [.copy("Vectors"), .copy("Logs")]
    ),
    .testTarget(name: "TDXMemoryTests", dependencies: ["TDXMemory", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
