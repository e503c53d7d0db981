/// What comes of one host of a fleet: its figures, or why it could not be read.
public struct HostRow: Sendable {
  public var host: String
  public var result: Result<HostFigures, HostError>

  public init(host: String, result: Result<HostFigures, HostError>) {
    (self.host, self.result) = (host, result)
  }
}

/// Why a host could not be read, as a sentence without its end.
public struct HostError: Error, Hashable, Sendable {
  public var message: String

  public init(_ message: String) { self.message = message }
}
