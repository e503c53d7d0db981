import CAllocationHooks

/// Uses `value` in a way that the optimiser cannot see through, so that it must be computed, and all memory that the
/// program has given away must be up to date.
///
/// - Complexity: O(1): the value goes to memory, nothing reads it.
@inlinable @inline(__always)
public func blackHole<Value: ~Copyable>(_ value: borrowing Value) {
  withUnsafePointer(to: value) { black_hole(UnsafeMutableRawPointer(mutating: $0)) }
}

/// Returns `value`, of which the optimiser then knows nothing: work on it can be neither precomputed nor moved
/// out of a loop.
///
/// - Complexity: O(1): the value goes through memory.
@inlinable @inline(__always)
public func opaque<Value>(_ value: Value) -> Value {
  var value = value
  withUnsafeMutablePointer(to: &value) { black_hole($0) }
  return value
}
