import MapReaders
import MemoryHotplug
import TDXMemory

extension HotplugMachine {
  /// The machine that was read, as it stands after boot.
  public init(_ machine: Machine, blockSize: BlockSize, options: PlanOptions, keyIDBits: Int) {
    self.init(
      machine.map,
      // A list without CMRs says nothing: a host that has TDX has some.
      convertible: machine.convertible.flatMap { $0.isEmpty ? nil : $0 },
      blockSize: blockSize,
      options: options,
      keyIDBits: keyIDBits,
      movableStarts: machine.movableStarts,
      notSystemRAM: machine.notSystemRAM,
      possibleBorders: machine.possibleBorders
    )
  }
}
