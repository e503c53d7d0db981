import JSON
import MapReaders
import MemoryHotplug

/// The blocks of a machine one by one, in any format: a ``BlockRow`` each, or an object of JSON.
public struct BlockList {
  private let machine: HotplugMachine
  private let initialized: HotplugAnswer
  private let described: Machine

  /// - Parameters:
  ///   - initialized: what came of initialising TDX on the machine.
  ///   - described: the machine as it was read.
  public init(_ machine: HotplugMachine, initialized: HotplugAnswer, of described: Machine) {
    self.machine = machine
    self.initialized = initialized
    self.described = described
  }

  /// Writes all of them in pieces of some 64 KiB: there may be millions.
  public func write<Failure: Error>(
    as format: HotplugFormat,
    to output: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    var piece = JSONWriter(capacity: 1 << 16)
    begin(format, in: &piece)
    var isFirst = true
    machine.forEachBlockRun { run in
      for block in run.first...run.last where failure == nil {
        if format == .json { piece.append(isFirst ? "\n" : ",\n") }
        append(block, of: run, as: format, to: &piece)
        isFirst = false
        guard piece.count > 1 << 16 else { continue }
        do throws(Failure) { try output(piece.bytes) } catch { failure = error }
        piece.removeAll()
      }
    }
    if let failure { throw failure }
    if format == .json { piece.append("]}\n") }
    try output(piece.bytes)
  }

  private func begin(_ format: HotplugFormat, in piece: inout JSONWriter) {
    switch format {
    case .text: piece.append(utf8: BlockRow.textHeader)
    case .csv: piece.append(utf8: BlockRow.csvHeader)
    case .json:
      piece.appendSummaryMembers(machine, initialized: initialized, of: described)
      piece.append(#","blocks":["#)
    }
  }

  private func append(
    _ block: UInt64,
    of run: BlockRun,
    as format: HotplugFormat,
    to piece: inout JSONWriter
  ) {
    switch format {
    case .text: piece.append(utf8: BlockRow(block, of: run, size: machine.blockSize).text)
    case .csv: piece.append(utf8: BlockRow(block, of: run, size: machine.blockSize).csv)
    case .json: piece.appendBlock(block, of: run, size: machine.blockSize)
    }
  }
}
