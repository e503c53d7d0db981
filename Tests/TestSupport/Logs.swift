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

/// The folder that executables are built into.
public var productsFolder: URL { Bundle.module.bundleURL.deletingLastPathComponent() }
