extension PlanFailure {
  /// What it means, in words.
  public var explanation: String {
    switch self {
    case .tdmrsExhausted: "the memory needs more TDMRs than the module takes"
    case .noMemoryForPAMT(let tdmr, let bytes):
      bytes == 0
        ? "there is no memory to describe"
        : "no node has \(ByteCount(bytes)) in one piece for the PAMT of TDMR \(tdmr)"
    case .reservedAreasExhausted(let tdmr):
      "the TDMR \(tdmr) has more holes and PAMTs than the module takes"
    case .reservedAreaNotAligned(let tdmr, let area):
      "the hole \(area) in TDMR \(tdmr) does not start and end on a page"
    case .notConvertible(let region): "the memory \(region) does not lie inside one CMR"
    case .notAddressable(let region): "no TDMR can end at 2^64, where the memory \(region) would need it"
    }
  }
}
