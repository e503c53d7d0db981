import Foundation
import TDXMemory

/// A line of vectors/linux.jsonl: a plan input and what Linux's own code answered.
public struct PlanVector: Sendable {
  public struct TDMR: Equatable, Sendable {
    public var base, size: UInt64
    public var node: UInt32
    /// Base and size of the 4K, 2M and 1G PAMT.
    public var pamts: [[UInt64]]
    public var reserved: [[UInt64]]

    public init(base: UInt64, size: UInt64, node: UInt32, pamts: [[UInt64]], reserved: [[UInt64]]) {
      self.base = base
      self.size = size
      self.node = node
      self.pamts = pamts
      self.reserved = reserved
    }
  }

  public var id: String
  public var options: PlanOptions
  public var regions: [MemoryRegion]
  public var convertible: [AddressRange]
  public var outcome: PlanOutcome
  public var messages: [String]?
  public var tdmrs: [TDMR]?
  public var pamtKiB: UInt64?

  /// All 600 of them.
  public static func all() throws -> [PlanVector] { try lines(of: "linux").map(PlanVector.init) }

  init(_ object: [String: Any]) throws {
    let expect = try member(object, "expect") as [String: Any]
    id = try member(object, "id")
    options = PlanOptions(
      policy: Policy(rawValue: try member(object, "policy"))!,
      placement: Placement(rawValue: try member(object, "placement"))!,
      dynamicPAMT: try member(object, "dynamic_pamt"),
      limits: try limits(object)
    )
    regions = try pairs(object, "regions").map {
      MemoryRegion(start: $0[0], end: $0[1], node: UInt32($0[2]))
    }
    convertible =
      object["cmrs"] == nil
      ? [] : try pairs(object, "cmrs").map { AddressRange(unchecked: $0[0], $0[1]) }
    outcome = PlanOutcome(rawValue: try member(expect, "outcome"))!
    messages = expect["messages"] as? [String]
    pamtKiB = try expect["pamt_kib"].map(number)
    tdmrs = try (expect["tdmrs"] as? [[String: Any]])?.map { tdmr in
      let pamt: [String: Any] = try member(tdmr, "pamt")
      return TDMR(
        base: try number(tdmr["base"] as Any),
        size: try number(tdmr["size"] as Any),
        node: UInt32(try number(tdmr["node"] as Any)),
        pamts: try ["4k", "2m", "1g"].map { try numbers(pamt[$0] as Any) },
        reserved: try pairs(tdmr, "reserved")
      )
    }
  }
}

/// A line of vectors/tdx-module.jsonl: a configuration and what the module's own code answered.
public struct ModuleVector: Sendable {
  public var id: String
  public var dynamicPAMT: Bool
  public var keyIDBits: Int
  public var limits: ModuleLimits
  public var cmrs: [ConvertibleRegionSlot]
  public var tdmrs: [PlanVector.TDMR]
  public var status: UInt64
  public var name: String
  public var tdmr: Int?

  /// All 659 of them.
  public static func all() throws -> [ModuleVector] { try lines(of: "tdx-module").map(ModuleVector.init) }

  init(_ object: [String: Any]) throws {
    let expect = try member(object, "expect") as [String: Any]
    id = try member(object, "id")
    dynamicPAMT = try member(object, "dynamic_pamt")
    keyIDBits = Int(try number(object["keyid_bits"] as Any))
    limits = try TestSupport.limits(object)
    cmrs = try pairs(object, "cmrs").map { ConvertibleRegionSlot(base: $0[0], size: $0[1]) }
    tdmrs = try (member(object, "tdmrs") as [[String: Any]]).map { tdmr in
      let pamt: [String: Any] = try member(tdmr, "pamt")
      return PlanVector.TDMR(
        base: try number(tdmr["base"] as Any),
        size: try number(tdmr["size"] as Any),
        node: 0,
        pamts: try ["4k", "2m", "1g"].map { try numbers(pamt[$0] as Any) },
        reserved: try pairs(tdmr, "reserved")
      )
    }
    status = try number(expect["status"] as Any)
    name = try member(expect, "name")
    tdmr = try expect["tdmr"].map { Int(try number($0)) }
  }
}

