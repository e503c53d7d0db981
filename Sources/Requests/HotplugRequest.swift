import JSON
import TDXMemory

/// A request of `hotplug --jsonl`: a machine, how TDX initialises on it, and perhaps a scenario.
public final class HotplugRequest: Request {
  /// What it has in common with a plan.
  public let plan = PlanRequest()
  /// The lines of a scenario, parted by line ends; nil where the machine as such is asked about.
  public private(set) var script: String?
  public private(set) var sizes = BlockSizeMembers()
  private let defaultScript: String?
  private let defaultSizes: BlockSizeMembers

  public var frame: RequestFrame { plan.frame }

  public convenience init() { self.init(script: nil, sizes: BlockSizeMembers()) }

  /// - Parameters: what counts where a line says nothing.
  public init(script: String?, sizes: BlockSizeMembers) {
    (defaultScript, defaultSizes) = (script, sizes)
  }

  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: RequestDefaults
  ) throws(RequestError) {
    (script, sizes) = (defaultScript, defaultSizes)
    try plan.decode(line, defaults: defaults) {
      (name, scanner) throws(RequestError) in
      switch name {
      case "script":
        scanner.place = .init(.script)
        script = try scanner.null() ? defaultScript : scanner.script()
      case "blocks":
        let start = scanner.position
        if try scanner.flag(.blocks, default: false) { throw scanner.failure(.notInAStream, at: start) }
      default: return try sizes.read(name, &scanner, defaults: defaultSizes)
      }
      return true
    }
  }
}
