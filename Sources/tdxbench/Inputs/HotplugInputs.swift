import ArgumentParser
import MapReaders
import MemoryHotplug
import TDXMemory

extension HotplugScript {
  /// Reads a script; `-` is standard input.
  init(file: String) throws {
    do {
      let text = try readBytes(of: file == "-" ? .standardInput : .file(file)).withBytes {
        String(decoding: $0, as: UTF8.self)
      }
      try self.init(text)
    } catch let error as ScriptError {
      throw Failure(
        InputError(
          kind: .badData,
          file: file == "-" ? "standard input" : file,
          line: error.line,
          text: error.text,
          message: error.reason.description
        )
      )
    } catch let error as InputError {
      throw Failure(error)
    }
  }
}

extension HotplugMachine {
  /// The machine that was read, as it stands after boot.
  init(_ machine: Machine, blockSize: BlockSize, options: PlanOptions, keyIDBits: Int) {
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
