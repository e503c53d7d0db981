import JSON
import TDXMemory

/// A kind of request: one object of it is decoded into again and again. Its memory grows to the largest request and is
/// then reused.
///
/// Members may come in any order; of a member that comes twice the last one counts; unknown members are passed over;
/// `null` is the same as absent. A kind reads the members of its own; the frame reads those that all kinds share.
public protocol Request: AnyObject {
  init()

  var frame: RequestFrame { get }

  /// Reads one line. After an error only `id` means something.
  ///
  /// - Parameters:
  ///   - line: one JSON object; must stay as it is while `id` is used.
  ///   - defaults: what members that the line does not have are taken from.
  func decode(_ line: UnsafeRawBufferPointer, defaults: RequestDefaults) throws(RequestError)
}

/// What the members that all kinds share are taken from where a line does not have them: the options of a command.
public struct RequestDefaults: Sendable {
  public var options: PlanOptions
  /// Nil where nothing was said.
  public var keyIDBits: Int?
  public var profiles: NamedProfiles

  public init(
    _ options: PlanOptions,
    keyIDBits: Int?,
    profiles: NamedProfiles = NamedProfiles()
  ) {
    (self.options, self.keyIDBits, self.profiles) = (options, keyIDBits, profiles)
  }
}

extension Request {
  /// Reads one line where no kernel, module or processor is named.
  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: PlanOptions,
    defaultKeyIDBits: Int?
  ) throws(RequestError) {
    try decode(line, defaults: RequestDefaults(defaults, keyIDBits: defaultKeyIDBits))
  }

  /// The JSON value of `id` as it stands in the line, `null` where there is none. Set after an error too, as far
  /// as the line can be read. It lies in the line and is valid as long as that.
  public var id: UnsafeRawBufferPointer { frame.id }
  public var limits: ModuleLimits { frame.limits }
  public var dynamicPAMT: Bool { frame.dynamicPAMT }
  /// Whether the line says itself whether it is Dynamic PAMT, so that nothing that a log says counts.
  public var saysKindOfPAMT: Bool { frame.saysKindOfPAMT }
  /// The line's or the default's; 6, as the vectors have it, where nothing was said.
  public var keyIDBits: Int { frame.givenKeyIDBits ?? RequestFrame.assumedKeyIDBits }
  /// The line's or the default's; nil where nothing was said.
  public var givenKeyIDBits: Int? { frame.givenKeyIDBits }
  /// The kernel, the module and the processor that the line or its defaults name.
  public var profiles: NamedProfiles { frame.profiles }
}

/// What all kinds of request have in common: `id`, `dynamic_pamt`, `limits`, `keyid_bits`, `kernel`, `module` and
/// `phys_bits`.
public struct RequestFrame {
  fileprivate(set) var id = RequestID.null
  fileprivate(set) var limits = ModuleLimits()
  fileprivate(set) var dynamicPAMT = false
  fileprivate(set) var saysKindOfPAMT = false
  fileprivate(set) var givenKeyIDBits: Int?
  fileprivate(set) var profiles = NamedProfiles()

  /// What the module is taken to have where neither a machine nor a user says: the vectors' value.
  public static let assumedKeyIDBits = 6

  /// Reads the one object of a line.
  ///
  /// - Parameters:
  ///   - defaults: what members that the line does not have are taken from.
  ///   - readMember: reads the value of a member of the kind's own; returns false, and reads nothing, where the kind
  ///     does not know the name.
  @inline(__always)
  mutating func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: RequestDefaults,
    _ readMember: (JSONText, inout RequestScanner) throws(RequestError) -> Bool
  ) throws(RequestError) {
    var (limits, dynamicPAMT) = (defaults.options.limits, defaults.options.dynamicPAMT)
    var keyIDBits = defaults.keyIDBits
    saysKindOfPAMT = false
    profiles = defaults.profiles
    id = RequestID.null
    var scanner = RequestScanner(line)
    do throws(RequestError) {
      try scanner.enterObject()
      while let name = try scanner.nextMember() {
        if case "id" = name {
          scanner.place = .init(.id)
          id = try scanner.scalar()
        } else if try !readMember(name, &scanner) {
          switch name {
          case "dynamic_pamt":
            let said = try scanner.dynamicPAMT()
            saysKindOfPAMT = said != nil
            dynamicPAMT = said ?? defaults.options.dynamicPAMT
          case "limits": limits = try scanner.limits(defaults: defaults.options.limits)
          case "keyid_bits": keyIDBits = try scanner.keyIDBits(default: defaults.keyIDBits)
          default:
            if try !scanner.readProfile(name, into: &profiles, defaults: defaults.profiles) {
              try scanner.skip()
            }
          }
        }
        scanner.place = .init(.request)
      }
      try scanner.end()
    } catch {
      id = RequestID.find(in: line)
      throw error
    }
    (self.limits, self.dynamicPAMT, self.givenKeyIDBits) = (limits, dynamicPAMT, keyIDBits)
  }
}
