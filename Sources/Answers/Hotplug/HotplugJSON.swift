import JSON
import MapReaders
import MemoryHotplug
import TDXMemory

extension JSONWriter {
  /// A line of a script with its outcome, as an object and a newline.
  public mutating func appendAnswer(_ answer: HotplugAnswer, to line: HotplugScript.Line) {
    appendOutcome(answer, of: line)
    append("\n")
  }

  /// The outcomes of a script in one line: `{"id":…,"op":"hotplug","lines":[{"line":1,"op":"init-tdx",…},…]}` and a
  /// newline.
  public mutating func appendOutcomes(
    of script: HotplugScript,
    id: UnsafeRawBufferPointer,
    _ perform: (HotplugOperation) -> HotplugAnswer
  ) {
    beginAnswer("hotplug", id: id)
    appendName("lines")
    appendArray(script.lines) { $0.appendOutcome(perform($1.operation), of: $1) }
    append("}\n")
  }

  private mutating func appendOutcome(_ answer: HotplugAnswer, of line: HotplugScript.Line) {
    append("{")
    appendMember("line", line.number)
    appendMember("op", line.text)
    appendMember("outcome", answer.outcome.rawValue)
    appendMember("why", answer.description)
    append("}")
  }

  /// What TDX makes of a machine's memory, as an object and a newline.
  ///
  /// - Parameter id: of a line of a stream; nil where it is the only answer.
  public mutating func appendSummary(
    _ machine: HotplugMachine,
    initialized: HotplugAnswer,
    of described: Machine,
    id: UnsafeRawBufferPointer? = nil
  ) {
    appendSummaryMembers(machine, initialized: initialized, of: described, id: id)
    append("}\n")
  }

  /// The members of a summary, up to and without the end of the object.
  mutating func appendSummaryMembers(
    _ machine: HotplugMachine,
    initialized: HotplugAnswer,
    of described: Machine,
    id: UnsafeRawBufferPointer? = nil
  ) {
    let census = BlockCensus(machine)
    beginAnswer("hotplug", id: id)
    appendMember("block_size", machine.blockSize.bytes)
    appendMember("block_size_why", machine.blockSize.description)
    append("tdx", initialized)
    appendMember("blocks_total", census.total)
    appendMember("blocks_offline", census.offline)
    appendMember("blocks_absent", census.absent)
    appendName("classes")
    appendClasses(census)
    appendName("one_way")
    appendArray(census.oneWay.lazy.flatMap { $0.first...$0.last }) { $0.append($1) }
    appendName("one_way_possible")
    appendArray(census.possiblyOneWay) { $0.append($1) }
    appendName("nodes")
    appendArray(machine.nodeMemory()) { $0.append($1) }
    appendName("late")
    append(LateMemory(machine))
    appendMember("source", described.source.description)
    appendMember("notes", described.remarks + described.tdxNotes)
    appendProfiles(described)
  }

  /// `{"offlineable":3,…}`: blocks by class.
  private mutating func appendClasses(_ census: BlockCensus) {
    append("{")
    for (index, (name, blocks)) in census.classes.enumerated() {
      if index > 0 { append(",") }
      appendString(name)
      append(":")
      append(blocks)
    }
    append("}")
  }

  private mutating func append(_ name: StaticString, _ answer: HotplugAnswer) {
    appendName(name)
    append("{")
    appendMember("outcome", answer.outcome.rawValue)
    appendMember("why", answer.description)
    append("}")
  }

  private mutating func append(_ node: NodeMemory) {
    append("{")
    appendMember("node", UInt64(node.node))
    appendMember("capability", "\(node.capability)")
    appendMember("bytes", node.bytes)
    appendMember("low_bytes", node.lowBytes)
    appendMember("capable_bytes", node.capableBytes)
    appendMember("outside_cmrs_bytes", node.unconvertibleBytes)
    appendMember("added_bytes", node.addedBytes)
    appendMember("offline_bytes", node.offlineBytes)
    appendMember("movable_bytes", node.movableBytes)
    append("}")
  }

  private mutating func append(_ late: LateMemory?) {
    guard let late else { return append("null") }
    append("{")
    appendMember("block", late.block)
    append("add", late.added)
    append("online", late.onlined)
    append("init_after", late.initialized)
    append("}")
  }

  /// One block of a list.
  mutating func appendBlock(_ block: UInt64, of run: BlockRun, size: BlockSize) {
    let range = size.range(of: block) ?? AddressRange(unchecked: .max, .max)
    append(#"{"block":"#)
    append(block)
    append(#","start":"#)
    append(range.start)
    append(#","end":"#)
    append(range.end)
    append(#","node":"#)
    if let node = run.node { append(UInt64(node)) } else { append("null") }
    append(run.isOffline ? #","state":"offline","class":"# : #","state":"online","class":"#)
    appendString(run.kind.name)
    append(#","returns":"#)
    if let comesBack = run.comesBack { appendString(comesBack.name) } else { append("null") }
    append("}")
  }
}
