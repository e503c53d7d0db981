import MapReaders
import Reports
import SyntheticMaps
import TDXMemory
import TestSupport
import Testing

@testable import Pictures

@Suite struct MemoryPictureTests {
  private static let logs = (try? Log.all().filter { !$0.name.hasPrefix("cxl-srat") }) ?? []

  /// Expect for every log, and with every policy, a picture of a few KiB within its own frame.
  @Test(arguments: logs, Policy.allCases) func drawsEveryLog(log: Log, policy: Policy) throws {
    let machine = try readMachine(texts: [(log.name, log.bytes)])
    let scene = draw(machine.map, machine.convertible, PlanOptions(policy: policy))
    #expect(scene.svg.utf8.count < 300_000)
    for box in scene.layers.flatMap(\.boxes) {
      #expect(box.x >= 0 && box.x + box.width <= scene.width + 0.1, "\(box)")
      #expect(box.y >= 0 && box.y + box.height <= scene.height + 0.1, "\(box)")
      #expect(box.width > 0 && box.height > 0, "\(box)")
    }
    for label in scene.layers.flatMap(\.labels) {
      #expect(label.y <= scene.height && label.x >= 0 && label.x <= scene.width, "\(label)")
    }
  }

  /// The host of canonical/tdx issue 135 has 17 holes in its TDMR: expect the 17th, at the end, and the PAMT behind it in
  /// red, and a sentence that names the TDMR and the limit.
  @Test func saysWhichAreaIsTooMany() throws {
    let log = try Log.named("tdx-emr-2024-issue135")
    let machine = try readMachine(texts: [(log.name, log.bytes)])
    let drawn = plan(machine.map, machine.convertible, PlanOptions())
    let breach = try #require(drawn.breach)
    #expect(breach.sentence.contains("[0x0, 0x80000000) needs 18 reserved areas"))
    #expect(breach.sentence.contains("17 holes") && breach.sentence.contains("takes 16"))
    let areas = try #require(drawn.layout.tdmrs.first).areas
    #expect(areas.filter(\.isTooMany).map(\.isPAMT) == [true, false])
    #expect(areas.last?.isTooMany == true)
    let svg = draw(machine.map, machine.convertible, PlanOptions()).svg
    #expect(svg.contains("area 17 is a hole at [0x6f800000, 0x80000000)"))
    #expect(svg.contains("<rect class=\"failing\""))
  }

  /// 100 regions of 1 GiB and more, and 64 TDMRs at most: expect those from the 65th on in red.
  @Test func marksTheTDMRsThatAreTooMany() throws {
    let regions = (0..<100).map { MemoryRegion(start: UInt64($0) << 32, end: UInt64($0) << 32 + 1 << 30) }
    let drawn = plan(try MemoryMap(regions), nil, PlanOptions(placement: .bottom))
    #expect(drawn.layout.tdmrs.count == 100)
    #expect(drawn.breach?.places.count == 36)
    #expect(drawn.breach?.sentence.contains("needs 100 TDMRs, and the module takes 64") == true)
  }

  /// Thousands of regions, and more TDMRs than any module takes: expect a file that stays small and says that some parts
  /// are drawn as density.
  @Test(arguments: [
    "fragmented regions=20000", "1000-tdmrs", "64-tdmrs-16-holes", "hole-after-each regions=5000",
  ])
  func manyPartsAreDensity(recipe: String) throws {
    let machine = try Recipe(text: recipe).make()
    let svg = draw(machine.map, machine.convertible, PlanOptions()).svg
    #expect(svg.utf8.count < 300_000, "\(recipe)")
    #expect(svg.contains("too small to be seen alone and are drawn as density"))
    #expect(svg.contains("shade"))
  }

  /// A title with markup in it: expect text, and no element that is not the picture's own.
  @Test func markupStaysText() throws {
    let map = try MemoryMap([MemoryRegion(start: 1 << 20, end: 1 << 32)])
    let scene = draw(map, nil, PlanOptions(), title: #"<b onload="x">&'</b>.log"#)
    #expect(!scene.svg.contains("<b"))
    #expect(scene.svg.contains("&lt;b onload=&quot;x&quot;&gt;&amp;&#39;&lt;/b&gt;.log"))
  }

  /// Memory without the first MiB, none at all, and a page: expect pictures.
  @Test func drawsWhatIsHardlyThere() throws {
    for regions in [[], [MemoryRegion(start: 0, end: 4096)], [MemoryRegion(start: 4096, end: .max - 4095)]] {
      let svg = draw(try MemoryMap(regions), nil, PlanOptions()).svg
      #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    }
  }

  /// Two stretches with 2^45 bytes of nothing between them, and a hole of a page: expect both to be seen.
  @Test func aPageShowsBesideTerabytes() {
    let page = AddressRange(unchecked: 1 << 30, 1 << 30 + pageSize)
    let stretches = [AddressRange(unchecked: 0, 1 << 31), AddressRange(unchecked: 1 << 45, 1 << 46)]
    let scale = AddressScale(
      borders: [0, page.start, page.end, 1 << 31, 1 << 45, 1 << 46],
      stretches: stretches,
      from: 100,
      to: 1000,
      narrowest: 3
    )
    #expect(scale.width(page) >= 3)
    #expect(scale.folds.map(\.range) == [AddressRange(unchecked: 1 << 31, 1 << 45)])
    #expect(scale.x(0) == 100)
    #expect(abs(scale.x(1 << 46) - 1000) < 0.001)
    #expect(scale.width(stretches[1]) < 4 * scale.width(AddressRange(unchecked: 0, page.start)))
  }

  // MARK: - Planning

  private func plan(_ map: MemoryMap, _ convertible: [AddressRange]?, _ options: PlanOptions) -> DrawnPlan {
    let session = PlanSession()
    return map.withRegions { regions in
      (convertible ?? []).withUnsafeBufferPointer { cmrs in
        let (plan, verdict) = session.plan(
          regions,
          convertible: convertible == nil ? nil : cmrs,
          options: options,
          keyIDBits: 6
        )
        return DrawnPlan(plan, verdict, of: map, convertible: convertible, options: options)
      }
    }
  }

  private func draw(
    _ map: MemoryMap,
    _ convertible: [AddressRange]?,
    _ options: PlanOptions,
    title: String = "a machine"
  ) -> Scene {
    MemoryPicture.scene(of: plan(map, convertible, options), name: "memory", title: title)
  }
}
