import ArgumentParser
import MapReaders
import MemoryHotplug
import Questions
import Requests
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

  var members: BlockSizeMembers {
    BlockSizeMembers(blockSize: blockSize?.bytes, isHypervisor: hypervisor, cxlAdvice: cxlAdvice?.bytes)
  }

  /// The size that is given, read from the machine, or computed.
  func blockSize(of machine: Machine) throws -> BlockSize {
    do throws(QuestionError) { return try machine.blockSize(members) } catch { throw Failure(error) }
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
