import Glibc
import TerminalText

/// When and how a run was started.
public struct RunFacts: Codable, Hashable, Sendable {
  /// The moment in UTC, as in `2026-03-01T12:00:00Z`.
  public var date: String
  /// The program's name and its arguments. Of a path only the last part is kept, because records are published.
  public var command: [String]

  /// - Parameter time: seconds since 1970.
  public init(time: Int = Glibc.time(nil), arguments: [String] = CommandLine.arguments) {
    var seconds = time_t(time)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let day = [parts.tm_mon + 1, parts.tm_mday].map(Self.twoDigits).joined(separator: "-")
    let hour = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(Self.twoDigits).joined(separator: ":")
    date = "\(Int(parts.tm_year) + 1900)-\(day)T\(hour)Z"
    command = arguments.enumerated().map { index, argument in
      index == 0 ? Self.lastPart(of: argument) : Self.withoutFolders(argument)
    }
  }

  /// The day in UTC, as in `2026-03-01`.
  public var day: String { String(date.prefix { $0 != "T" }) }

  /// The command as one would type it.
  public var commandLine: String {
    command.map(shellWord).joined(separator: " ")
  }

  /// Names of workloads have slashes too: only what a path starts with makes one.
  private static func withoutFolders(_ argument: String) -> String {
    if let equals = argument.firstIndex(of: "="), argument.hasPrefix("-") {
      return argument[...equals] + withoutFolders(String(argument[argument.index(after: equals)...]))
    }
    let isPath = argument.hasPrefix("/") || argument.hasPrefix("~") || argument.hasPrefix(".")
    return isPath ? lastPart(of: argument) : argument
  }

  private static func lastPart(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
