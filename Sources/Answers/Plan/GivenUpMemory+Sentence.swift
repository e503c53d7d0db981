import TDXMemory

extension GivenUpMemory {
  /// What to say of a plan that does without some of the memory.
  public func note(_ obstacle: Obstacle) -> String {
    let named = ranges.prefix(8).map { "\($0) (\(ByteCount($0.size)))" }.joined(separator: ", ")
    let more = ranges.count > 8 ? " and \(ranges.count - 8) more ranges" : ""
    return
      "This plan gives up \(ByteCount(size)), the least that helps: \(named)\(more). As it is there is no plan: "
      + "\(obstacle)."
  }
}
