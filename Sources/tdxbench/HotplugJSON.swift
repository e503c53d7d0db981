import JSON
import MapReaders
import MemoryHotplug
import PlanJSON
import TDXMemory

extension JSONWriter {
  /// A line of a script with its outcome, as an object and a newline.
  mutating func appendAnswer(_ answer: HotplugAnswer, to line: HotplugScript.Line) {
    append(#"{"line":"#)
    append(UInt64(line.number))
    append(#","op":"#)
    appendString(line.text)
    append(#","outcome":"#)
    appendString(answer.outcome.rawValue)
    append(#","why":"#)
    appendString(answer.description)
    append("}\n")
  }

  /// The members of a summary, up to and without the end of the object.
  mutating func appendSummary(_ machine: HotplugMachine, _ initialized: HotplugAnswer, _ described: Machine) {
    let census = BlockCensus(machine)
    append(#"{"block_size":"#)
    append(machine.blockSize.bytes)
    append(#","block_size_why":"#)
    appendString(machine.blockSize.description)
    append(#","tdx":"#)
    appendOutcome(initialized)
    append(#","blocks_total":"#)
    append(census.total)
    append(#","blocks_offline":"#)
    append(census.offline)
    append(#","blocks_absent":"#)
    append(census.absent)
    append(#","classes":{"#)
    for (index, (name, blocks)) in census.classes.enumerated() {
      if index > 0 { append(",") }
      appendString(name)
      append(":")
      append(blocks)
    }
    append(#"},"one_way":["#)
    var isFirst = true
    for block in census.oneWay.lazy.flatMap({ $0.first...$0.last }) {
      if !isFirst { append(",") }
      append(block)
      isFirst = false
    }
    append(#"],"nodes":["#)
    appendNodes(machine.nodeMemory())
    append(#"],"late":"#)
    appendLate(LateMemory(machine))
    append(#","source":"#)
    appendString(described.source.description)
    append(#","notes":"#)
    appendStrings(described.notes)
  }

  private mutating func appendOutcome(_ answer: HotplugAnswer) {
    append(#"{"outcome":"#)
    appendString(answer.outcome.rawValue)
    append(#","why":"#)
    appendString(answer.description)
    append("}")
  }

  private mutating func appendNodes(_ nodes: [NodeMemory]) {
    for (index, node) in nodes.enumerated() {
      append(index == 0 ? #"{"node":"# : #",{"node":"#)
      append(UInt64(node.node))
      append(#","capability":"#)
      appendString("\(node.capability)")
      for (name, bytes) in [
        ("bytes", node.bytes), ("low_bytes", node.lowBytes), ("capable_bytes", node.capableBytes),
        ("outside_cmrs_bytes", node.unconvertibleBytes), ("added_bytes", node.addedBytes),
        ("offline_bytes", node.offlineBytes), ("movable_bytes", node.movableBytes),
      ] {
        append(",")
        appendString(name)
        append(":")
        append(bytes)
      }
      append("}")
    }
  }

  private mutating func appendLate(_ late: LateMemory?) {
    guard let late else { return append("null") }
    append(#"{"block":"#)
    append(late.block)
    append(#","add":"#)
    appendOutcome(late.added)
    append(#","online":"#)
    appendOutcome(late.onlined)
    append(#","init_after":"#)
    appendOutcome(late.initialized)
    append("}")
  }

  /// Text as it is.
  mutating func append(utf8 text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  mutating func appendStrings(_ strings: [String]) {
    append("[")
    for (index, string) in strings.enumerated() {
      if index > 0 { append(",") }
      appendString(string)
    }
    append("]")
  }

  /// One block of `--blocks`.
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
