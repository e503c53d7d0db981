/// Calls with the stack further down than it is, to meet all places that it may have within a page.
///
/// A process draws such a place when it starts, and small workloads take up to 14 % longer in a bad one than in a good one
/// (`construct/linux/100-regions-2-gib/raised-limits`; `server-2s-1tib` 7 %). Without this all samples of a run have the
/// same place, and two runs of one build differ by that.
enum MovedStack {
  /// A place for each sample: 256 in turn, no two of them less than 16 bytes apart within a page.
  static func place(ofSample number: Int) -> Int { (number &* 97 & 255) << 4 }

  /// Makes a call with the stack at least `bytes` further down.
  ///
  /// - Parameter bytes: a multiple of 16.
  static func call<Result>(below bytes: Int, _ body: () -> Result) -> Result {
    guard bytes > 0 else { return body() }
    let step = min(bytes, mostOnStack)
    return withUnsafeTemporaryAllocation(byteCount: step, alignment: 16) { room in
      blackHole(room.baseAddress)
      return call(below: bytes - step, body)
    }
  }

  /// The standard library puts more than that on the heap.
  private static let mostOnStack = 1024
}
