/// Why no plan exists: a certificate that anyone can check by hand.
public enum Obstacle: Error, Hashable, Sendable {
  /// A GiB, or GiBs that no TDMR can be split in, that needs so many reserved areas at best.
  case areas(AddressRange, atBest: Int, allowed: Int)
  /// The memory needs so many TDMRs at best, gaps between them covered.
  case tdmrs(atBest: Int, allowed: Int)
  /// No piece of memory is large enough for one level of the PAMT of a TDMR over this range, `bytes` in all levels;
  /// and smaller TDMRs are not possible there, or are too many.
  case size(AddressRange, bytes: UInt64)
  /// The PAMTs, so many bytes, do not fit into the memory.
  case room(bytes: UInt64)
  /// The PAMTs, so many bytes, do not fit next to holes, nor where TDMRs have areas left.
  case areaForPAMT(bytes: UInt64, in: AddressRange)
  /// There is no memory.
  case noMemory
}

extension Obstacle: CustomStringConvertible {
  public var description: String {
    switch self {
    case .areas(let range, let atBest, let allowed):
      "the GiB \(range) needs \(atBest) reserved areas at best, \(allowed) allowed"
    case .tdmrs(let atBest, let allowed): "the memory needs \(atBest) TDMRs at best, \(allowed) allowed"
    case .size(let range, _):
      "no piece of memory is large enough for a level of the PAMT of a TDMR \(range), and smaller ones are not possible there, or too many"
    case .room(let bytes): "PAMTs of \(ByteCount(bytes)) do not fit into the memory"
    case .areaForPAMT(let bytes, let range):
      "no reserved area is left for PAMTs of \(ByteCount(bytes)), as in the TDMR \(range), and they do not fit next to "
        + "holes"
    case .noMemory: "there is no memory to describe"
    }
  }

  /// The failure that Linux would report for the like of it.
  public var failure: PlanFailure {
    let nothing = AddressRange(unchecked: 0, 0)
    return switch self {
    case .areas(let range, _, _), .areaForPAMT(_, let range): .reservedAreasExhausted(tdmr: range)
    case .tdmrs: .tdmrsExhausted
    case .size(let range, let bytes): .noMemoryForPAMT(tdmr: range, bytes: bytes)
    case .room(let bytes): .noMemoryForPAMT(tdmr: nothing, bytes: bytes)
    case .noMemory: .noMemoryForPAMT(tdmr: nothing, bytes: 0)
    }
  }
}
