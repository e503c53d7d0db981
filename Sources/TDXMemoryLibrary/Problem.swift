import CTDXMemory
import TDXMemory

/// Why a call cannot read what it was handed. Made without allocation; words come when they are asked for.
enum Problem: Error {
  case null(StaticString)
  case misaligned(StaticString)
  case countOverflows(StaticString, count: Int)
  case unknownWithCount(count: Int)
  case areasNotThere(tdmr: Int, first: UInt64, count: UInt32, areas: Int)
  case moreAreasThanThere(tdmr: Int, areas: Int)
  case tooManyAreas(tdmr: Int, count: UInt32, limit: UInt64)
  case option(StaticString, value: UInt32, limit: UInt32)
  case endsBeforeStart(StaticString, index: Int, start: UInt64, end: UInt64)
  case node(index: Int, value: UInt64)
  case notAscending(StaticString, index: Int)
  case overlap(StaticString, index: Int, AddressRange, AddressRange)
  case capacity(StaticString, capacity: Int, needed: Int)

  var status: tdxmemory_status {
    let status =
      switch self {
      case .null, .misaligned: TDXMEMORY_ERROR_POINTER
      case .countOverflows, .unknownWithCount, .areasNotThere, .moreAreasThanThere, .tooManyAreas:
        TDXMEMORY_ERROR_COUNT
      case .option: TDXMEMORY_ERROR_OPTION
      case .endsBeforeStart, .node: TDXMEMORY_ERROR_RANGE
      case .notAscending: TDXMEMORY_ERROR_ORDER
      case .overlap: TDXMEMORY_ERROR_OVERLAP
      case .capacity: TDXMEMORY_ERROR_CAPACITY
      }
    return tdxmemory_status(status)
  }
}

extension Problem: CustomStringConvertible {
  var description: String {
    switch self {
    case .null(let name): "\(name) is null"
    case .misaligned(let name): "\(name) is not aligned to 8 bytes"
    case .countOverflows(let name, let count):
      "\(UInt(bitPattern: count)) elements of \(name) do not fit into the address space"
    case .unknownWithCount(let count): "cmrs is null, and cmr_count is \(UInt(bitPattern: count))"
    case .areasNotThere(let tdmr, let first, let count, let areas):
      "TDMR \(tdmr) has \(count) areas from area \(first) on, and there are \(areas)"
    case .moreAreasThanThere(let tdmr, let areas):
      "TDMRs 0 to \(tdmr) have more areas together than the \(areas) that there are"
    case .tooManyAreas(let tdmr, let count, let limit):
      "TDMR \(tdmr) has \(count) areas, and max_reserved is \(limit)"
    case .option(let name, let value, let limit): "\(name) must be 0 to \(limit), not \(value)"
    case .endsBeforeStart(let list, let index, let start, let end):
      "\(list)[\(index)], [\(hex(start)), \(hex(end))), ends before it starts"
    case .node(let index, let value): "regions[\(index)]: the node \(value) is above 4294967295"
    case .notAscending(let list, let index): "\(list)[\(index)] starts before the one in front of it"
    case .overlap(let list, let index, let one, let other):
      "\(list)[\(index)], \(other), overlaps \(one)"
    case .capacity(let name, let capacity, let needed):
      "\(name) has room for \(capacity) elements, and \(needed) are needed"
    }
  }
}
