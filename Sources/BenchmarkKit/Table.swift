extension Report {
  /// The rows as plain text, at most 80 columns wide, without colour: a head, a line for each workload, and below
  /// them a sentence for each wrong result.
  ///
  /// `per call` is the median over the samples, `+-` their median absolute deviation in percent of it. `allocs` are
  /// the allocations of one call: `~3` where two passes never agreed, `n/a` where they cannot be counted.
  ///
  /// - Parameter items: what the items of the workloads are, in the plural, at most 8 letters: `regions`.
  public func table(items: String) -> String {
    let head = ["workload", "per call", "+-", "\(items)/s", "bytes/s", "allocs"]
    let lines = [head] + rows.map { cells(of: $0) }
    // The widest that any figure comes out, so that the columns of two runs stand at the same place.
    let figureWidths = [8, 5, max(head[3].count, 6), 7, 6]
    let nameWidth = lines.map { $0[0].count }.max() ?? 0
    var text = ""
    for cells in lines {
      var line = cells[0].padded(to: nameWidth, alignment: .left)
      for (cell, width) in zip(cells.dropFirst(), figureWidths) {
        line += "  " + cell.padded(to: width, alignment: .right)
      }
      text += line + "\n"
    }
    for (name, reason) in failures {
      text += wrapped("wrong: \(name): \(reason)", width: 80)
    }
    return text
  }

  /// The longest name that leaves room for the other columns.
  private static let longestName = 34

  private func cells(of row: Row) -> [String] {
    let name = row.name.shortened(to: Self.longestName)
    guard case .measured(let measurement) = row.outcome else {
      return [name, "wrong", "-", "-", "-", "-"]
    }
    let allocations =
      switch measurement.allocations {
      case .exact(let counts): Figures.count(counts.allocations)
      case .unsteady(let counts): "~" + Figures.count(counts.allocations)
      case .unavailable: "n/a"
      }
    return [
      name,
      (measurement.times?.median).map(Figures.time) ?? "-",
      measurement.relativeSpread.map(Figures.percent) ?? "-",
      measurement.perSecond(row.workload.itemsPerCall).map { Figures.rate($0) } ?? "-",
      measurement.perSecond(row.workload.bytesPerCall).map { Figures.rate($0, unit: "B") } ?? "-",
      allocations,
    ]
  }
}

extension String {
  fileprivate enum Alignment { case left, right }

  fileprivate func padded(to width: Int, alignment: Alignment) -> String {
    let blanks = String(repeating: " ", count: max(0, width - count))
    return alignment == .left ? self + blanks : blanks + self
  }

  /// At most `width` characters: the middle gives way, because the kind stands at the front of a name and what
  /// tells it from its neighbours at the end.
  fileprivate func shortened(to width: Int) -> String {
    guard count > width else { return self }
    let front = (width - 1) / 2
    return prefix(front) + "…" + suffix(width - 1 - front)
  }
}

/// `text` in lines of at most `width` characters, broken at blanks, all but the first indented by two. A longer
/// word stays whole.
private func wrapped(_ text: String, width: Int) -> String {
  var lines: [String] = []
  for word in text.split(whereSeparator: \.isWhitespace) {
    if let line = lines.last, line.count + 1 + word.count <= width {
      lines[lines.count - 1] = "\(line) \(word)"
    } else {
      lines.append(lines.isEmpty ? String(word) : "  \(word)")
    }
  }
  return lines.map { $0 + "\n" }.joined()
}
