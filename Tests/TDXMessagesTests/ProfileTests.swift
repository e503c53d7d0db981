import Testing

@testable import TDXMessages

/// What follows from the release of a kernel and of a module: a test a fact.
struct KernelProfileTests {
  private func profile(_ release: String, _ lines: String...) throws -> KernelProfile {
    KernelProfile(named: nil, logged: KernelRelease(release), history: history(lines))
  }

  private func history(_ lines: [String]) -> TDXHistory {
    var history = TDXHistory()
    for (index, line) in lines.enumerated() { history.read(Array(line.utf8), line: index + 1) }
    return history
  }

  @Test func everyChangeHasARowWithASource() {
    #expect(Set(KernelChange.all.map(\.subject)) == Set(KernelChange.Subject.allCases))
    #expect(KernelChange.all.count == KernelChange.Subject.allCases.count)
    for row in KernelChange.all {
      #expect(!row.source.isEmpty && !row.what.isEmpty, "\(row.subject)")
      #expect(!row.what.hasSuffix("."), "\(row.subject)")
      if let since = row.since, let until = row.until {
        #expect(until.isAtLeast(since) && until != since, "\(row.subject)")
      }
    }
  }

  @Test(arguments: [
    ("6.8.0-1013-intel #20-Ubuntu SMP", 6, 8, "6.8.0-1013-intel"), ("7.3-rc1", 7, 3, "7.3-rc1"),
    ("7.1", 7, 1, "7.1"), ("5.12.0-0.rc2.34.el8.x86_64+spr", 5, 12, "5.12.0-0.rc2.34.el8.x86_64+spr"),
    ("6.12.0-rc2+ (user@host)", 6, 12, "6.12.0-rc2+"),
  ])
  func releasesAreRead(text: String, major: UInt64, minor: UInt64, name: String) throws {
    let release = try #require(KernelRelease(text))
    #expect(release.major == major && release.minor == minor && release.text == name)
  }

