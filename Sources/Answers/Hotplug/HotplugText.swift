import MapReaders
import MemoryHotplug
import TDXMemory
import TDXMessages
import TerminalText

/// What `tdxbench hotplug` tells a person: blocks by class, one-way blocks, nodes, and what late memory would meet.
public struct HotplugText {
  private let machine: HotplugMachine
  private let initialized: HotplugAnswer
  private let source: MapSource
  private let notes: [String]
  /// Whether the machine's log says that TDX does not run, whatever the memory.
  private let isRefused: Bool
  private let kernel: KernelProfile
  private let style: Style

  /// The most blocks or nodes that are listed.
  private static let listed = 32

  /// - Parameter initialized: what came of initialising TDX on the machine.
  public init(
    _ machine: HotplugMachine,
    initialized: HotplugAnswer,
    source: MapSource,
    notes: [String],
    isRefused: Bool = false,
    kernel: KernelProfile,
    style: Style
  ) {
    self.machine = machine
    self.initialized = initialized
    self.source = source
    self.notes = notes
    self.isRefused = isRefused
    self.kernel = kernel
    self.style = style
  }

  public func render() -> String {
    let census = BlockCensus(machine)
    let bytes = machine.memory.reduce(0) { $0 + $1.size }
    let blocks = counted(Int(clamping: census.total), "block")
    var text = labelled("Memory", "\(ByteCount(bytes)) in \(blocks); source: \(source)")
    text += labelled("Blocks", "of \(machine.blockSize)")
    text += labelled("TDX", tdx())
    text += "\n" + classes(census) + oneWay(census)
    text += "\n" + BlockPicture(machine).render(style)
    text += "\n" + nodes()
    if let late = LateMemory(machine) { text += self.late(late) }
    if machine.convertible == nil {
      text += labelled("Note", "The CMRs are not known; they are taken to hold all memory.")
    }
    return text + notes.map { labelled("Note", $0) }.joined()
  }

  private func tdx() -> String {
    let options = "\(machine.options.policy.rawValue), \(machine.options.placement.rawValue)"
    let moment = kernel.momentOfInitialization
    guard initialized.outcome == .ok else {
      return "\(style.paint("does not initialise", .red)) \(moment) (\(options)), "
        + "\(initialized.outcome.rawValue): \(initialized); without a snapshot no block is refused"
    }
    let initialises = isRefused ? "would, for its memory, initialise" : "initialises"
    return "\(initialises) \(moment) (\(options)): \(initialized)"
  }

  // MARK: - Blocks

  private func classes(_ census: BlockCensus) -> String {
    let classes = census.classes + [("absent", census.absent)]
    var table = TextTable([.init("blocks"), .init("class", .left), .init("offline", .left)], gap: 1)
    for (name, blocks) in classes where blocks > 0 {
      table.append(["\(blocks)", name, Self.meanings[name] ?? ""])
    }
    return table.text(style)
  }

  /// What the classes of blocks mean, by their names.
  public static let meanings = [
    "offlineable": "may go offline and come back", "one-way": "may go offline; EPERM for ever after",
    "foreign": "some of it is no TDX memory: EPERM when it comes back",
    "pinned": "EBUSY: a PAMT or private pages of a TD", "hole": "EINVAL: not all of it is memory",
    "multi-zone": "EINVAL: no zone, block 0 always",
    "multi-node": "EINVAL: no zone, memory of several nodes",
    "absent": "ENOENT: no memory there, below the end of RAM",
  ]

  private func oneWay(_ census: BlockCensus) -> String {
    guard !census.oneWay.isEmpty || !census.possiblyOneWay.isEmpty else { return "" }
    return "\n"
      + list(
        census.oneWay.lazy.flatMap { $0.first...$0.last },
        "in several entries of the snapshot that touch",
        more: "and more: --blocks lists all"
      )
      + list(
        census.possiblyOneWay,
        "possible, not certain: memblock may have a border in it when TDX takes its snapshot",
        more: "and \(census.possiblyOneWay.count - Self.listed) more that are possible"
      )
  }

  private func list(_ blocks: some Sequence<UInt64>, _ why: String, more: String) -> String {
    var text = ""
    for (index, block) in blocks.prefix(Self.listed).enumerated() {
      guard let range = machine.blockSize.range(of: block) else { continue }
      text += labelled(index == 0 ? "One-way" : "", "block \(block), \(range): \(why)")
    }
    if blocks.dropFirst(Self.listed).first(where: { _ in true }) != nil { text += labelled("", more) }
    return text
  }

  // MARK: - Nodes and late memory

  private func nodes() -> String {
    let nodes = machine.nodeMemory()
    var text = ""
    for (index, node) in nodes.prefix(Self.listed).enumerated() {
      text += labelled(index == 0 ? "Nodes" : "", node.sentence)
    }
    if nodes.count > Self.listed { text += "          and \(nodes.count - Self.listed) more\n" }
    return text
  }

  /// When added memory is in time for the snapshot. Where nothing names the kernel both are said.
  private var window: String {
    guard kernel.isNamed else { return "" }
    return kernel.initializesAtBoot
      ? labelled(
        "",
        "Linux \(kernel) initialises TDX while it boots: no memory can be added before"
      )
      : labelled("", "Linux \(kernel): \(kernel.initialization), so memory can be added before")
  }

  private var before: String {
    kernel.isNamed && kernel.initializesAtBoot ? "if it were there before" : "before TDX initialises"
  }

  private func late(_ late: LateMemory) -> String {
    let added =
      late.added.outcome == .ok
      ? "online \(late.block): \(late.onlined.outcome.rawValue), \(late.onlined)" : late.added.description
    let now = initialized.outcome == .ok ? ", after TDX" : ""
    return labelled("Added", "a CXL or hot-plugged block at \(late.range)\(now): \(added)")
      + labelled(
        "",
        "\(before): \(late.initialized.outcome.rawValue), \(late.initialized)"
          + (machine.convertible == nil ? " (if firmware made it convertible)" : "")
      )
      + window
  }
}
