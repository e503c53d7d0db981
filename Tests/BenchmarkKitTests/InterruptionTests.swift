import BenchmarkKit
import Glibc
import Testing

@Suite struct InterruptionTests {
  @Test("SIGINT once. Expect that it is noted, and the process lives on")
  func noted() {
    Interruption.watch()
    #expect(!Interruption.hasOccurred)
    // To the process, whose main thread takes it: the threads of tests block signals.
    kill(getpid(), SIGINT)
    let patience = ContinuousClock.now + .seconds(10)
    while !Interruption.hasOccurred, ContinuousClock.now < patience { usleep(1000) }
    #expect(Interruption.hasOccurred)
    signal(SIGINT, SIG_DFL)
  }
}
