import MapReaders
import TDXMemory
import TestSupport

@testable import Advice

/// The advice on a machine with 6 key-id bits.
func advice(_ machine: TestSupport.Machine) throws -> Advice {
  Advice(
    try MemoryMap(machine.regions),
    convertible: machine.convertible.isEmpty ? nil : machine.convertible,
    options: machine.options,
    keyIDBits: 6
  )
}

/// The machine of a captured log.
func captured(_ log: String) throws -> TestSupport.Machine {
  let log = try Log.named(log)
  let machine = try readMachine(texts: [(log.name, log.bytes)])
  return TestSupport.Machine(Array(machine.map), convertible: machine.convertible ?? [])
}
