import Testing

@testable import TDXMessages

struct StatusCodeTests {
  @Test func bitsOfEveryRow() {
    for (code, name) in StatusCode.rows {
      let status = StatusCode(UInt64(code) << 32)
      #expect(status.name == name)
      #expect(status.isError == (code >> 31 == 1), "\(name)")
      #expect(status.isRecoverable == (code >> 30 == 2), "\(name)")
      #expect(status.isFatal == (code >> 29 & 1 == 1), "\(name)")
      #expect(status.hintsAtHostRecovery == (code >> 28 & 1 == 1), "\(name)")
      #expect(status.classCode == UInt8(code >> 8 & 0xff), "\(name)")
      #expect(status.codeInClass == UInt8(code & 0xff), "\(name)")
      #expect(status.className != nil, "\(name)")
      #expect(!status.meaning.contains("does not have it"), "\(name)")
      // Details do not change the name.
      #expect(StatusCode(UInt64(code) << 32 | 0x1234_5678).name == name)
    }
    #expect(Set(StatusCode.rows.map(\.code)).count == StatusCode.rows.count)
    #expect(Set(StatusCode.rows.map(\.name)).count == StatusCode.rows.count)
  }

  @Test func detailsOfTDMRsAreTheirIndices() {
    #expect(StatusCode(0xc000_0a12_0002_0100).title == "TDX_PAMT_OVERLAP, TDMR 0, 2M PAMT, other TDMR 2")
    #expect(StatusCode(0xc000_0a11_0000_0203).title == "TDX_PAMT_OUTSIDE_CMRS, TDMR 3, 1G PAMT")
    #expect(
      StatusCode(0xc000_0a20_0000_0f01).title == "TDX_INVALID_RESERVED_IN_TDMR, TDMR 1, reserved area 15"
    )
    #expect(StatusCode(0xc000_0a02_0000_0003).title == "TDX_TDMR_OUTSIDE_CMRS, TDMR 3")
    #expect(StatusCode(0xc000_0a10_0000_0300).title == "TDX_INVALID_PAMT, TDMR 0, level 3 PAMT")
  }

  @Test func operandsAreNamed() {
    #expect(
      StatusCode(0xc000_0100_0000_0008).description == "TDX_OPERAND_INVALID, operand R8 (0xc000010000000008)"
    )
    #expect(StatusCode(0xc000_0100_0000_0045).title == "TDX_OPERAND_INVALID, operand CPUID_CONFIG")
    #expect(StatusCode(0x8000_0200_0000_0080).title == "TDX_OPERAND_BUSY, operand TDR")
    #expect(StatusCode(0xc000_0300_0000_0001).title == "TDX_PAGE_METADATA_INCORRECT, operand RCX")
    #expect(StatusCode(0xc000_0100_0000_ffff).title == "TDX_OPERAND_INVALID, operand 0xffff")
    // 4 would be RSP, which no call takes.
    #expect(OperandID.name(4) == nil)
  }

  @Test func modelSpecificRegistersAreNamed() {
    #expect(StatusCode(0xc000_0921_0000_0122).title == "TDX_INCORRECT_MSR_VALUE, MSR IA32_TSX_CTRL")
    #expect(StatusCode(0xc000_0920_0000_0abc).title == "TDX_INCONSISTENT_MSR, MSR 0xabc")
    #expect(StatusCode(0xc000_0921_0000_0000).title == "TDX_INCORRECT_MSR_VALUE")
  }

  @Test func statusesThatLinuxMakesUp() {
    #expect(StatusCode(0x8000_ff00_ffff_0000).name == "TDX_SEAMCALL_VMFAILINVALID")
    #expect(StatusCode(0x8000_ff00_0000_000d).meaning.contains("BIOS"))
    #expect(StatusCode(0x8000_ff00_0000_0006).className == "Linux")
    #expect(StatusCode(0x8000_ff00_0000_0007).name == nil)
  }

  @Test func whatIsNotInTheTableSaysSo() {
    let status = StatusCode(0xc000_0599_0000_0001)
    #expect(status.name == nil)
    #expect(status.title.contains("not in the table, class 0x5 (state of the module), code 0x99"))
    #expect(status.meaning.contains("does not have it"))
    #expect(StatusCode(0xc000_7700_0000_0000).title.contains("class 0x77, code 0x0"))
    #expect(StatusCode(.max).title == "a value that was never set")
    #expect(StatusCode(0).name == "TDX_SUCCESS")
    #expect(StatusCode(0).meaning == "it succeeded")
  }
}

