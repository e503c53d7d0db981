import JSON
import TDXMemory

/// A request of `advise --jsonl`: a machine, and the reserved areas to keep free where memory is withheld.
public final class AdviseRequest: Request {
  /// What it has in common with a plan; `policy` and `placement` are passed over, for advice looks at all of them.
  public let plan = PlanRequest()
  /// 0 to 1024.
  public private(set) var slack = 0
  /// The memory of TDs, in bytes, that the bill of Dynamic PAMT is for; nil where there is to be none.
  public private(set) var tdMemory: UInt64?
  private let defaultSlack: Int
  private let defaultTDMemory: UInt64?

  public var frame: RequestFrame { plan.frame }

  public convenience init() { self.init(slack: 0) }

  /// - Parameters: what counts where a line says nothing.
  public init(slack: Int, tdMemory: UInt64? = nil) { (defaultSlack, defaultTDMemory) = (slack, tdMemory) }

  public static let mostSlack = 1024

  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: RequestDefaults
  ) throws(RequestError) {
    (slack, tdMemory) = (defaultSlack, defaultTDMemory)
    try plan.decode(line, defaults: defaults) {
      (name, scanner) throws(RequestError) in
      switch name {
      case "slack":
        scanner.place = .init(.slack)
        slack = try scanner.null() ? defaultSlack : Int(scanner.integer(upTo: UInt64(Self.mostSlack)))
      case "td_memory": tdMemory = try scanner.size(.tdMemory) ?? defaultTDMemory
      case "policy", "placement": try scanner.skip()
      default: return false
      }
      return true
    }
  }
}
