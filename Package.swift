// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "tdxbench",
  products: [
    .library(name: "TDXMemory", targets: ["TDXMemory"]),
    .library(name: "MapReaders", targets: ["MapReaders"]),
    .executable(name: "tdxbench", targets: ["tdxbench"]),
  ],
  dependencies: [
    // The command line: parsing, --help, usage errors with exit status 64.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // File descriptors and errno as types.
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // The core: no I/O, no Foundation.
    .target(name: "TDXMemory"),
    // The only place that reads files and text.
    .target(
      name: "MapReaders",
      dependencies: ["TDXMemory", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .executableTarget(
      name: "tdxbench",
      dependencies: [
        "TDXMemory", "MapReaders",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    // Vectors, the slow oracle and random maps, for the tests of every module.
    .target(
      name: "TestSupport",
      dependencies: ["TDXMemory"],
      path: "Tests/TestSupport",
      resources: [.copy("Vectors")]
    ),
    .testTarget(name: "TDXMemoryTests", dependencies: ["TDXMemory", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
