// swift-tools-version: 6.1
import PackageDescription

// A program of one's own on tdxbench's libraries. `path` is for this checkout; elsewhere it is a URL or another path.
let package = Package(
  name: "PlanAMap",
  dependencies: [.package(name: "tdxbench", path: "../..")],
  targets: [
    .executableTarget(
      name: "PlanAMap",
      dependencies: [
        .product(name: "MapReaders", package: "tdxbench"), .product(name: "TDXMemory", package: "tdxbench"),
      ]
    )
  ]
)
