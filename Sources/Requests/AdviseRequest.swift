import JSON
import TDXMemory

/// A request of `advise --jsonl`: a machine, and the reserved areas to keep free where memory is withheld.
public final class AdviseRequest: Request {
  /// What it has in common with a plan; `policy` and `placement` are passed over, for advice looks at all of them.
  public let plan = PlanRequest()
  /// 0 to 1024.
  public private(set) var slack = 0
  private let defaultSlack: Int

  public var frame: RequestFrame { plan.frame }

  public convenience init() { self.init(slack: 0) }

  /// - Parameter slack: where a line says nothing.
  public init(slack: Int) { defaultSlack = slack }

  public static let mostSlack = 1024

  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: PlanOptions,
    defaultKeyIDBits: Int?
  ) throws(RequestError) {
    slack = defaultSlack
    try plan.decode(line, defaults: defaults, defaultKeyIDBits: defaultKeyIDBits) {
      (name, scanner) throws(RequestError) in
      switch name {
      case "slack":
        scanner.place = .init(.slack)
        slack = try scanner.null() ? defaultSlack : Int(scanner.integer(upTo: UInt64(Self.mostSlack)))
      case "policy", "placement": try scanner.skip()
      default: return false
      }
      return true
    }
  }
}
