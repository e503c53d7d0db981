/// The nodes of a small machine: what their PAMTs need, and the largest place for them that costs no reserved area.
struct NodePlaces: ~Copyable {
  /// Not private: Swift 6.3.1 compiles no debug build of a private type in there.
  struct Place: BitwiseCopyable {
    var node: UInt32
    /// The bytes of PAMT of its TDMRs.
    var bytes: UInt64
    var bin: PAMTBin
    /// Where the next PAMT goes.
    var next: UInt64
  }

  private var places = Scratch<Place>()
  private var count = 0
  /// Where the node was that was asked for last: most come in rows.
  private var hint = 0

  /// Forgets all.
  ///
  /// - Parameter stretches: how many there are; each names at most three nodes.
  mutating func reset(stretches: Int) {
    places.reserve(3 * stretches)
    (count, hint) = (0, 0)
  }

  /// Counts a PAMT of so many bytes.
  mutating func add(_ bytes: UInt64, to node: UInt32) {
    let place = place(of: node)
    place.pointee.bytes = place.pointee.bytes.addingSaturated(bytes)
  }

  /// Keeps a place for a node if it is the largest so far.
  mutating func offer(_ bin: PAMTBin, on node: UInt32) {
    let place = place(of: node)
    if bin.free.size > place.pointee.bin.free.size { place.pointee.bin = bin }
  }

  /// Goes to the start of each node's place.
  ///
  /// - Returns: whether all PAMTs have room.
  func begin() -> Bool {
    for index in 0..<count {
      let place = places.base + index
      let (bin, bytes) = (place.pointee.bin, place.pointee.bytes)
      guard bytes <= bin.free.size else { return false }
      place.pointee.next = bin.fillsFromEnd ? bin.free.end - bytes : bin.free.start
    }
    return true
  }

  /// Takes the next bytes of a node's place.
  mutating func take(_ bytes: UInt64, for node: UInt32) -> UInt64 {
    let place = place(of: node)
    defer { place.pointee.next += bytes }
    return place.pointee.next
  }

  private mutating func place(of node: UInt32) -> UnsafeMutablePointer<Place> {
    if hint < count, places[hint].node == node { return places.base + hint }
    hint = 0
    while hint < count, places[hint].node != node { hint += 1 }
    if hint == count {
      let nowhere = PAMTBin(free: AddressRange(unchecked: 0, 0), fillsFromEnd: false)
      places[count] = Place(node: node, bytes: 0, bin: nowhere, next: 0)
      count += 1
    }
    return places.base + hint
  }
}
