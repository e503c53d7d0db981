import TDXMemory
import Testing

@Test(
  "sizes are printed in their largest unit",
  arguments: [
    (0, "0 B"), (17, "17 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (64 << 10, "64 KiB"), (2 << 30, "2 GiB"),
    (UInt64.max, "15.99 EiB"), ((3 << 40) / 2, "1.5 TiB"), (1 << 30 | 1, "1 GiB"), (4_202_516 << 10, "4 GiB"),
  ] as [(UInt64, String)]
)
func byteCounts(bytes: UInt64, text: String) {
  #expect(ByteCount(bytes).description == text)
}
