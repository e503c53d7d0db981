import TDXMemory

/// Where the plan of Linux and the optimal one differ, and why, in sentences.
struct PlanDifference {
  let linux: PlannedMachine
  let optimal: PlannedMachine

  var sentences: [String] {
    switch (linux.outcome == .ok, optimal.outcome == .ok) {
    case (false, false):
      return ["Neither is possible. " + (optimal.drawn.breach?.sentence ?? "")]
    case (false, true):
      return [
        "Linux fails and the optimal plan fits, with \(tdmrs(optimal)) and at most \(optimal.mostAreas) of "
          + "\(optimal.drawn.limits.maxReserved) reserved areas in one. " + whyLinuxFails
      ]
    case (true, false):
      return ["Linux's plan fits, and no optimal one was found. " + (optimal.drawn.breach?.sentence ?? "")]
    case (true, true): return differences
    }
  }

  private var whyLinuxFails: String {
    if linux.drawn.breach?.crowded != nil {
      return linux.drawn.convertible == nil
        ? "Linux reserves every hole between memory regions, and a TDMR ends where its regions do; the optimal plan ends "
          + "TDMRs where that leaves each few enough holes."
        : "Linux reserves every hole between memory regions; the module asks only for what lies outside the CMRs, and for "
          + "PAMTs, and that is what the optimal plan reserves."
    }
    if linux.outcome == .noSpace {
      return
        "Linux opens a TDMR for every region that adds a GiB; the optimal plan lets one TDMR hold several regions."
    }
    return ""
  }

  private var differences: [String] {
    var sentences: [String] = []
    let (old, new) = (linux.tdmrs.count, optimal.tdmrs.count)
    if old != new {
      sentences.append(
        "Linux has \(tdmrs(linux)), the optimal plan \(tdmrs(optimal)): "
          + (old > new
            ? "Linux opens one for every region that adds a GiB; the optimal plan lets one TDMR hold several regions where "
              + "the PAMT of the gap costs nothing."
            : "more of them leave out GiBs without memory.")
      )
    }
    if linux.pamtBytes > optimal.pamtBytes {
      let saved = ByteCount(linux.pamtBytes - optimal.pamtBytes)
      sentences.append(
        "The optimal plan saves \(saved) of PAMT: Linux's TDMRs cover \(ByteCount(linux.holeBytes)) that is no memory, its "
          + "TDMRs \(ByteCount(optimal.holeBytes))."
      )
    } else if linux.pamtBytes == optimal.pamtBytes {
      sentences.append("Both take \(ByteCount(linux.pamtBytes)) for PAMTs: Linux wastes nothing here.")
    } else {
      sentences.append(
        "Linux's plan takes \(ByteCount(optimal.pamtBytes - linux.pamtBytes)) less PAMT than the best that was found."
      )
    }
    if linux.mostAreas != optimal.mostAreas {
      sentences.append(
        "The fullest TDMR has \(linux.mostAreas) reserved areas with Linux, and \(optimal.mostAreas) with the optimal plan, "
          + "which puts PAMTs next to holes, so that one area takes both."
      )
    }
    return sentences
  }

  private func tdmrs(_ plan: PlannedMachine) -> String {
    "\(plan.tdmrs.count) TDMR\(plan.tdmrs.count == 1 ? "" : "s")"
  }

  /// The TDMRs of both, those of one address in one row.
  ///
  /// - Returns: at most `most` rows.
  func rows(most: Int) -> [(linux: AddressRange?, optimal: AddressRange?)] {
    var rows: [(AddressRange?, AddressRange?)] = []
    var (left, right) = (linux.tdmrs.map(\.range)[...], optimal.tdmrs.map(\.range)[...])
    while rows.count < most, !left.isEmpty || !right.isEmpty {
      switch (left.first, right.first) {
      case (let one?, let other?) where one.start == other.start:
        rows.append((left.removeFirst(), right.removeFirst()))
      case (let one?, let other?) where one.start < other.start: rows.append((left.removeFirst(), nil))
      case (_, _?): rows.append((nil, right.removeFirst()))
      default: rows.append((left.removeFirst(), nil))
      }
    }
    return rows
  }
}
