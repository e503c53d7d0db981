import MapReaders
import MemoryHotplug
import Requests
import TDXMemory

extension Machine {
  /// The size of a memory block: what is given, else what was read from the machine, else by the kernel's rules.
  ///
  /// - Throws: `QuestionError` where no kernel has such blocks.
  public func blockSize(_ given: BlockSizeMembers) throws(QuestionError) -> BlockSize {
    if let bytes = given.blockSize {
      guard let size = BlockSize(bytes) else {
        throw .question(
          "a block size is a power of two from 128 MiB to 2 GiB, not \(ByteCount(bytes).exactText)"
        )
      }
      return size
    }
    guard !(given.isHypervisor && given.cxlAdvice != nil) else {
      throw .question("a hypervisor and CXL advice are two rules: choose one")
    }
    if let read = blockSize {
      guard let size = BlockSize(read, origin: .read) else {
        throw .machine(
          "the machine's block size, \(hex(read)), is no power of two from 128 MiB to 2 GiB: "
            + "give another with --block-size"
        )
      }
      return size
    }
    let end = map.last?.end ?? 0
    if let advice = given.cxlAdvice { return BlockSize(memoryEnd: end, host: .cxlWindows(advice: advice)) }
    return BlockSize(memoryEnd: end, host: given.isHypervisor ? .hypervisor : .bareMetal)
  }
}
