/// What remains of a part of a stretch beside a hole: a PAMT there costs no reserved area.
struct PAMTBin: BitwiseCopyable {
  var free: AddressRange
  /// Whether the hole is behind it, not before.
  var fillsFromEnd: Bool
}

/// A part of a stretch that has no hole beside it: a PAMT there costs its TDMR a reserved area.
struct PAMTPlace: BitwiseCopyable {
  var range: AddressRange
  /// As an index of the TDMRs.
  var tdmr: Int
  /// Whether PAMTs lie in it.
  var isTaken = false
}

/// The PAMTs of the TDMRs of one node.
struct NodePAMTs: BitwiseCopyable {
  var node: UInt32
  /// Its TDMRs, as positions among all by node: the first, and the one behind the last.
  var first: Int
  var end: Int
  var bytes: UInt64
  /// The largest place on its node that costs no area.
  var bin: PAMTBin
}