struct LeafTests {
  @Test func everyLeafIsFoundByNumberAndByName() {
    for leaf in TDXLeaf.host {
      #expect(TDXLeaf.host(leaf.number) == leaf)
      #expect(TDXLeaf.host(leaf.number | 1 << 16) == leaf, "a version does not change the leaf")
      #expect(TDXLeaf.named(leaf.name) == leaf)
      #expect(TDXLeaf.named(String(leaf.name.lowercased().map { $0 == "." ? "_" : $0 })) == leaf)
      #expect(leaf.name.hasPrefix("TDH.") || leaf.number == 254)
      #expect(!leaf.purpose.isEmpty)
    }
    for leaf in TDXLeaf.guest {
      #expect(TDXLeaf.named(leaf.name) == leaf)
      #expect(leaf.name.hasPrefix("TDG."))
    }
    for leaf in TDXLeaf.loader {
      #expect(TDXLeaf.host(leaf.number) == leaf)
      #expect(!leaf.initializesModule)
    }
    for table in [TDXLeaf.host, TDXLeaf.guest, TDXLeaf.loader] {
      #expect(Set(table.map(\.number)).count == table.count)
      #expect(table.map(\.number) == table.map(\.number).sorted())
    }
  }

  @Test func numbersThatAreNoLeaf() {
    for number: UInt64 in [46, 0xffff, 0x0100_0022, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0005, .max] {
      #expect(TDXLeaf.host(number) == nil)
    }
    #expect(TDXLeaf.named("") == nil)
    #expect(TDXLeaf.named("TDH") == nil)
  }

  @Test func onlyTheCallsOfTheInitialisationInitialise() {
    let names = TDXLeaf.host.filter(\.initializesModule).map(\.name)
    #expect(names.allSatisfy { $0.hasPrefix("TDH.SYS.") || $0.hasPrefix("TDH.EXT.") })
    #expect(!names.contains("TDH.SYS.DISABLE") && !names.contains("TDH.SYS.UPDATE"))
    #expect(names.count == 10)
  }
}

struct MetadataFieldTests {
  @Test func everyFieldOfTheTable() {
    for (id, name, count) in MetadataField.rows {
      let field = MetadataField(id)
      #expect(field.className != nil, "\(name)")
      #expect(field.contextCode == 0)
      #expect(field.name == (count > 1 ? "\(name)[0]" : name))
      #expect([1, 2, 4, 8].contains(field.elementBytes))
      if count > 1 {
        #expect(MetadataField(id + UInt64(count) - 1).name == "\(name)[\(count - 1)]")
        #expect(MetadataField(id + UInt64(count)).name != "\(name)[\(count)]")
      }
      // Bit 63 and the numbers of elements say nothing of which field it is.
      #expect(MetadataField((id ^ 1 << 63) | 0xf << 34).name == field.name)
    }
    #expect(Set(MetadataField.rows.map(\.name)).count == MetadataField.rows.count)
  }

  @Test func theFieldThatAModuleOf10DoesNotHave() {
    #expect(MetadataField(0x9100_0001_0000_0008).description == "MAX_TDMRS (class 0x11, TDMRs; field 0x8)")
    #expect(MetadataField(0x9100_0001_0000_0008).elementBytes == 2)
  }

  @Test func whatIsNotInTheTableSaysWhereItWouldBe() {
    #expect(
      MetadataField(0x9100_0001_0000_00ff).description.hasPrefix(
        "a field that is not in the table (class 0x11"
      )
    )
    #expect(MetadataField(.max).name == nil)
    #expect(MetadataField(.max).className == nil)
  }
}
