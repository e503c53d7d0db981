import CTDXMemory
import TDXMemory

/// Pointers, counts and options as callers hand them over, before anything is read.

/// One structure.
@inline(__always)
func structure<Value>(
  _ pointer: UnsafePointer<Value>?,
  _ name: StaticString
) throws(Problem) -> UnsafePointer<Value> {
  guard let pointer else { throw .null(name) }
  guard isAligned(UInt(bitPattern: pointer)) else { throw .misaligned(name) }
  return pointer
}

/// One structure to write to.
@inline(__always)
func structure<Value>(
  _ pointer: UnsafeMutablePointer<Value>?,
  _ name: StaticString
) throws(Problem) -> UnsafeMutablePointer<Value> {
  guard let pointer else { throw .null(name) }
  guard isAligned(UInt(bitPattern: pointer)) else { throw .misaligned(name) }
  return pointer
}

/// A list of structures. Its base is never nil.
@inline(__always)
func list<Element>(
  _ base: UnsafePointer<Element>?,
  _ count: Int,
  _ name: StaticString
) throws(Problem) -> UnsafeBufferPointer<Element> {
  try check(base, count, name)
  return UnsafeBufferPointer(start: base, count: count)
}

/// A list of structures to write to.
@inline(__always)
func list<Element>(
  _ base: UnsafeMutablePointer<Element>?,
  _ count: Int,
  _ name: StaticString
) throws(Problem) -> UnsafeMutableBufferPointer<Element> {
  try check(base, count, name)
  return UnsafeMutableBufferPointer(start: base, count: count)
}

/// Holds a list against the address space. A count of 2^63 or more comes as a negative one.
@inline(__always)
private func check(_ base: UnsafeRawPointer?, _ count: Int, _ name: StaticString) throws(Problem) {
  // One branch for a list as it should be: no program has addresses of more than 57 bits, nor 2^49 structures.
  let address = UInt(bitPattern: base)
  if address != 0, address & 7 | address >> 57 | UInt(bitPattern: count) >> 49 == 0 { return }
  guard base != nil else {
    guard count == 0 else { throw .null(name) }
    return
  }
  guard isAligned(address) else { throw .misaligned(name) }
  throw .countOverflows(name, count: count)
}

@inline(__always)
private func isAligned(_ address: UInt) -> Bool { address & UInt(MemoryLayout<UInt64>.alignment - 1) == 0 }

/// The options of a call, checked.
struct CallOptions {
  var plan = PlanOptions()
  var keyIDBits = CallOptions.defaultKeyIDBits
  var slack = 0

  /// The value of the vectors, as in tdxbench.
  static let defaultKeyIDBits = 6
  private static let mostSlack: UInt32 = 1024

  private init() {}

  /// - Parameter pointer: nil for the defaults.
  @inline(__always)
  static func read(_ pointer: UnsafePointer<tdxmemory_options>?) throws(Problem) -> CallOptions {
    guard let pointer else { return CallOptions() }
    return try CallOptions(pointer)
  }

  @inline(never)
  private init(_ pointer: UnsafePointer<tdxmemory_options>) throws(Problem) {
    let options = try structure(pointer, "options").pointee
    switch Int(options.policy) {
    case TDXMEMORY_POLICY_LINUX: plan.policy = .linux
    case TDXMEMORY_POLICY_LINUX_CMR: plan.policy = .linuxCMR
    case TDXMEMORY_POLICY_OPTIMAL: plan.policy = .optimal
    default: throw .option("policy", value: options.policy, limit: UInt32(TDXMEMORY_POLICY_OPTIMAL))
    }
    switch Int(options.placement) {
    case TDXMEMORY_PLACEMENT_FIRST_FIT: plan.placement = .firstFit
    case TDXMEMORY_PLACEMENT_TOP: plan.placement = .top
    case TDXMEMORY_PLACEMENT_BOTTOM: plan.placement = .bottom
    default:
      throw .option("placement", value: options.placement, limit: UInt32(TDXMEMORY_PLACEMENT_BOTTOM))
    }
    plan.dynamicPAMT = try Self.upTo(1, options.dynamic_pamt, "dynamic_pamt") == 1
    keyIDBits = Int(try Self.upTo(UInt32(maxAddressBits), options.keyid_bits, "keyid_bits"))
    slack = Int(try Self.upTo(Self.mostSlack, UInt32(options.slack), "slack"))
    plan.limits = ModuleLimits(
      maxTDMRs: options.max_tdmrs,
      maxReserved: options.max_reserved,
      pamtEntryBytes: PAMTEntryBytes(
        page4K: options.pamt_4k_entry_bytes,
        page2M: options.pamt_2m_entry_bytes,
        page1G: options.pamt_1g_entry_bytes
      )
    )
  }

  @inline(__always)
  private static func upTo(_ limit: UInt32, _ value: UInt32, _ name: StaticString) throws(Problem) -> UInt32 {
    guard value <= limit else { throw .option(name, value: value, limit: limit) }
    return value
  }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_options_init(_ options: UnsafeMutablePointer<tdxmemory_options>!) {
  guard let options, isAligned(UInt(bitPattern: options)) else { return }
  let limits = ModuleLimits()
  options.pointee = tdxmemory_options(
    policy: UInt32(TDXMEMORY_POLICY_LINUX),
    placement: UInt32(TDXMEMORY_PLACEMENT_FIRST_FIT),
    dynamic_pamt: 0,
    keyid_bits: UInt32(CallOptions.defaultKeyIDBits),
    max_tdmrs: limits.maxTDMRs,
    max_reserved: limits.maxReserved,
    pamt_4k_entry_bytes: limits.pamtEntryBytes.page4K,
    pamt_2m_entry_bytes: limits.pamtEntryBytes.page2M,
    pamt_1g_entry_bytes: limits.pamtEntryBytes.page1G,
    slack: 0
  )
}
