// Owns tests of explained descriptors in every format: granules, 52-bit addresses, levels, blocks, from literal descriptors.
// It does not know who writes descriptors, nor any walk. Arm ARM D8.3.1.
import Architecture
import Debugging
import Testing

@Suite("Descriptor formats") struct DescriptorFormatTests {
  static let formats: [DescriptorFormat] = Granule.allCases.flatMap {
    [DescriptorFormat($0), DescriptorFormat($0, hasWideAddresses: true)]
  }

  private static let rights = "EL0 rw- EL1 rw-, AF nG AttrIndx=0"
  private static let noBlocks = "invalid: there are no blocks at this level"
  private static let summaries: [(granule: Granule, wide: Bool, level: Int, descriptor: UInt64, text: String)] = [
    // 4 KiB: under DS bits 9:8 are address bits 51:50, bits 49:48 stand for themselves, and level 0 has blocks.
    (.size4K, false, 3, 0x0060_0000_4001_2f43, "page 0x40012000, \(rights)"),
    (.size4K, true, 3, 0x0060_0000_4001_2f43, "page 0xc000040012000, \(rights)"),
    (.size4K, true, 3, 0x0063_0000_4001_2c43, "page 0x3000040012000, \(rights)"),
    (.size4K, true, 3, 0x0063_0000_4001_2e43, "page 0xb000040012000, \(rights)"),
    (.size4K, true, -1, 0x0000_0000_4001_2003, "table 0x40012000"),
    (.size4K, true, -1, 0x0800_0000_4001_2303, "table 0xc000040012000, PXNTable"),
    (.size4K, true, -1, 0x0000_0000_4001_2001, noBlocks),
    (.size4K, true, 0, 0x0060_0080_0000_0c41, "block 0x8000000000, \(rights)"),
    (.size4K, false, 0, 0x0060_0080_0000_0c41, noBlocks),
    (.size4K, true, 1, 0x0060_0000_4000_0d41, "block 0x4000040000000, \(rights)"),
    (.size4K, false, 2, 0x0060_0000_4021_0f41, "block 0x40200000, \(rights)"),  // nT
    // 16 KiB.
    (.size16K, false, 3, 0x0060_0000_4001_7f43, "page 0x40014000, \(rights)"),
    (.size16K, false, 2, 0x0060_0000_4200_0f41, "block 0x42000000, \(rights)"),
    (.size16K, false, 2, 0x0060_0000_43ff_0f41, "block 0x42000000, \(rights)"),
    (.size16K, false, 1, 0x0060_0010_0000_0f41, noBlocks),
    (.size16K, true, 1, 0x0060_0010_0000_0c41, "block 0x1000000000, \(rights)"),
    (.size16K, true, 0, 0x0060_0010_0000_0c41, noBlocks),
    (.size16K, false, 0, 0x0000_0000_4001_4003, "table 0x40014000"),
    (.size16K, true, 2, 0x0002_0000_4001_4103, "table 0x6000040014000"),
    // 64 KiB: under FEAT_LPA bits 15:12 are address bits 51:48, and level 1 has blocks.
    (.size64K, false, 3, 0x0060_0000_4001_ff43, "page 0x40010000, \(rights)"),
    (.size64K, true, 3, 0x0060_0000_4001_ff43, "page 0xf000040010000, \(rights)"),
    (.size64K, true, 2, 0x0000_0000_4001_2003, "table 0x2000040010000"),
    (.size64K, false, 2, 0x0060_0000_4000_0f41, "block 0x40000000, \(rights)"),
    (.size64K, true, 2, 0x0060_0000_4000_1f41, "block 0x1000040000000, \(rights)"),
    (.size64K, false, 1, 0x0060_0400_0000_0f41, noBlocks),
    (.size64K, true, 1, 0x0060_0400_0000_0f41, "block 0x40000000000, \(rights)"),
  ]

  @Test func summariesInEveryFormat() {
    for row in Self.summaries {
      let format = DescriptorFormat(row.granule, hasWideAddresses: row.wide)
      #expect(DescriptorExplanation(Descriptor(row.descriptor), level: row.level, format: format).summary == row.text, "\(row)")
    }
  }

  private func meanings(_ granule: Granule, wide: Bool = false, _ level: Int, _ descriptor: UInt64) -> [String: String] {
    let format = DescriptorFormat(granule, hasWideAddresses: wide)
    let fields = DescriptorExplanation(Descriptor(descriptor), level: level, format: format).fields
    return Dictionary(fields.map { ("\($0.name) \($0.high):\($0.low)", $0.meaning) }, uniquingKeysWith: { $1 })
  }

  @Test func whereTheAddressStands() {
    let ds = meanings(.size4K, wide: true, 3, 0x0063_0000_4001_2e43)
    #expect(ds["OA 49:12"] == "output address 0xb000040012000" && ds["OA[51:50] 9:8"] == "" && ds["SH 9:8"] == nil)
    let lpa = meanings(.size64K, wide: true, 3, 0x0060_0000_4001_2f43)
    #expect(lpa["OA 47:16"] == "output address 0x2000040010000" && lpa["OA[51:48] 15:12"] == "" && lpa["SH 9:8"] == "inner shareable")
    #expect(meanings(.size64K, 3, 0x0060_0000_4001_2f43)["RES0 13:13"] == "bits that should be 0")
    #expect(meanings(.size16K, 2, 0x0060_0000_4200_0f41)["OA 47:25"] == "output address 0x42000000")
    #expect(meanings(.size16K, wide: true, 1, 0x0000_0000_4001_4003)["table 49:14"] == "next table at 0x40014000")
    #expect(meanings(.size64K, 2, 0x0000_0000_4001_0403)["AF 10:10"] == "accessed, where FEAT_HAFT is in use; else ignored")
  }

  @Test func notTranslated() {
    #expect(meanings(.size4K, 2, 0x0060_0000_4021_0f41)["nT 16:16"] == "no TLB entry wanted")
    #expect(meanings(.size64K, 2, 0x0060_0000_4001_0f41)["nT 16:16"] == "no TLB entry wanted")
    #expect(meanings(.size4K, 3, 0x0060_0000_4001_0f43)["nT 16:16"] == nil)
  }

  /// How many neighbours the Contiguous bit joins. Arm ARM: ContiguousSize.
  @Test func contiguousRunsNameTheirLength() {
    let rows: [(Granule, Bool, Int, String)] = [
      (.size4K, false, 3, "16, 64 KiB"), (.size4K, false, 2, "16, 32 MiB"), (.size4K, false, 1, "16, 16 GiB"),
      (.size16K, false, 3, "128, 2 MiB"), (.size16K, false, 2, "32, 1 GiB"), (.size64K, false, 3, "32, 2 MiB"),
      (.size64K, false, 2, "32, 16 GiB"),
    ]
    for (granule, wide, level, text) in rows {
      #expect(
        meanings(granule, wide: wide, level, level == 3 ? 0x0010_0000_0000_0403 : 0x0010_0000_0000_0401)["Contiguous 52:52"]
          == "one of a contiguous run: \(text)")
    }
    for (granule, level) in [(.size4K, 0), (.size16K, 1), (.size64K, 1)] as [(Granule, Int)] {
      #expect(meanings(granule, wide: true, level, 0x0010_0000_0000_0401)["Contiguous 52:52"] == "ignored at this level")
    }
  }
}
