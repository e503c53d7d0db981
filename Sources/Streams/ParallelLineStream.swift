import Glibc
import SystemIO

/// Answers a stream of lines on several threads, in order. A batch ends when it is full or when no more input is waiting.
final class ParallelLineStream {
  private let input: Int32
  private let output: Int32
  private let answerers: [any LineAnswerer]
  /// One thread reads at a time.
  private var reader: LineReader
  private var hasEnded = false
  /// Why reading ended, while lines from before that are still to be answered.
  private var readFailure: SystemError?
  /// Two ends of a pipe: the second one is closed when writing has failed, which wakes a thread that waits for input.
  private var alarm: (wait: Int32, ring: Int32) = (-1, -1)
  private var work: OrderedWork<LineBatch>?

  init(
    _ input: Int32,
    _ output: Int32,
    limit: Int,
    threads: Int,
    _ makeAnswerer: () -> any LineAnswerer
  ) {
    self.input = input
    self.output = output
    reader = LineReader(input, limit: limit)
    answerers = (0..<threads).map { _ in makeAnswerer() }
  }

  /// Answers all lines, on this thread too.
  ///
  /// - Returns: whether every line was a request.
  func run() throws(SystemError) -> Bool {
    let pipe = try Pipe()
    alarm = (pipe.reading, pipe.writing)
    var batches: [LineBatch] = []
    let work = OrderedWork(
      threads: answerers.count,
      makeBatch: {
        batches.append(LineBatch())
        return batches[batches.count - 1]
      },
      .init(
        take: { (batch, thread) throws(SystemError) in try self.read(batch, self.answerers[thread]) },
        work: { batch, thread in batch.answer(with: self.answerers[thread]) },
        finish: { (batch) throws(SystemError) in try batch.flush(to: self.output) },
        stop: {
          close(self.alarm.ring)
          self.alarm.ring = -1
        }
      )
    )
    self.work = work
    // The steps hold this object, and it holds the work.
    defer { self.work = nil }
    defer {
      close(alarm.wait)
      if alarm.ring >= 0 { close(alarm.ring) }
    }
    try work.run()
    return batches.allSatisfy(\.isClean)
  }

  /// Waits for lines and puts them into a batch.
  ///
  /// - Parameter answerer: for a line that is too long for a batch: it is answered where it lies, while no other thread
  ///   reads.
  /// - Returns: whether there is anything in the batch.
  private func read(_ batch: LineBatch, _ answerer: any LineAnswerer) throws(SystemError) -> Bool {
    if let readFailure { throw readFailure }
    do throws(SystemError) {
      while try fill(batch, answerer) {
        if try !hasInput(wait: batch.isEmpty), !batch.isEmpty { break }
        if try !reader.fill() { hasEnded = true }
      }
    } catch {
      guard !batch.isEmpty else { throw error }
      readFailure = error
    }
    return !batch.isEmpty
  }

  /// Takes lines that have been read.
  ///
  /// - Returns: whether the batch takes more.
  private func fill(_ batch: LineBatch, _ answerer: any LineAnswerer) throws(SystemError) -> Bool {
    while !batch.isFull {
      guard let line = reader.nextBuffered() else { return !hasEnded }
      batch.append(line, number: reader.number, answerer)
    }
    return false
  }

  /// Whether there is something to read, or the end of the input.
  private func hasInput(wait: Bool) throws(SystemError) -> Bool {
    // poll(2) looks past what is no descriptor; the read that follows says so.
    guard input >= 0 else { return true }
    var waiting = [
      pollfd(fd: input, events: Int16(POLLIN), revents: 0),
      pollfd(fd: alarm.wait, events: Int16(POLLIN), revents: 0),
    ]
    repeat {
      // Where the call fails, the read that follows says why.
      if poll(&waiting, 2, wait ? -1 : 0) < 0, errno != EINTR { return true }
      if waiting[1].revents != 0, let failure = work?.failure { throw failure }
    } while wait && waiting[0].revents == 0
    return waiting[0].revents != 0
  }
}
