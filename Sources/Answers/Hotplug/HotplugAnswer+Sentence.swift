import MemoryHotplug
import TDXMemory

extension HotplugAnswer: CustomStringConvertible {
  /// The answer in words: the rule, the range and the limit that decided.
  public var description: String {
    switch self {
    case .offlined(let block): "\(block) is offline"
    case .onlined(let block, let entry, let moved):
      "\(block) is online"
        + (entry.map { ": it is inside the snapshot's entry \($0)" }
          ?? "; TDX is not initialised, so its list is empty")
        + (moved.map { "; it is in zone \($0.name) now, for its old zone had shrunk away from it" } ?? "")
    case .added(let range, let region, let blocks, let allowed, let online):
      added(range, region, blocks, allowed, online)
    case .removed(let range): "\(range) is gone from memblock; a snapshot of TDX stays as it is"
    case .ejected(let range, let taken):
      "\(taken == 0 ? "" : "\(counted(Int(clamping: taken), "block", "blocks")) taken offline; ")\(range) is gone from "
        + "memblock; a snapshot of TDX stays as it is"
    case .autoOnlineSet(let zone):
      zone.map {
        "memory that is added goes online by itself\($0 == .inherited ? "" : ", into a \($0) zone")"
      }
        ?? "memory that is added stays offline"
    case .initialized(let entries, let tdmrs, let pamt, let offline):
      "the snapshot has \(counted(entries, "entry", "entries")); \(counted(tdmrs, "TDMR", "TDMRs")), "
        + "\(ByteCount(pamt)) of PAMT"
        + (offline > 0 ? "; \(ByteCount(offline)) of it is offline, and counts" : "")
    case .alreadyInitialized: "TDX is initialised already; the snapshot stays as it is"
    case .pinned(let range): "private pages of a TD are in \(range)"
    case .unpinned(let range): "no private pages are in \(range) any more"
    default: queryText ?? refusalText
    }
  }

  private func added(
    _ range: AddressRange,
    _ region: MemoryRegion,
    _ blocks: UInt64,
    _ allowed: UInt64?,
    _ online: UInt64?
  ) -> String {
    let joined = region.range == range ? "" : ", as part of \(region.range)"
    let verdict =
      switch allowed {
      case nil: "TDX, not initialised yet, will take it into its snapshot"
      case blocks: "each is inside one entry of the snapshot and may go online"
      case 0: "none is inside one entry of the snapshot, so none may go online"
      case let allowed?: "\(allowed) of \(blocks) are inside one entry of the snapshot and may go online"
      }
    let state =
      switch online {
      case nil: "its blocks are offline"
      case blocks: "its blocks went online by themselves"
      case 0: "its blocks stay offline, for TDX refuses them"
      case let online?: "\(online) of its \(blocks) blocks went online by themselves, the others stay offline"
      }
    return "memblock has \(range) on node \(region.node)\(joined); \(state); \(verdict)"
  }

  /// What a query finds, and the check of 2024.
  private var queryText: String? {
    switch self {
    case .insideEntry(let entry): "inside the entry \(entry)"
    case .insideUnion(let first, let last, let count):
      "all of it is TDX memory, in \(count) entries that touch, from \(first) to \(last): "
        + "the kernel's test for one entry says no"
    case .partlyInside(let missing): "\(missing) is not TDX memory"
    case .outsideSnapshot: "no byte of it is in the snapshot"
    case .addCheckPasses(let range, nil): "TDX is not initialised: nothing to hold \(range) against"
    case .addCheckPasses(let range, let entry?): "\(range) is inside the entry \(entry)"
    case .addCheckRefuses(let range, let cover, let blocks, let allowed):
      addCheck(range, cover, blocks: blocks, allowed: allowed)
    default: nil
    }
  }

  private func addCheck(
    _ range: AddressRange,
    _ cover: SnapshotAnswer,
    blocks: UInt64,
    allowed: UInt64
  ) -> String {
    let verdict =
      cover == .union
      ? "false: every byte is TDX memory" : cover == .partly ? "some of it is" : "none of it is"
    return "as a whole \(range) is not inside one entry (\(verdict)); "
      + "block by block, the merged check lets \(allowed) of \(blocks) online"
  }

  private var refusalText: String {
    switch self {
    case .noSuchBlock(let block, let range?): "block \(block), \(range), has no memory"
    case .noSuchBlock(let block, nil): "block \(block) would start at 2^64 or above"
    case .alreadyOffline(let block): "block \(block) is offline already"
    case .alreadyOnline(let block): "block \(block) is online already"
    case .severalNodes(let block, let nodes):
      "\(block) has memory of nodes \(list(nodes)), so it has no zone (valid_zones: none)"
    case .severalZones(let block, let node, let zones):
      "\(block) lies in \(zones.isEmpty ? "no zone" : "the zones \(list(zones.map(\.name)))") of node \(node)"
        + "; it must lie in exactly one"
    case .hole(let block, let first): "\(block) has a memory hole at \(first)"
    case .pinnedByPAMT(let block, let pamt, let tdmr):
      "in \(block) lies the PAMT \(pamt) of TDMR \(tdmr), which cannot move"
    case .pinnedByTD(let block, let pages):
      "in \(block) lie private pages of a TD, \(pages), which cannot move"
    case .notInOneEntry(let block, _, nil):
      "\(block) is TDX memory, but lies in several entries of the snapshot; the notifier asks for one"
    case .notInOneEntry(let block, .outside, _): "no byte of \(block) is in the snapshot"
    case .notInOneEntry(let block, _, let missing?): "\(missing) in \(block) is not in the snapshot"
    case .notBlockAligned(let range, let size):
      "\(range) does not start and end at multiples of the block size, \(ByteCount(size.bytes))"
    case .empty(let range): "\(range) is empty"
    case .noSuchNode(let node):
      "node \(node) is not possible; the kernel has at most \(HotplugMachine.maxNodes)"
    case .alreadyMemory(let range, let region):
      "\(region.range) of node \(region.node) is already in \(range)"
    case .stillOnline(let block, let range): "block \(block), \(range), is online"
    case .ejectFailed(let range, let reason, let lost):
      "\(range) stays: \(reason); "
        + (lost == 0
          ? "the other blocks are as they were"
          : "\(counted(Int(clamping: lost), "block", "blocks")) of it went offline for this and may not come back online")
    case .planFailed(let failure): LinuxMessage.failure(failure).description
    case .moduleRefused(let verdict): "TDH.SYS.CONFIG: \(verdict.name) (\(hex(verdict.status))): \(verdict)"
    case .failedBefore: "initialising TDX failed before, and it is not tried again"
    case .notInitialized: "TDX is not initialised: there is no snapshot"
    case .notPages(let range): "\(range) does not start and end at multiples of 4 KiB"
    case .noPages(_, let missing, .notOnline): "\(missing) is not online"
    case .noPages(_, let missing, .notTDXMemory): "\(missing) is not in the snapshot"
    case .noPages(_, let missing, .movable):
      "\(missing) is in ZONE_MOVABLE, which holds nothing that cannot move"
    case .alreadyPinned(let range): "a PAMT or private pages are in \(range) already"
    case .notPinned(let range): "not all of \(range) is private pages of a TD"
    default: ""
    }
  }

  private func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(count) \(count == 1 ? one : many)"
  }

  private func list(_ items: [some CustomStringConvertible]) -> String {
    let shown = items.prefix(8).map(\.description).joined(separator: ", ")
    return items.count > 8 ? "\(shown) and \(items.count - 8) more" : shown
  }
}
