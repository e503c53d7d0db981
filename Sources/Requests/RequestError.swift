import JSON
import TDXMemory
import TDXMessages

/// Why a line is not a request: what is wrong, where in the request and where in the line.
///
/// Made without allocation; the sentence is put together by `description`.
public struct RequestError: Error, Hashable, Sendable {
  public let problem: Problem
  /// The member that was being read.
  public let place: Place
  /// The byte of the line, from 0; nil where the problem lies in no single byte.
  public let offset: Int?

  public enum Problem: Hashable, Sendable {
    /// The line is not JSON, or a value of it is of another kind.
    case json(JSONError.Problem)
    case above(limit: UInt64, value: UInt64)
    case below(limit: UInt64, value: UInt64)
    case missing
    case unknownName(String, Vocabulary)
    case endsBeforeStart(start: UInt64, end: UInt64)
    case overlap(AddressRange, AddressRange)
    case tooManyReserved(count: Int, limit: UInt64)
    case noSize(String)
    case noPages(start: UInt64, end: UInt64)
    /// The name of a kernel or a module, `of` says which, that is none known here.
    case unknownRelease(String, of: Member)
    /// Members of which there may be one.
    case conflicting
    /// A name under which only an option is known; a request says `name`.
    case optionsName(insteadOf: Member)
    /// A list that goes on over many lines.
    case notInAStream
  }

  /// The members that hold one of a few names.
  public enum Vocabulary: Sendable {
    case policy
    case placement
    case capable
  }

  /// A member of the request, and which element of the arrays it lies in.
  public struct Place: Hashable, Sendable {
    public var member: Member
    /// The element of `regions`, `cmrs` or `tdmrs`, from 0.
    public var element = 0
    /// The element of `reserved`, from 0.
    public var area = 0

    init(_ member: Member, element: Int = 0, area: Int = 0) {
      self.member = member
      self.element = element
      self.area = area
    }
  }

  /// Each member as it is written in messages; `#` stands for the element, the second one for the area.
  public enum Member: String, Sendable {
    case request = ""
    case id, policy, placement
    case dynamicPAMT = "dynamic_pamt"
    case keyIDBits = "keyid_bits"
    case blockSize = "block_size"
    case kernel, module
    case physBits = "phys_bits"
    case tdMemory = "td_memory"
    case afterKexec = "after_kexec"
    case khoScratch = "kho_scratch"
    case khoArea = "kho_scratch[#]"
    case configVersion = "config_version"
    case r9, r10, smrrs
    case features0 = "tdx_features0"
    case smrr = "smrrs[#]"
    case smrrOption = "smrr"
    case log, logs
    case logElement = "logs[#]"
    case slack, hypervisor, script, blocks
    case scriptLine = "script[#]"
    case cxlAdvice = "cxl_advice"
    case membind, interleave, preferred, localalloc, nodeset, memory, movable, capable, designs, command
    case preferredMany = "preferred_many"
    case weightedInterleave = "weighted_interleave"
    case qemuObject = "qemu_object"
    case relativeNodes = "relative_nodes"
    case cpusetMems = "cpuset_mems"
    case commandWord = "command[#]"
    case limits
    case maxTDMRs = "limits.max_tdmrs"
    case maxReserved = "limits.max_reserved"
    case entryBytes = "limits.pamt_entry_bytes"
    case entryBytes4K = "limits.pamt_entry_bytes.4k"
    case entryBytes2M = "limits.pamt_entry_bytes.2m"
    case entryBytes1G = "limits.pamt_entry_bytes.1g"
    case regions
    case region = "regions[#]"
    case node = "regions[#], node"
    case cmrs
    case cmr = "cmrs[#]"
    case tdmrs
    case tdmr = "tdmrs[#]"
    case tdmrBase = "tdmrs[#].base"
    case tdmrSize = "tdmrs[#].size"
    case pamt = "tdmrs[#].pamt"
    case pamt4K = "tdmrs[#].pamt.4k"
    case pamt2M = "tdmrs[#].pamt.2m"
    case pamt1G = "tdmrs[#].pamt.1g"
    case reserved = "tdmrs[#].reserved"
    case reservedArea = "tdmrs[#].reserved[#]"
  }
}

extension RequestError: CustomStringConvertible {
  /// `regions[3]: negative, expected a whole number (byte 120)`.
  public var description: String {
    let subject = place.description
    let whereInLine = offset.map { " (byte \($0))" } ?? ""
    return (subject.isEmpty ? "" : subject + ": ") + problem.description + whereInLine
  }
}

extension RequestError.Place: CustomStringConvertible {
  /// `tdmrs[2].reserved[5]`; empty for the request as a whole.
  public var description: String {
    var indices = [element, area].makeIterator()
    return member.rawValue.reduce(into: "") { text, character in
      text += character == "#" ? String(indices.next() ?? 0) : String(character)
    }
  }
}

extension RequestError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .json(let problem): problem.description
    case .above(let limit, let value): "\(value) is above \(limit)"
    case .below(let limit, let value): "\(value) is below \(limit)"
    case .missing: "missing"
    case .unknownName(let name, let vocabulary): "unknown name \"\(name)\", expected \(vocabulary.names)"
    case .endsBeforeStart(let start, let end): "the range [\(hex(start)), \(hex(end))) ends before it starts"
    case .overlap(let one, let other): MapError.overlap(one, other).description
    case .tooManyReserved(let count, let limit): "\(count) reserved areas, above the limit \(limit)"
    case .noSize(let text): "\"\(text)\" is no size: expected bytes, or a number with a unit such as 64G"
    case .noPages(let start, let end):
      "the range [\(hex(start)), \(hex(end))) is empty or not of whole pages"
    case .unknownRelease(let text, of: .kernel):
      "\"\(text)\" is no kernel from \(KernelProfile.oldest) to \(KernelProfile.newest)"
    case .unknownRelease(let text, _): "\"\(text)\" is no module from 1.0 to \(ModuleProfile.newest)"
    case .optionsName(let member):
      "a member of that name is not known; a request says `\(member.rawValue)`, a pair [base, size] each"
    case .conflicting: "conflicting policies: a request has one"
    case .notInAStream: "a list of blocks takes many lines: ask for it without --jsonl"
    }
  }
}

extension RequestError.Vocabulary {
  /// `linux, linux-cmr or …`.
  var names: String {
    switch self {
    case .policy: Self.alternatives(Policy.allCases.map(\.rawValue))
    case .placement: Self.alternatives(Placement.allCases.map(\.rawValue))
    case .capable: "whole or some"
    }
  }

  private static func alternatives(_ names: [String]) -> String {
    names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
  }
}

extension JSONError.Expectation {
  static var range: Self { Self("[start, end]") }
  static var rangeAndNode: Self { Self("[start, end, node] or [start, end]") }
  static var baseAndSize: Self { Self("[base, size]") }
  static var offsetAndSize: Self { Self("[offset, size]") }
  static var entryBytes: Self { Self(#"a whole number or {"4k": …, "2m": …, "1g": …}"#) }
}
