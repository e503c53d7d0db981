/// What kind of yardstick a peer is.
public enum PeerKind: String, CaseIterable, Hashable, Sendable {
  /// The same work, done by the book: in another language, with a library, or on one thread.
  case reference
  /// A copy of the same number of bytes.
  case memcpy
  /// A sum over the same number of bytes: a read of each, and the least that can be done with it.
  case sum
  /// A search for every newline of the same text.
  case memchr
}

/// Something else that a workload's time is held against, in the same run.
public struct Peer: Sendable {
  public let kind: PeerKind
  /// Peers of one name are one: where several workloads have it, it is made and timed once for all of them.
  public let name: String
  /// Makes the peer ready to run. Its result is checked as a workload's is.
  public let makeSubject: @Sendable () throws -> Subject

  public init(_ kind: PeerKind, _ name: String, makeSubject: @escaping @Sendable () throws -> Subject) {
    self.kind = kind
    self.name = name
    self.makeSubject = makeSubject
  }
}
