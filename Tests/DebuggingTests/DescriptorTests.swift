// Owns tests of explained translation table descriptors: literal hex in, words of the Arm ARM (D8.3) and of Linux out.
// It does not know who writes descriptors.
import Architecture
import Debugging
import Testing

@Suite("Descriptor explanations") struct DescriptorTests {
  private static let summaries: [(descriptor: UInt64, level: Int, text: String)] = [
    // User data: dirty, UXN, PXN, DBM; nG, AF, inner shareable, AP[1].
    (0x00e8_0000_4001_2f43, 3, "page 0x40012000, EL0 rw- EL1 rw-, AF nG DBM dirty AttrIndx=0"),
    // The same, write-protected and clean: AP[2], no dirty.
    (0x0068_0000_4001_2fc3, 3, "page 0x40012000, EL0 r-- EL1 r--, AF nG DBM AttrIndx=0"),
    // User text: PXN alone, AP[2:1] = 11.
    (0x0020_0000_4001_3fc3, 3, "page 0x40013000, EL0 r-x EL1 r--, AF nG AttrIndx=0"),
    // Kernel text: global, UXN, AP[2:1] = 10.
    (0x0040_0000_4001_4783, 3, "page 0x40014000, EL0 --- EL1 r-x, AF AttrIndx=0"),
    // Execute-only: AP[2:1] = 10 with UXN clear.
    (0x0020_0000_4001_5f83, 3, "page 0x40015000, EL0 --x EL1 r--, AF nG AttrIndx=0"),
    // What EL0 may write EL1 never executes, though PXN is clear.
    (0x0040_0000_4001_5f43, 3, "page 0x40015000, EL0 rw- EL1 rw-, AF nG AttrIndx=0"),
    // No access flag.
    (0x0060_0000_4001_6b43, 3, "page 0x40016000, EL0 rw- EL1 rw-, nG AttrIndx=0"),
    // Device memory, contiguous.
    (0x0070_0000_0900_070f, 3, "page 0x9000000, EL0 --- EL1 rw-, AF Contiguous AttrIndx=3"),
    // Guarded page.
    (0x0024_0000_4001_7fc3, 3, "page 0x40017000, EL0 r-x EL1 r--, AF nG GP AttrIndx=0"),
    (0x0060_0000_4020_0f81, 2, "block 0x40200000, EL0 --- EL1 r--, AF nG AttrIndx=0"),
    (0x0060_0000_4000_0701, 1, "block 0x40000000, EL0 --- EL1 rw-, AF AttrIndx=0"),
    (0x0800_0000_4100_3003, 0, "table 0x41003000, PXNTable"),
    (0x7800_0000_4100_4003, 2, "table 0x41004000, PXNTable UXNTable APTable[0] APTable[1]"),
    (0x0000_0000_4100_5003, 1, "table 0x41005000"),
    (0, 3, "invalid: nothing here"),
    (0x00e8_0000_4001_2f42, 3, "invalid: Linux keeps a page here that may not be accessed (PROT_NONE)"),
    (0x0000_0000_0000_1234, 3, "invalid: ignored by hardware"),
    (0x0000_0000_4000_0701, 0, "invalid: there are no blocks at this level"),
    (0x0000_0000_4000_0701, 3, "invalid: there are no blocks at this level"),
  ]

  @Test("summaries of literal descriptors")
  func summaries() {
    for row in Self.summaries {
      #expect(DescriptorExplanation(Descriptor(row.descriptor), level: row.level).summary == row.text)
    }
  }

  @Test("the same bits are a table at level 2 and a page at level 3")
  func level() {
    let bits = Descriptor(0x0000_0000_4001_2003)
    #expect(DescriptorExplanation(bits, level: 2).kind == .table)
    #expect(DescriptorExplanation(bits, level: 3).kind == .page)
  }

  @Test("a block's output address has no bits below its size")
  func blockOutput() {
    #expect(DescriptorExplanation(Descriptor(0x0000_0000_4031_0701), level: 2).output == 0x4020_0000)
    #expect(DescriptorExplanation(Descriptor(0x0000_0000_7fff_0701), level: 1).output == 0x4000_0000)
  }

  @Test("every set bit has exactly one field")
  func coverage() {
    let samples: [(UInt64, Int)] = [(0x00e8_0000_4001_2f43, 3), (0x0060_0000_4020_0f81, 2), (0x0060_0000_4000_0701, 1), (0x3, 0), (0, 3)]
    for (descriptor, level) in samples {
      for bits in [descriptor, descriptor | 0xffff_ffff_ffff_fffc] {
        for format in DescriptorFormatTests.formats { expectEachBitOnce(bits, level, format) }
      }
    }
  }
  private func expectEachBitOnce(_ bits: UInt64, _ level: Int, _ format: DescriptorFormat) {
    var seen: UInt64 = 0
    for field in DescriptorExplanation(Descriptor(bits), level: level, format: format).fields {
      for bit in field.low...field.high {
        #expect(seen >> UInt64(bit) & 1 == 0, "bit \(bit) twice in \(format)")
        seen |= 1 << UInt64(bit)
      }
    }
    #expect(bits & ~seen == 0)
  }

  @Test("fields of a page by name")
  func fields() {
    let fields = DescriptorExplanation(Descriptor(0x00e8_0000_4001_2f43), level: 3).fields
    func meaning(_ name: String) -> String? { fields.first { $0.name == name }?.meaning }
    #expect(meaning("OA") == "output address 0x40012000")
    #expect(meaning("UXN") == "EL0 may not execute")
    #expect(meaning("SH") == "inner shareable")
    #expect(meaning("AF") == "accessed")
    #expect(meaning("nG") == "of one ASID")
    #expect(meaning("type") == "page")
    #expect(meaning("uffd-wp") == "")
  }

  @Test("the text in full")
  func text() {
    #expect(
      DescriptorExplanation(Descriptor(0), level: 1).lines == [
        "descriptor 0x0000000000000000 at level 1: invalid: nothing here",
        "  ignored  63:1  0x0000000000000000",
        "  valid    0     0                   invalid",
      ])
  }
}
