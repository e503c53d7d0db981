import TDXMemory

extension Hopelessness {
  /// Why nothing that is withheld helps, in words.
  public var explanation: String {
    switch self {
    case .tdmrsExhausted(let allowed, let least):
      "Linux opens a TDMR for every region that adds a GiB, and the module takes \(allowed)"
        + (least.map { "; without \(ByteCount($0)) of memory they would be few enough" } ?? "")
    case .noMemoryForPAMT(let tdmr): "no memory is in one piece for the PAMT of TDMR \(tdmr)"
    case .areasTakenByPAMTs(let tdmr):
      "the areas of TDMR \(tdmr) are taken by PAMTs and by holes with no memory between them"
    case .nothingLeft: "nothing would be left"
    case .refused(let verdict): "the module refuses what is left, too: \(verdict)"
    case .other(let failure): failure.explanation
    }
  }
}
