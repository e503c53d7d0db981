import Advice
import MapReaders
import TDXMemory

/// Advice on the layouts that came last. In a fleet many machines are of one layout, and to look for a layout costs far
/// less than advice on it.
///
/// It belongs to one thread, and to questions of one placement. Memory: bounded, some MiB.
public final class AdviceMemo {
  private var answers: [MachineGroup: Advice] = [:]

  /// Some 4 KiB each. Where there are more, all are forgotten: what comes often is soon here again.
  private static let most = 1024
  /// Advice that withholds more ranges is not kept.
  private static let mostRanges = 64

  public init() {}

  /// What `AdviceQuestion.answer` says, and what a fleet keeps of it.
  ///
  /// - Parameter machine: gets the notes that go with the answer.
  public func answer(
    _ question: AdviceQuestion,
    about machine: inout Machine
  ) -> (advice: Advice, figures: HostFigures) {
    let layout = MachineGroup(machine, question)
    let advice: Advice
    if let known = answers[layout] {
      advice = known
      question.addNotes(to: &machine)
    } else {
      advice = question.answer(about: &machine)
      if answers.count == Self.most { answers.removeAll(keepingCapacity: true) }
      if advice.withholding?.ranges.count ?? 0 <= Self.mostRanges { answers[layout] = advice }
    }
    var figures = HostFigures(advice, question, layout: layout)
    figures.take(machine.observed)
    return (advice, figures)
  }
}