/// A line of vectors/hotplug.jsonl: a machine, a script, and the outcome of each of its lines.
public struct HotplugVector: Sendable {
  public var id: String
  public var blockSize: UInt64
  public var regions: [MemoryRegion]
  /// nil where the CMRs are not known.
  public var convertible: [AddressRange]?
  public var script: [String]
  public var expect: [String]

  /// All 300 of them.
  public static func all() throws -> [HotplugVector] { try lines(of: "hotplug").map(HotplugVector.init) }

  init(_ object: [String: Any]) throws {
    id = try member(object, "id")
    blockSize = try number(object["block_size"] as Any)
    regions = try pairs(object, "regions").map {
      MemoryRegion(start: $0[0], end: $0[1], node: UInt32($0[2]))
    }
    let cmrs = try pairs(object, "cmrs").map { AddressRange(unchecked: $0[0], $0[1]) }
    convertible = cmrs.isEmpty ? nil : cmrs
    script = try member(object, "script")
    expect = try member(object, "expect")
  }
}

extension OptimalVector {
  /// All 300 of them.
  public static func all() throws -> [OptimalVector] { try lines(of: "optimal").map(OptimalVector.init) }

  init(_ object: [String: Any]) throws {
    let expect = try member(object, "expect") as [String: Any]
    id = try member(object, "id")
    machine = Machine(
      try pairs(object, "regions").map { MemoryRegion(start: $0[0], end: $0[1], node: UInt32($0[2])) },
      convertible: try pairs(object, "cmrs").map { AddressRange(unchecked: $0[0], $0[1]) },
      PlanOptions(
        policy: .optimal,
        dynamicPAMT: try member(object, "dynamic_pamt"),
        limits: try limits(object)
      )
    )
    outcome = PlanOutcome(rawValue: try member(expect, "outcome"))!
    pamtBytes = try expect["pamt_bytes"].map(number)
    tdmrs = try expect["tdmrs"].map { Int(try number($0)) }
  }
}

// MARK: - JSON

struct MalformedVector: Error {
  var member: String
}

/// Where a file of vectors lies: `linux`, `tdx-module`, `hotplug` or `optimal`.
public func vectorFile(_ name: String) -> URL {
  Bundle.module.url(forResource: name, withExtension: "jsonl", subdirectory: "Vectors")!
}

private func lines(of name: String) throws -> [[String: Any]] {
  try Data(contentsOf: vectorFile(name)).split(separator: UInt8(ascii: "\n")).map {
    guard let object = try JSONSerialization.jsonObject(with: $0) as? [String: Any] else {
      throw MalformedVector(member: name)
    }
    return object
  }
}

private func limits(_ object: [String: Any]) throws -> ModuleLimits {
  let limits: [String: Any] = try member(object, "limits")
  var entryBytes = PAMTEntryBytes()
  if let sizes = limits["pamt_entry_bytes"] as? [String: Any] {
    entryBytes.page4K = UInt16(try number(sizes["4k"] as Any))
    entryBytes.page2M = UInt16(try number(sizes["2m"] as Any))
    entryBytes.page1G = UInt16(try number(sizes["1g"] as Any))
  } else {
    let size = UInt16(try number(limits["pamt_entry_bytes"] as Any))
    entryBytes = PAMTEntryBytes(page4K: size, page2M: size, page1G: size)
  }
  return ModuleLimits(
    maxTDMRs: try number(limits["max_tdmrs"] as Any),
    maxReserved: try number(limits["max_reserved"] as Any),
    pamtEntryBytes: entryBytes
  )
}

private func member<Value>(_ object: [String: Any], _ name: String) throws -> Value {
  guard let value = object[name] as? Value else { throw MalformedVector(member: name) }
  return value
}

private func pairs(_ object: [String: Any], _ name: String) throws -> [[UInt64]] {
  try (member(object, name) as [Any]).map(numbers)
}

private func numbers(_ value: Any) throws -> [UInt64] {
  guard let values = value as? [Any] else { throw MalformedVector(member: "numbers") }
  return try values.map(number)
}

/// A JSON number, or a string with a hexadecimal or decimal one.
private func number(_ value: Any) throws -> UInt64 {
  if let number = value as? NSNumber { return number.uint64Value }
  if let text = value as? String {
    if text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) { return number }
    if let number = UInt64(text) { return number }
  }
  throw MalformedVector(member: "\(value)")
}
