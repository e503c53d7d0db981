import Foundation

/// A boot log of a real machine, or a fragment of one; its first lines say where it comes from.
public struct Log: Sendable {
  public let name: String
  public let bytes: [UInt8]

  /// All of them, by name.
  public static func all() throws -> [Log] {
    let folder = Bundle.module.url(forResource: "Logs", withExtension: nil)!
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .map { Log(name: $0.lastPathComponent, bytes: Array(try Data(contentsOf: $0))) }
  }

  public static func named(_ name: String) throws -> Log {
    let url = Bundle.module.url(forResource: name, withExtension: "log", subdirectory: "Logs")!
    return Log(name: name + ".log", bytes: Array(try Data(contentsOf: url)))
  }

  /// Where the log lies, for those who pass it to a command.
  public static func path(_ name: String) -> String {
    Bundle.module.url(forResource: name, withExtension: "log", subdirectory: "Logs")!.path
  }
}

/// A file as people paste it, and what it must be read as: one of each kind that a reader has met.
public struct FieldFile: Sendable {
  public let name: String
  public let bytes: [UInt8]
  /// `[start, end, node]` from 1 MiB on; nil where it must be refused, or where only CMRs are there.
  public let expected: [ExpectedRegion]?

  public struct ExpectedRegion: Hashable, Sendable {
    public let start: UInt64
    public let end: UInt64
    public let node: UInt32

    public init(start: UInt64, end: UInt64, node: UInt32) {
      self.start = start
      self.end = end
      self.node = node
    }
  }

  /// All of them, by name.
  public static func all() throws -> [FieldFile] {
    let folder = Bundle.module.url(forResource: "Field", withExtension: nil)!
    let table = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.appendingPathComponent("expected.json"))
    )
    return try (table as! [String: Any]).filter { $0.key != "about" }.sorted { $0.key < $1.key }.map {
      name,
      value in
      FieldFile(
        name: name,
        bytes: Array(try Data(contentsOf: folder.appendingPathComponent(name))),
        expected: (value as? [[Any]])?.map { region in
          ExpectedRegion(start: number(region[0]), end: number(region[1]), node: UInt32(region[2] as! Int))
        }
      )
    }
  }

  private static func number(_ value: Any) -> UInt64 { UInt64((value as! String).dropFirst(2), radix: 16)! }
}

/// The folder that executables are built into.
public var productsFolder: URL { Bundle.module.bundleURL.deletingLastPathComponent() }
