import MapReaders

/// What comes of one host of a fleet: its figures, or why it could not be read.
public struct HostRow: Sendable {
  public var host: String
  public var result: Result<HostFigures, HostError>
  /// The host's own kernel and module, or those that are asked about; nil where nothing names them. Hosts of one group
  /// may differ in them.
  public var kernel, moduleVersion: String?

  public init(host: String, result: Result<HostFigures, HostError>) {
    (self.host, self.result) = (host, result)
  }
}

extension Machine {
  /// What its kernel is called, where an input or an option names it.
  public var kernelName: String? { kernel.isNamed ? kernel.release.text : nil }
  /// The same of its module.
  public var moduleName: String? { module?.version.description }
}

/// Why a host could not be read, as a sentence without its end.
public struct HostError: Error, Hashable, Sendable {
  public var message: String

  public init(_ message: String) { self.message = message }
}
