import Glibc
import SystemIO

/// Answers a stream of lines on several threads, in order.
///
/// All threads do the same: in turn each reads a batch of lines, then answers it while the next one reads. Whoever has
/// answered the oldest batch that is not written yet writes it, and those answered behind it. A batch ends when it is
/// full or when no more input is waiting. A reader that hands batches to others is one thread more than there are
/// processors, and was a tenth slower.
final class ParallelLineStream: @unchecked Sendable {
  // Sendable: what several threads use is guarded by a lock, and a batch belongs to one of them at a time.

  private let input: Int32
  private let output: Int32
  private let answerers: [any LineAnswerer]
  /// A ring: batches are counted through, and lie at their number modulo its size.
  private let batches: [LineBatch]
  /// Two ends of a pipe: the second one is closed when writing has failed, which wakes a thread that waits for input.
  private var alarm: (wait: Int32, ring: Int32) = (-1, -1)

  /// Guards what follows: one thread reads at a time.
  private let reading = Lock()
  private var reader: LineReader
  private var hasEnded = false
  private var readFailure: SystemError?
  /// The batches that have been read.
  private var read = 0

  /// Guards what follows.
  private let ordering = Lock()
  /// The batches that have been written.
  private var written = 0
  /// For each place of the ring whether its batch has been answered and is still to be written.
  private var isAnswered: [Bool]
  private var isWriting = false
  private var writeFailure: SystemError?

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
    // A thread need not wait until the others have caught up.
    batches = (0..<2 * threads).map { _ in LineBatch() }
    isAnswered = [Bool](repeating: false, count: 2 * threads)
  }

  /// Answers all lines, on this thread too.
  ///
  /// - Returns: whether every line was a request.
  func run() throws(SystemError) -> Bool {
    let pipe = try Pipe()
    alarm = (pipe.reading, pipe.writing)
    let others = answerers.dropFirst().compactMap(startThread)
    answerBatches(with: answerers[0])
    for thread in others { pthread_join(thread, nil) }
    close(alarm.wait)
    if alarm.ring >= 0 { close(alarm.ring) }
    if let failure = writeFailure ?? readFailure { throw failure }
    return batches.allSatisfy(\.isClean)
  }

  private func answerBatches(with answerer: any LineAnswerer) {
    while let number = readBatch(answerer) {
      batches[number % batches.count].answer(with: answerer)
      finishBatch(number)
    }
  }

  // MARK: Reading

  /// Waits for lines and puts them into a batch.
  ///
  /// - Parameter answerer: for a line that is too long for a batch: it is answered where it lies, while no other thread
  ///   reads.
  /// - Returns: the batch's number; nil where there will be no more.
  private func readBatch(_ answerer: any LineAnswerer) -> Int? {
    reading.locked {
      guard !hasEnded, hasRoom(for: read) else { return nil }
      let batch = batches[read % batches.count]
      do throws(SystemError) {
        while try fill(batch, answerer) {
          if try !hasInput(wait: batch.isEmpty), !batch.isEmpty { break }
          if try !reader.fill() { hasEnded = true }
        }
      } catch {
        readFailure = error
        hasEnded = true
      }
      guard !batch.isEmpty else { return nil }
      read += 1
      return read - 1
    }
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
      if waiting[1].revents != 0, let failure = ordering.locked({ writeFailure }) { throw failure }
    } while wait && waiting[0].revents == 0
    return waiting[0].revents != 0
  }

  // MARK: Writing

  /// Waits until a batch of the ring is free.
  ///
  /// - Returns: false where nothing can be written any more.
  private func hasRoom(for number: Int) -> Bool {
    ordering.locked {
      while number - written == batches.count, writeFailure == nil { ordering.wait() }
      return writeFailure == nil
    }
  }

  /// Writes what can be written in order, unless another thread is at it: that one will see this batch too.
  private func finishBatch(_ number: Int) {
    let writes = ordering.locked {
      isAnswered[number % batches.count] = true
      guard !isWriting else { return false }
      isWriting = true
      return true
    }
    guard writes else { return }
    while let oldest = nextToWrite() {
      do throws(SystemError) {
        try oldest.flush(to: output)
        ordering.locked {
          isAnswered[written % batches.count] = false
          written += 1
          ordering.wakeAll()
        }
      } catch {
        fail(error)
      }
    }
  }

  /// The oldest batch, if it has been answered; otherwise this thread writes no longer.
  private func nextToWrite() -> LineBatch? {
    ordering.locked {
      let place = written % batches.count
      guard isAnswered[place], writeFailure == nil else {
        isWriting = false
        return nil
      }
      return batches[place]
    }
  }

  private func fail(_ error: SystemError) {
    ordering.locked {
      writeFailure = error
      ordering.wakeAll()
      close(alarm.ring)
      alarm.ring = -1
    }
  }

  // MARK: Threads

  /// What a thread is started with.
  private final class Work {
    let stream: ParallelLineStream
    let answerer: any LineAnswerer

    init(_ stream: ParallelLineStream, _ answerer: any LineAnswerer) {
      self.stream = stream
      self.answerer = answerer
    }
  }

  /// - Returns: nil where the system has no room for another one: then fewer do the work.
  private func startThread(_ answerer: any LineAnswerer) -> pthread_t? {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(self, answerer))
    let status = pthread_create(
      &thread,
      nil,
      { argument in
        let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
        work.stream.answerBatches(with: work.answerer)
        return nil
      },
      work.toOpaque()
    )
    guard status == 0 else {
      work.release()
      return nil
    }
    return thread
  }
}
