import ArgumentParser
import MapReaders
import MemoryHotplug
import TDXMemory

/// The options that decide the size of memory blocks.
struct BlockSizeArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The size of a memory block (default: the machine's, else by the kernel's rules).",
      valueName: "size"
    )
  )
  var blockSize: ByteCount?

  @Flag(help: "The machine is a guest: blocks of 64 GiB and more are chosen by another rule.")
  var hypervisor = false

  @Option(
    help: ArgumentHelp("The block size that CXL windows advise newer kernels to take.", valueName: "size")
  )
  var cxlAdvice: ByteCount?

  func validate() throws {
    if let blockSize, BlockSize(blockSize.bytes) == nil {
      throw ValidationError(
        "--block-size must be a power of two from 128 MiB to 2 GiB, not \(blockSize.exactText)"
      )
    }
    guard !(hypervisor && cxlAdvice != nil) else {
      throw ValidationError("--hypervisor and --cxl-advice are two rules: choose one")
    }
  }

  /// The size that is given, read from the machine, or computed.
  func blockSize(of machine: Machine) throws -> BlockSize {
    if let blockSize, let given = BlockSize(blockSize.bytes) { return given }
    if let read = machine.blockSize {
      guard let size = BlockSize(read, origin: .read) else {
        throw Failure(
          "the machine's block size, \(hex(read)), is no power of two from 128 MiB to 2 GiB: "
            + "give another with --block-size",
          .badData
        )
      }
      return size
    }
    let end = machine.map.last?.end ?? 0
    if let cxlAdvice { return BlockSize(memoryEnd: end, host: .cxlWindows(advice: cxlAdvice.bytes)) }
    return BlockSize(memoryEnd: end, host: hypervisor ? .hypervisor : .bareMetal)
  }
}

extension ByteCount: ExpressibleByArgument {
  public init?(argument: String) {
    if argument.hasPrefix("0x"), let bytes = UInt64(argument.dropFirst(2), radix: 16) {
      self.init(bytes)
    } else {
      self.init(text: argument)
    }
  }

  public var defaultValueDescription: String { exactText }
}
