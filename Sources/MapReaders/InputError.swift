import TerminalText

/// Why an input could not be read: what was wrong, where, and the exit status that goes with it.
public struct InputError: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The bytes are there and do not say what they should.
    case badData
    /// There is no such file.
    case notFound
    /// The system refused: permission, a full disk, a device error.
    case io
    /// There was no memory to read it into.
    case noMemory
  }

  public var kind: Kind
  /// The file as it was named, or `standard input`.
  public var file: String
  /// Counted from 1; nil where no single line is to blame.
  public var line: Int?
  /// The offending text as it stands in the input; control characters and all.
  public var text: String?
  public var message: String

  public init(kind: Kind, file: String, line: Int? = nil, text: String? = nil, message: String) {
    self.kind = kind
    self.file = file
    self.line = line
    self.text = text
    self.message = message
  }

  /// EX_DATAERR, EX_NOINPUT, EX_IOERR or EX_SOFTWARE of sysexits.h.
  public var exitCode: Int32 {
    switch kind {
    case .badData: 65
    case .notFound: 66
    case .io: 74
    case .noMemory: 70
    }
  }
}

extension InputError: CustomStringConvertible {
  /// `FILE:LINE: message: TEXT`, the text in backquotes; on one line whatever the input holds.
  public var description: String {
    let place = line.map { "\(fitForTerminal(file, limit: 160)):\($0)" } ?? fitForTerminal(file, limit: 160)
    let quoted = text.map { ": `\(fitForTerminal($0, limit: 160))`" } ?? ""
    return "\(place): \(fitForTerminal(message, limit: 2000))\(quoted)"
  }
}
