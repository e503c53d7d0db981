/// XXH64 with seed 0, as its specification has it (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): a checksum
/// against damage, not against forgery.
package struct XXH64 {
  private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5
  private static let stripe = 32

  private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
    prime1 &+ prime2, prime2, 0, 0 &- prime1
  )
  private var length: UInt64 = 0
  /// Bytes that do not fill a stripe yet.
  private var pending: [UInt8] = []

  package init() {}

  /// The checksum of bytes that lie in one piece.
  package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = XXH64()
    hasher.update(bytes)
    return hasher.finalize()
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(Self.stripe - pending.count)
      pending += missing
      rest = rest.dropFirst(missing.count)
      guard pending.count == Self.stripe else { return }
      pending.withUnsafeBytes { consume($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / Self.stripe * Self.stripe
    consume(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
    pending += rest.dropFirst(whole)
  }

  /// Takes whole stripes.
  private mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    var (one, two, three, four) = lanes
    var offset = 0
    while offset < bytes.count {
      one = Self.round(one, Self.word(bytes, offset))
      two = Self.round(two, Self.word(bytes, offset + 8))
      three = Self.round(three, Self.word(bytes, offset + 16))
      four = Self.round(four, Self.word(bytes, offset + 24))
      offset += Self.stripe
    }
    lanes = (one, two, three, four)
  }

  package func finalize() -> UInt64 {
    var hash: UInt64
    if length >= UInt64(Self.stripe) {
      let (one, two, three, four) = lanes
      hash = rotated(one, 1) &+ rotated(two, 7) &+ rotated(three, 12) &+ rotated(four, 18)
      for lane in [one, two, three, four] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    } else {
      hash = Self.prime5
    }
    hash &+= length
    pending.withUnsafeBytes { bytes in
      var offset = 0
      while bytes.count - offset >= 8 {
        hash ^= Self.round(0, Self.word(bytes, offset))
        hash = rotated(hash, 27) &* Self.prime1 &+ Self.prime4
        offset += 8
      }
      if bytes.count - offset >= 4 {
        let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        hash ^= UInt64(half) &* Self.prime1
        hash = rotated(hash, 23) &* Self.prime2 &+ Self.prime3
        offset += 4
      }
      for byte in bytes[offset...] {
        hash ^= UInt64(byte) &* Self.prime5
        hash = rotated(hash, 11) &* Self.prime1
      }
    }
    hash = (hash ^ (hash >> 33)) &* Self.prime2
    hash = (hash ^ (hash >> 29)) &* Self.prime3
    return hash ^ (hash >> 32)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* prime2, 31) &* prime1
  }
}

@inline(__always)
private func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
