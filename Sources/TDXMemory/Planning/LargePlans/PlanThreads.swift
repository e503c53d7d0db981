import Glibc

/// Threads that write the parts of a plan's entries. They are made once and sleep between plans.
///
/// What a plan shares is read only, but for its part, which only one thread writes, and the entries of that part.
final class PlanThreads {
  /// How many there are, the caller's among them.
  let count: Int
  private let shared: UnsafeMutablePointer<Shared>
  private var others: [pthread_t] = []

  private struct Shared {
    var mutex = pthread_mutex_t()
    /// A round has begun, or the threads are to end.
    var begun = pthread_cond_t()
    /// The last part of a round but the caller's is written.
    var ended = pthread_cond_t()
    var round = 0
    var isOver = false
    /// How many parts of the round are still to be written by others than the caller.
    var pending = 0
    var parts: UnsafeMutableBufferPointer<EntryPart>
    /// What the round writes; good while it lasts.
    var workspace: UnsafePointer<PlanWorkspace>?
    var task: UnsafePointer<PlanTask>?
  }

  /// What a thread is told when it starts.
  private struct Seat {
    let shared: UnsafeMutablePointer<Shared>
    let part: Int
  }

  init(_ count: Int) {
    self.count = count
    shared = .allocate(capacity: 1)
    shared.initialize(to: Shared(parts: .allocate(capacity: count)))
    pthread_mutex_init(&shared.pointee.mutex, nil)
    pthread_cond_init(&shared.pointee.begun, nil)
    pthread_cond_init(&shared.pointee.ended, nil)
    for part in 1..<max(count, 1) { others.append(Self.start(Seat(shared: shared, part: part))) }
  }

  deinit {
    pthread_mutex_lock(&shared.pointee.mutex)
    shared.pointee.isOver = true
    pthread_cond_broadcast(&shared.pointee.begun)
    pthread_mutex_unlock(&shared.pointee.mutex)
    for thread in others { pthread_join(thread, nil) }
    pthread_cond_destroy(&shared.pointee.ended)
    pthread_cond_destroy(&shared.pointee.begun)
    pthread_mutex_destroy(&shared.pointee.mutex)
    shared.pointee.parts.deallocate()
    shared.deinitialize(count: 1)
    shared.deallocate()
  }

  /// Writes all entries of a plan, the first part on the caller's thread.
  ///
  /// - Parameter parts: 1, or as many as there are threads.
  /// - Returns: what Linux would find first.
  func writeEntries(of workspace: borrowing PlanWorkspace, _ task: PlanTask, parts: Int) -> EntryPart.Outcome
  {
    let parts = UnsafeMutableBufferPointer(rebasing: shared.pointee.parts[..<parts])
    workspace.parts(task, parts)
    if parts.count > 1 {
      withUnsafePointer(to: workspace) { workspace in
        withUnsafePointer(to: task) { task in
          begin(workspace, task)
          workspace.pointee.writeEntries(&parts[0], task.pointee)
          waitForTheOthers()
        }
      }
    } else {
      workspace.writeEntries(&parts[0], task)
    }
    return .first(of: parts)
  }

  private func begin(_ workspace: UnsafePointer<PlanWorkspace>, _ task: UnsafePointer<PlanTask>) {
    pthread_mutex_lock(&shared.pointee.mutex)
    shared.pointee.workspace = workspace
    shared.pointee.task = task
    shared.pointee.pending = count - 1
    shared.pointee.round += 1
    pthread_cond_broadcast(&shared.pointee.begun)
    pthread_mutex_unlock(&shared.pointee.mutex)
  }

  private func waitForTheOthers() {
    pthread_mutex_lock(&shared.pointee.mutex)
    while shared.pointee.pending > 0 { pthread_cond_wait(&shared.pointee.ended, &shared.pointee.mutex) }
    pthread_mutex_unlock(&shared.pointee.mutex)
  }

  private static func start(_ seat: Seat) -> pthread_t {
    let argument = UnsafeMutablePointer<Seat>.allocate(capacity: 1)
    argument.initialize(to: seat)
    var thread = pthread_t()
    let status = pthread_create(
      &thread,
      nil,
      { argument in
        let seat = argument!.assumingMemoryBound(to: Seat.self)
        PlanThreads.work(at: seat.pointee)
        seat.deallocate()
        return nil
      },
      argument
    )
    precondition(status == 0, "the system has no room for another thread")
    return thread
  }

  /// What a thread does until the end: a part of each round.
  private static func work(at seat: Seat) {
    let (shared, part) = (seat.shared, seat.part)
    var round = 0
    pthread_mutex_lock(&shared.pointee.mutex)
    while true {
      while shared.pointee.round == round, !shared.pointee.isOver {
        pthread_cond_wait(&shared.pointee.begun, &shared.pointee.mutex)
      }
      if shared.pointee.isOver { break }
      round = shared.pointee.round
      let (workspace, task) = (shared.pointee.workspace!, shared.pointee.task!)
      let parts = shared.pointee.parts
      pthread_mutex_unlock(&shared.pointee.mutex)
      workspace.pointee.writeEntries(&parts[part], task.pointee)
      pthread_mutex_lock(&shared.pointee.mutex)
      shared.pointee.pending -= 1
      if shared.pointee.pending == 0 { pthread_cond_signal(&shared.pointee.ended) }
    }
    pthread_mutex_unlock(&shared.pointee.mutex)
  }
}

extension EntryPart.Outcome {
  /// What is to be told of parts: that nodes are not as guessed, else the failure of the first TDMR that has one.
  fileprivate static func first(of parts: UnsafeMutableBufferPointer<EntryPart>) -> EntryPart.Outcome {
    var first = EntryPart.Outcome.written
    for part in parts {
      switch (part.outcome, first) {
      case (.otherNodes, _): return .otherNodes
      case (.failed, .written): first = part.outcome
      default: break
      }
    }
    return first
  }
}
