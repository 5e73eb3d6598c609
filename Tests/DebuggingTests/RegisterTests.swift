// Owns tests of explained system registers and of values as users write them. Expected texts are written by hand from the Arm ARM.
// It does not know where a value comes from.
import Debugging
import Testing

@Suite("register explanations") struct RegisterTests {
  private func explain(_ command: String, _ value: UInt64) throws -> RegisterExplanation {
    RegisterExplanation(value, of: try #require(RegisterLayout.named(command)))
  }

  private func meaning(_ command: String, _ value: UInt64, _ field: String) throws -> String? {
    try explain(command, value).fields.first { $0.name == field }?.meaning
  }

  static let summaryRows: [(command: String, value: UInt64, summary: String)] = [
    // T0SZ 16, TG0 64 KiB; T1SZ 16, TG1 64 KiB; IPS 48 bits; HA and HD.
    (
      "tcr", 0x0185_f510_7510,
      "TTBR0 48-bit VAs, 64k pages; TTBR1 48-bit VAs, 64k pages; 48-bit PAs; hardware sets AF and dirty state"
    ),
    ("tcr", 0x80_0080, "TTBR0 is not walked; TTBR1 is not walked; 32-bit PAs; software sets AF"),
    ("mair", 0x0004_0044_f0ff, "0 Normal, 1 Normal with tags, 2 Normal non-cacheable, 3 Device-nGnRnE, 4 Device-nGnRE"),
    ("mair", 0, "0 Device-nGnRnE"),
    ("sctlr", 0x1005, "MMU on, data caches on, instruction caches on"),
    ("sctlr", 0x2, "MMU off, data caches off, instruction caches off, every unaligned access faults (A)"),
    ("spsr", 0x6040_0005, "AArch64, EL1, with SP_EL1 (EL1h), flags nZCv, no exception masked, PAN set"),
    ("spsr", 0x8000_03c0, "AArch64, EL0, with SP_EL0, flags Nzcv, D A I F masked"),
    ("spsr", 0x10, "AArch32, User, flags nzcv, no exception masked"),
    ("par", 0xff00_0000_4001_2f80, "physical page 0x40012000, Normal, write-back, read- and write-allocate"),
    ("par", 0x80f, "no translation: translation fault, level 3"),
  ]

  @Test(arguments: Self.summaryRows) func summaries(_ command: String, _ value: UInt64, _ summary: String) throws {
    #expect(try explain(command, value).summary == summary)
  }

  static let meaningRows: [(command: String, value: UInt64, field: String, meaning: String)] = [
    ("tcr", 25 << 16, "T1SZ", "the upper half has 39-bit virtual addresses"),
    ("tcr", 1 << 14, "TG0", "64 KiB granule"), ("tcr", 2 << 14, "TG0", "16 KiB granule"), ("tcr", 1 << 30, "TG1", "16 KiB granule"),
    ("tcr", 3 << 30, "TG1", "64 KiB granule"), ("tcr", 6 << 32, "IPS", "physical addresses have 52 bits"),
    ("tcr", 1 << 59, "DS", "52-bit addresses with 4k and 16k granules (FEAT_LPA2)"),
    ("mair", 0x04 << 56, "Attr7", "Device-nGnRE"),
    ("mair", 0x4f, "Attr0", "Normal, outer non-cacheable; inner write-back, read- and write-allocate"),
    ("mair", 0xbb, "Attr0", "Normal, write-through, read- and write-allocate"), ("mair", 0x30, "Attr0", "unpredictable"),
    ("sctlr", 1 << 40, "TCF", "EL1: a wrong tag faults at once"), ("sctlr", 1 << 19, "WXN", "writable memory is never executed"),
    ("sctlr", 1 << 23, "SPAN", "exceptions to EL1 leave PSTATE.PAN"), ("sctlr", 0, "SPAN", "exceptions to EL1 set PSTATE.PAN"),
    ("spsr", 0x0c00, "BTYPE", "BR"), ("spsr", 0x13, "M[3:0]", "Supervisor"),
    ("spsr", 1 << 21, "SS", "software step is active, not pending"),
    ("par", 1 | 0x0d << 1, "FST", "permission fault, level 1"), ("par", 0x180, "SH", "inner shareable"),
  ]

  @Test(arguments: Self.meaningRows) func meanings(_ command: String, _ value: UInt64, _ field: String, _ text: String) throws {
    #expect(try meaning(command, value, field) == text)
  }

  /// Fields do not overlap, and bits without one are reported where they are set.
  @Test(arguments: RegisterLayout.all.map(\.command)) func everyBitHasOneField(_ command: String) throws {
    for value in [0, .max, 0x5555_5555_5555_5555, 0xaaaa_aaaa_aaaa_aaaa, 1, 0x10] as [UInt64] {
      let explanation = try explain(command, value)
      var seen: UInt64 = 0
      for field in explanation.fields {
        let mask: UInt64 = (field.high - field.low == 63 ? ~0 : (1 << UInt64(field.high - field.low + 1)) - 1) << UInt64(field.low)
        #expect(seen & mask == 0, "\(field.name)")
        seen |= mask
      }
      #expect(value & ~seen == 0)
      #expect(explanation.lines.count == explanation.fields.count + 1)
    }
  }

  @Test func valuesAreHexadecimal() {
    for text in ["96000004", "0x96000004", "0X9600_0004"] { #expect(Number.value(text) == 0x9600_0004) }
    #expect(
      Number.value("ffffffffffffffff") == .max && Number.value("10") == 0x10 && Number.value("00e8000040012f43") == 0xe8_0000_4001_2f43)
    for bad in ["", "0x", "x", "-1", "+1", "0x0x1", "1ffffffffffffffff", "12 34", "\u{663}", "g"] {
      #expect(Number.value(bad) == nil, "\(bad)")
    }
  }
}
