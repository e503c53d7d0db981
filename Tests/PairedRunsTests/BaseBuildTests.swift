import Foundation
import PairedRuns
import Testing

@Suite("the build of a base", .serialized) struct BaseBuildTests {
  @Test("a revision that there is none of. Expect it named, and nothing left")
  func noRevision() {
    let base = BaseBuild(say: { _ in Issue.record("there is nothing to build") }, isInterrupted: { false })
    let error = #expect(throws: TurnFailure.self) { try base.build("no-such-revision", arguments: []) }
    #expect(
      error?.description.contains("no-such-revision is no revision") == true
        || error?.description.contains("no git checkout") == true
    )
  }
}
