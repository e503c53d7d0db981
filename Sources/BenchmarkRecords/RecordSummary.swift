import BenchmarkKit
import Glibc
import SystemIO

/// What a record says of one workload, read from its summary: a few KiB in place of the samples.
public struct RecordSummary: Hashable, Sendable {
  /// The record's folder.
  public let record: String
  /// The moment of the run in UTC, `2026-03-01T12:00:00Z`.
  public let date: String
  public let machine: MachineFacts
  public let commit: String?
  /// Nanoseconds per call: the median.
  public let time: Double
  /// Time over the peer's time, by kind of peer.
  public let ratios: [PeerKind: Double]
  public let allocations: Int?
  public let instructions: UInt64?

  /// Reads the summary of a workload.
  ///
  /// - Parameters:
  ///   - folder: the folder of the record.
  ///   - workload: with `/threads:N` at the end where it ran on several.
  /// - Returns: nil where the record has no such workload.
  /// - Throws: `RecordError` where a file is missing or does not say what it should.
  /// - Complexity: O(bytes of summary.csv), some 40 KB.
  public static func load(_ folder: String, workload: String) throws(RecordError) -> RecordSummary? {
    let file = "\(folder)/summary.csv"
    let bytes = try recording { () throws(SystemError) in try bytesOfFile(file) }
    guard let head = CSVLines(bytes).first else { throw RecordError(.badData, "\(file): is empty") }
    guard let line = CSVLines(bytes).line(startingWith: workload) else { return nil }
    guard head.count == line.count else {
      throw RecordError(.badData, "\(file): \(workload): \(line.count) cells, \(head.count) columns")
    }
    let cells = Dictionary(zip(head, line)) { first, _ in first }
    guard let time = cells["median_ns"].flatMap(Double.init), time > 0, time.isFinite else {
      throw RecordError(.badData, "\(file): \(workload): has no median_ns")
    }
    let about = try Record.decode(Record.About.self, "\(folder)/machine.json")
    var ratios: [PeerKind: Double] = [:]
    for kind in PeerKind.allCases {
      if let ratio = cells[kind.ratioName].flatMap(Double.init), ratio > 0, ratio.isFinite {
        ratios[kind] = ratio
      }
    }
    return RecordSummary(
      record: folder.split(separator: "/").last.map(String.init) ?? folder,
      date: about.run.date,
      machine: about.machine,
      commit: about.build.commit,
      time: time,
      ratios: ratios,
      allocations: cells["allocations"].flatMap { Int($0) },
      instructions: cells["instructions"].flatMap { UInt64($0) }
    )
  }

  /// The same of a record that was read whole.
  public init?(_ record: Record, of workload: Samples.Workload) {
    guard let time = workload.measurement.times?.median, time > 0 else { return nil }
    self.record = record.name ?? record.run.date
    date = record.run.date
    machine = record.machine
    commit = record.build.commit
    self.time = time
    var ratios: [PeerKind: Double] = [:]
    for kind in PeerKind.allCases { ratios[kind] = record.samples.ratio(of: workload, to: kind)?.value }
    self.ratios = ratios
    allocations = workload.allocations?.allocations
    instructions = workload.instructions
  }

  init(
    record: String,
    date: String,
    machine: MachineFacts,
    commit: String?,
    time: Double,
    ratios: [PeerKind: Double],
    allocations: Int?,
    instructions: UInt64?
  ) {
    self.record = record
    self.date = date
    self.machine = machine
    self.commit = commit
    self.time = time
    self.ratios = ratios
    self.allocations = allocations
    self.instructions = instructions
  }

  /// The workloads that a record has.
  public static func workloads(_ folder: String) throws(RecordError) -> [String] {
    let file = "\(folder)/summary.csv"
    let bytes = try recording { () throws(SystemError) in try bytesOfFile(file) }
    return CSVLines(bytes).all.dropFirst().compactMap(\.first)
  }
}

/// Lines of CSV, taken apart only where they are wanted.
struct CSVLines {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var first: [String]? { bytes.isEmpty ? nil : cells(from: 0).cells }

  var all: [[String]] {
    var lines: [[String]] = []
    var start = 0
    while start < bytes.count {
      let (cells, end) = cells(from: start)
      lines.append(cells)
      start = end
    }
    return lines
  }

  /// The line after the first whose first cell is `name`, which has neither quotes nor line ends in it.
  func line(startingWith name: String) -> [String]? {
    let front = Array((name.contains(",") ? "\"\(name)\"," : "\(name),").utf8)
    var start = bytes.isEmpty ? 0 : cells(from: 0).end
    while start < bytes.count {
      if bytes[start...].starts(with: front) { return cells(from: start).cells }
      guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      start = end + 1
    }
    return nil
  }

  /// The cells of the line that starts at a place, and where the next one starts.
  private func cells(from start: Int) -> (cells: [String], end: Int) {
    var cells: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var place = start
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") {
        // Two in a row inside a quoted cell are one.
        if isQuoted, place < bytes.count, bytes[place] == byte {
          cell.append(byte)
          place += 1
        } else {
          isQuoted.toggle()
        }
      } else if isQuoted {
        cell.append(byte)
      } else if byte == UInt8(ascii: ",") {
        cells.append(String(decoding: cell, as: UTF8.self))
        cell = []
      } else if byte == UInt8(ascii: "\n") {
        break
      } else if byte != UInt8(ascii: "\r") {
        cell.append(byte)
      }
    }
    return (cells + [String(decoding: cell, as: UTF8.self)], place)
  }
}
