import Questions
import Streams
import SystemIO

/// How far a fleet has been read.
public struct FleetProgress: Sendable {
  public var hosts: UInt64
  /// 0 to 1; nil where it is not known how much there is.
  public var share: Double?
}

/// Many hosts, read and asked about on several threads, and told of in the order of the inputs.
public struct Fleet {
  private let inputs: [String]
  private let question: AdviceQuestion

  /// - Parameter inputs: folders with a file or a folder for each host, tar archives of such (perhaps packed by gzip),
  ///   streams of requests (`.jsonl`, `-` for standard input), or files that tell of one host.
  public init(_ inputs: [String], _ question: AdviceQuestion) {
    self.inputs = inputs
    self.question = question
  }

  /// A host that cannot be read is a row, never the end. Memory: the groups of hosts, some hosts for each thread, and what
  /// the sources say of themselves.
  ///
  /// - Parameters:
  ///   - show: is handed every row, in order, one at a time.
  ///   - tell: is told now and then how far it is.
  /// - Returns: what all rows come to.
  /// - Throws: `SystemError` where an input is not there or cannot be read on, or `show` fails.
  public func read(
    threads: Int,
    show: (HostRow) throws(SystemError) -> Void,
    tell: (FleetProgress) -> Void
  ) throws(SystemError) -> FleetSummary {
    let hosts = try FleetHosts(inputs)
    let layouts = LayoutTable()
    let readers = (0..<threads).map { _ in HostReader(question, layouts) }
    var summary = FleetSummary()
    // The work ends before this call does.
    try withoutActuallyEscaping(show) { (show) throws(SystemError) in
      try withoutActuallyEscaping(tell) { (tell) throws(SystemError) in
        try OrderedWork(
          threads: threads,
          makeBatch: { HostBatch() },
          .init(
            take: { (batch, _) throws(SystemError) in try batch.fill(from: hosts) },
            work: { batch, thread in batch.work(with: readers[thread]) },
            finish: { (batch) throws(SystemError) in
              for row in batch.rows {
                try show(row)
                summary.add(row)
              }
              tell(FleetProgress(hosts: summary.hosts, share: batch.share))
            }
          )
        ).run()
      }
    }
    return summary
  }
}

/// Some hosts that one thread works on, and their rows.
private final class HostBatch {
  /// Work of some hundred microseconds, and where files have to be opened a few of them.
  private static let mostHosts = 32
  private static let mostBytes = 1 << 18

  private var inputs: [HostInput] = []
  private(set) var rows: [HostRow] = []
  private(set) var share: Double?

  /// - Returns: whether there is anything in it.
  func fill(from hosts: FleetHosts) throws(SystemError) -> Bool {
    rows.removeAll(keepingCapacity: true)
    var bytes = 0
    while inputs.count < Self.mostHosts, bytes < Self.mostBytes, let host = try hosts.nextHost() {
      bytes += host.byteCount
      inputs.append(host)
    }
    share = hosts.share
    return !inputs.isEmpty
  }

  func work(with reader: HostReader) {
    for input in inputs { rows.append(reader.row(of: input)) }
    inputs.removeAll(keepingCapacity: true)
  }
}
