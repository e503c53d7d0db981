import Glibc
import SystemIO

/// Work on batches by several threads: batches are taken one at a time, worked on at the same time, and finished in the
/// order in which they were taken.
///
/// All threads do the same: in turn each takes a batch, then works on it while the next one takes. Whoever has worked on
/// the oldest batch that is not finished yet finishes it, and those behind it that are ready. A thread that hands batches
/// to others is one more than there are processors, and was a tenth slower.
///
/// Memory: twice as many batches as threads.
public final class OrderedWork<Batch>: @unchecked Sendable {
  // Sendable: what several threads use is guarded by a lock, and a batch belongs to one of them at a time.

  /// What is done with a batch. The number of a thread counts from 0; no two calls with the same one overlap.
  public struct Steps {
    /// Fills a batch; one thread at a time. It says whether there is anything in it, and with false that there will be no
    /// more.
    public var take: (_ batch: Batch, _ thread: Int) throws(SystemError) -> Bool
    /// Works on a batch, beside other threads.
    public var work: (_ batch: Batch, _ thread: Int) -> Void
    /// One thread at a time, in order.
    public var finish: (_ batch: Batch) throws(SystemError) -> Void
    /// Called once where finishing has failed, so that whoever waits in `take` ends.
    public var stop: () -> Void

    public init(
      take: @escaping (_ batch: Batch, _ thread: Int) throws(SystemError) -> Bool,
      work: @escaping (_ batch: Batch, _ thread: Int) -> Void,
      finish: @escaping (_ batch: Batch) throws(SystemError) -> Void,
      stop: @escaping () -> Void = {}
    ) {
      (self.take, self.work, self.finish, self.stop) = (take, work, finish, stop)
    }
  }

  private let threads: Int
  /// A ring: batches are counted through, and lie at their number modulo its size.
  private let batches: [Batch]
  private let steps: Steps

  /// Guards what follows: one thread takes at a time.
  private let taking = Lock()
  private var hasEnded = false
  private var takeFailure: SystemError?
  /// The batches that have been taken.
  private var taken = 0

  /// Guards what follows.
  private let ordering = Lock()
  /// The batches that have been finished.
  private var finished = 0
  /// For each place of the ring whether its batch has been worked on and is still to be finished.
  private var isReady: [Bool]
  private var isFinishing = false
  private var finishFailure: SystemError?

  /// - Parameters:
  ///   - threads: how many work, the calling one among them. Where the system has no room for so many, fewer do.
  ///   - makeBatch: makes an empty batch.
  public init(threads: Int, makeBatch: () -> Batch, _ steps: Steps) {
    precondition(threads > 0, "somebody has to work")
    self.threads = threads
    self.steps = steps
    // A thread need not wait until the others have caught up.
    batches = (0..<2 * threads).map { _ in makeBatch() }
    isReady = [Bool](repeating: false, count: 2 * threads)
  }

  /// Does all work, on this thread too.
  ///
  /// - Throws: the first failure of `finish`, or of `take`; what was taken before that has been finished.
  public func run() throws(SystemError) {
    let others = (1..<threads).compactMap(startThread)
    work(0)
    for thread in others { pthread_join(thread, nil) }
    if let failure = finishFailure ?? takeFailure { throw failure }
  }

  /// Why finishing has failed; for `take`, which need not go on then.
  var failure: SystemError? { ordering.locked { finishFailure } }

  private func work(_ thread: Int) {
    while let number = take(thread) {
      steps.work(batches[number % batches.count], thread)
      finish(number)
    }
  }

  /// - Returns: the batch's number; nil where there will be no more.
  private func take(_ thread: Int) -> Int? {
    taking.locked {
      guard !hasEnded, hasRoom(for: taken) else { return nil }
      do throws(SystemError) {
        hasEnded = try !steps.take(batches[taken % batches.count], thread)
      } catch {
        takeFailure = error
        hasEnded = true
      }
      guard !hasEnded else { return nil }
      taken += 1
      return taken - 1
    }
  }

  /// Waits until a batch of the ring is free.
  ///
  /// - Returns: false where nothing can be finished any more.
  private func hasRoom(for number: Int) -> Bool {
    ordering.locked {
      while number - finished == batches.count, finishFailure == nil { ordering.wait() }
      return finishFailure == nil
    }
  }

  /// Finishes what can be finished in order, unless another thread is at it: that one will see this batch too.
  private func finish(_ number: Int) {
    let finishes = ordering.locked {
      isReady[number % batches.count] = true
      guard !isFinishing else { return false }
      isFinishing = true
      return true
    }
    guard finishes else { return }
    while let oldest = nextToFinish() {
      do throws(SystemError) {
        try steps.finish(oldest)
        ordering.locked {
          isReady[finished % batches.count] = false
          finished += 1
          ordering.wakeAll()
        }
      } catch {
        ordering.locked {
          finishFailure = error
          ordering.wakeAll()
        }
        steps.stop()
      }
    }
  }

  /// The oldest batch, if it is ready; otherwise this thread finishes no longer.
  private func nextToFinish() -> Batch? {
    ordering.locked {
      let place = finished % batches.count
      guard isReady[place], finishFailure == nil else {
        isFinishing = false
        return nil
      }
      return batches[place]
    }
  }

  // MARK: Threads

  /// - Returns: nil where the system has no room for another one: then fewer do the work.
  private func startThread(_ number: Int) -> pthread_t? {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(ThreadBody { self.work(number) })
    let status = pthread_create(
      &thread,
      nil,
      { argument in
        Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      },
      body.toOpaque()
    )
    guard status == 0 else {
      body.release()
      return nil
    }
    return thread
  }
}

/// What a thread is started with.
private final class ThreadBody {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
