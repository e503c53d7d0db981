import Foundation

/// A pipe that a thread writes `bytes` into, `chunk` bytes at a time.
public final class FedPipe {
  public let readEnd: Int32

  public init(_ bytes: [UInt8], chunk: Int) {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    readEnd = ends[0]
    let writeEnd = ends[1]
    Thread.detachNewThread {
      for start in stride(from: 0, to: bytes.count, by: chunk) {
        let piece = Array(bytes[start..<min(start + chunk, bytes.count)])
        precondition(write(writeEnd, piece, piece.count) == piece.count)
      }
      close(writeEnd)
    }
  }

  deinit { close(readEnd) }
}
