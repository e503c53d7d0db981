import MemoryHotplug
import TDXMemory
import Testing

@Suite struct BlockSizeTests {
  private let gib: UInt64 = 1 << 30

  /// |##########....|......   RAM ends before 64 GiB
  ///              64 GiB
  ///
  /// Expect 128 MiB for every end below 64 GiB, whoever runs the machine.
  @Test func below64GiB() {
    for end in [0, gib, 64 * gib - 4096] {
      #expect(BlockSize(memoryEnd: end).bytes == 128 * mib)
      #expect(BlockSize(memoryEnd: end, host: .hypervisor).bytes == 128 * mib)
    }
  }

  /// |##############|##....   RAM ends at 64 GiB or above
  ///              64 GiB
  ///
  /// Expect 2 GiB on bare metal from 64 GiB on, whatever the end is aligned to.
  @Test func bareMetalDoesNotLookAtTheAlignment() {
    for end in [64 * gib, 64 * gib + 4096, 1 << 46] {
      #expect(BlockSize(memoryEnd: end).bytes == 2 * gib)
    }
  }

  /// |##############|#|       RAM ends at 65 GiB, a multiple of 1 GiB and not of 2 GiB
  ///              64 GiB
  ///
  /// Expect the largest power of two that divides the end, between 128 MiB and 2 GiB.
  @Test func aHypervisorsMemoryDecidesTheSize() {
    for (end, size) in [
      (64 * gib, 2 * gib), (65 * gib, gib), (64 * gib + 512 * mib, 512 * mib),
      (64 * gib + 128 * mib, 128 * mib), (64 * gib + 64 * mib, 128 * mib), (64 * gib + 4096, 128 * mib),
    ] {
      #expect(BlockSize(memoryEnd: end, host: .hypervisor).bytes == size)
    }
  }

  /// Expect the advice, clamped, and halved until it divides the end.
  @Test func windowsOfCXLAdvise() {
    for (advice, end, size) in [
      (256 * mib, 128 * gib, 256 * mib), (16 * mib, 128 * gib, 128 * mib), (64 * gib, 128 * gib, 2 * gib),
      (2 * gib, 129 * gib, gib), (0, 4 * gib, 128 * mib), (.max, 128 * gib + 4096, 128 * mib),
      (384 * mib, 128 * gib, 256 * mib),
    ] {
      #expect(BlockSize(memoryEnd: end, host: .cxlWindows(advice: advice)).bytes == size)
    }
  }

  /// Expect only powers of two from 128 MiB to 2 GiB to be taken.
  @Test func whatNoKernelHasIsRefused() {
    for bytes in [0, 1, 64 * mib, 128 * mib + 1, 384 * mib, 4 * gib, 1 << 63, .max] {
      #expect(BlockSize(bytes) == nil)
    }
    #expect(BlockSize(128 * mib, origin: .read)?.description == "128 MiB, as the machine says")
  }

  /// |0   |1   |2   |3   |
  ///                 6 GiB
  ///
  /// Expect block N at N times the size, up to the end of the address space and no further.
  @Test func blocksAreCountedFromAddress0() throws {
    let size = try #require(BlockSize(2 * gib))
    #expect(size.range(of: 3) == AddressRange(unchecked: 6 * gib, 8 * gib))
    #expect(size.block(of: 8 * gib - 1) == 3)
    #expect(size.range(of: .max / (2 * gib)) == AddressRange(unchecked: 0 &- 2 * gib, .max))
    #expect(size.range(of: .max / (2 * gib) + 1) == nil)
  }
}