  @Test(arguments: ["", "7", "7.", "x.1", "7.1x", "7,1", "99999999999999999999.1", "\u{1b}[31m7.1"])
  func whatIsNoRelease(text: String) { #expect(KernelRelease(text) == nil) }

  @Test func aReleaseIsFitForTheTerminal() throws {
    let release = try #require(KernelRelease(Array("7.1-\u{202e}x".utf8)))
    #expect(!release.text.unicodeScalars.contains { $0.value == 0x202e })
    #expect(try #require(KernelRelease("7.1-" + String(repeating: "x", count: 500))).text.count <= 64)
  }

  @Test func theResultIsRenamedIn71() throws {
    for (release, isNew) in [("6.8", false), ("7.0.3", false), ("7.1-rc1", true), ("7.4", true)] {
      #expect(try profile(release).saysTDXModule == isNew, "\(release)")
    }
  }

  @Test func theKernelInitialisesAtBootFrom71() throws {
    for (release, isAtBoot) in [("6.16", false), ("7.0", false), ("7.1", true), ("7.4", true)] {
      #expect(try profile(release).initializesAtBoot == isAtBoot, "\(release)")
    }
    #expect(try profile("6.16").initialization.contains("kvm_intel is loaded with tdx=1"))
    #expect(try profile("6.12").initialization.contains("nothing in mainline"))
    #expect(try profile("6.8.0-1013-intel").initialization.contains("distributor"))
    #expect(try profile("7.2").initialization.contains("while it boots"))
  }

  @Test func dynamicPAMTTurnsItselfOnFrom74() throws {
    for (release, uses) in [("7.1", false), ("7.3-rc1", false), ("7.4", true)] {
      #expect(try profile(release).usesDynamicPAMT == uses, "\(release)")
    }
  }

  @Test func mainlinePrintsNoCMRs() throws {
    for (release, may) in [
      ("6.8.0-1013-intel", true), ("6.8.0-45-generic", false), ("7.2", false), ("5.19.17", true),
    ] {
      #expect(try profile(release).mayPrintConvertible == may, "\(release)")
    }
  }

  @Test func theModuleIsSwitchedOffForKexecFrom72() throws {
    #expect(try !profile("7.1").switchesModuleOff && profile("7.1").mayRefuseKexec)
    #expect(try profile("7.2").switchesModuleOff && !profile("7.2").mayRefuseKexec)
    #expect(try !profile("6.17").mayRefuseKexec)
    #expect(try !profile("6.15").splitsHandover && profile("6.16").splitsHandover)
  }

  @Test func whoNamesTheKernelCounts() throws {
    let old = history(["virt/tdx: module initialized"])
    let new = history(["virt/tdx: TDX-Module initialization failed (-5)"])
    let logged = KernelRelease(6, 16)
    #expect(KernelProfile(named: KernelRelease(7, 2), logged: logged, history: old).origin == .named)
    #expect(KernelProfile(named: nil, logged: logged, history: new).origin == .logged)
    let byOldWords = KernelProfile(named: nil, logged: nil, history: old)
    #expect(byOldWords.origin == .words && !byOldWords.saysTDXModule && !byOldWords.isNamed)
    let byNewWords = KernelProfile(named: nil, logged: nil, history: new)
    #expect(byNewWords.origin == .words && byNewWords.saysTDXModule)
    let outOfTree = history(["tdx: TDX P-SEAMLDR: attributes 0x0"])
    #expect(KernelProfile(named: nil, logged: nil, history: outOfTree).isOutOfTree)
    let nothing = KernelProfile(named: nil, logged: nil, history: TDXHistory())
    #expect(nothing.origin == .newest && nothing.release == KernelRelease(7, 4))
  }

  /// A log of two attempts, each in the words of another kernel: the last one counts.
  @Test func theLastWordsCount() {
    let mixed = history(["virt/tdx: TDX-Module initialization failed (-5)", "virt/tdx: module initialized"])
    #expect(mixed.usesNewResultWords == false)
    #expect(mixed.isInitialized)
  }
}

struct ModuleProfileTests {
  private func profile(_ version: String) throws -> ModuleProfile {
    ModuleProfile(try #require(ModuleVersion(named: version.utf8)), .named)
  }

  @Test func everyChangeHasARowWithASource() {
    #expect(Set(ModuleChange.all.map(\.subject)) == Set(ModuleChange.Subject.allCases))
    for row in ModuleChange.all { #expect(!row.source.isEmpty && !row.what.isEmpty) }
  }

  @Test func versionsAreRead() throws {
    #expect(try profile("1.5.06").version.description == "1.5.06")
    #expect(try profile("2.0.18").version.update == 18)
    #expect(try profile("1.0").version.update == nil)
    for text in ["", "1", "1.", "1.5.", "1.5.x", "1.5.06.1", "-1.5", "1.5 06"] {
      #expect(ModuleVersion(named: text.utf8) == nil, "\(text)")
    }
    for (text, isKnown) in [
      ("1.0", true), ("1.5.34", true), ("2.0.18", true), ("2.0.19", false), ("0.9", false),
    ] {
      #expect(try profile(text).version.isKnown == isKnown, "\(text)")
    }
  }

  @Test(arguments: [
    ("1.0", false), ("1.5.16", false), ("1.5.20", true), ("1.5.34", true), ("2.0.05", false),
    ("2.0.08", true),
    ("2.0.18", true),
  ])
  func whichReleasesOfferDynamicPAMT(version: String, offers: Bool) throws {
    #expect(try profile(version).offersDynamicPAMT == offers)
  }

  @Test func theThirdNumberDecides() throws {
    #expect(try profile("1.5").offersDynamicPAMT == nil)
    #expect(try profile("1.5").has(.metadata) == true)
    #expect(try profile("1.0").has(.metadata) == false)
  }

  @Test func onlyTheNewestReadsTheWidthOfAddresses() throws {
    #expect(try profile("2.0.18").has(.physicalBits) == true && profile("2.0.16").has(.physicalBits) == false)
    #expect(
      try profile("2.0.18").has(.configVersion1) == true && profile("1.5.34").has(.configVersion1) == false
    )
  }

  /// Kernels before 6.12 print two numbers and the build.
  @Test(arguments: [(698, 5, false), (920, 20, true), (595, 1, false)])
  func buildsAreReleases(build: UInt64, update: UInt64, offers: Bool) throws {
    let line =
      "TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5, build_date 20240129, build_num \(build)"
    let version = try #require(line.withMessageBytes { ModuleVersion($0) })
    #expect(ModuleRelease.of(version)?.update == update)
    #expect(ModuleProfile(version, .logged).offersDynamicPAMT == offers)
  }

  @Test func releasesAreDistinct() {
    #expect(
      Set(ModuleRelease.all.compactMap(\.buildNumber)).count
        == ModuleRelease.all.compactMap(\.buildNumber).count
    )
    #expect(
      ModuleRelease.all.allSatisfy {
        ModuleRelease.of(ModuleVersion(major: $0.major, minor: $0.minor, update: $0.update)) == $0
      }
    )
  }

  @Test func sysfsCountsForMoreThanALogAndAnOptionForMost() throws {
    let (one, two, three) = try (
      profile("1.5.06").version, profile("1.5.20").version, profile("2.0.08").version
    )
    #expect(ModuleProfile(named: one, sysfs: two, logged: three)?.version == one)
    #expect(ModuleProfile(named: nil, sysfs: two, logged: three)?.version == two)
    #expect(ModuleProfile(named: nil, sysfs: nil, logged: three)?.origin == .logged)
    #expect(ModuleProfile(named: nil, sysfs: nil, logged: nil) == nil)
  }
}
