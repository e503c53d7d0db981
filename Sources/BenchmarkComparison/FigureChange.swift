import BenchmarkKit
import TerminalText

/// An exact figure of a workload that is not what it was.
public struct FigureChange: Hashable, Sendable {
  public let workload: String
  /// `allocations`, `bytes`, `instructions`.
  public let figure: String
  public let before: String
  public let after: String
  /// By how much, with a sign: `+1`, `-3.2%`.
  public let difference: String

  init(_ workload: String, _ figure: String, before: String, after: String, difference: String) {
    self.workload = workload
    self.figure = figure
    self.before = before
    self.after = after
    self.difference = difference
  }

  /// - Returns: nil where the counts are equal.
  init?(_ workload: String, _ figure: String, before: UInt64, after: UInt64) {
    guard before != after else { return nil }
    self.init(
      workload,
      figure,
      before: "\(before)",
      after: "\(after)",
      difference: Self.difference(before, after)
    )
  }

  /// Small differences as they are, others in percent.
  private static func difference(_ before: UInt64, _ after: UInt64) -> String {
    let sign = after > before ? "+" : "-"
    let distance = max(before, after) - min(before, after)
    guard before > 0, distance >= 100 else { return "\(sign)\(distance)" }
    let share = Double(distance) / Double(before)
    return sign + (share < 0.0005 ? "\(distance)" : Figures.percent(share))
  }

  static func table(_ changes: [FigureChange]) -> String {
    var table = TextTable([
      .init("workload", .left, widest: 34, isWhole: true), .init("figure", .left, widest: 12),
      .init("before", widest: 9), .init("after", widest: 9), .init("by", widest: 7),
    ])
    for change in changes {
      table.append([change.workload, change.figure, change.before, change.after, change.difference])
    }
    return table.text
  }
}

extension ComparedRow {
  /// The exact figures that are not the same on both sides, where both know them.
  public var figureChanges: [FigureChange] {
    let counts: [(String, KeyPath<Side, Int?>)] = [
      ("allocations", \.allocations), ("bytes", \.allocatedBytes),
    ]
    var changes = counts.compactMap { figure, path -> FigureChange? in
      guard let old = before[keyPath: path], let new = after[keyPath: path] else { return nil }
      return FigureChange(name, figure, before: UInt64(clamping: old), after: UInt64(clamping: new))
    }
    if let old = before.instructions, let new = after.instructions,
      let change = FigureChange(name, "instructions", before: old, after: new)
    {
      changes.append(change)
    }
    return changes
  }
}
