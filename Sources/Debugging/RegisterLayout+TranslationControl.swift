// Owns the fields of TCR_EL1. Arm ARM: TCR_EL1.
// It does not know what a walk does with them.
import Architecture

extension RegisterLayout {
  static let translationControl: [FieldLayout] = [
    FieldLayout(
      "MTX1", 61, "bits 59:56 are address bits in the upper half", "bits 59:56 hold a tag in the upper half (FEAT_MTE_NO_ADDRESS_TAGS)"),
    FieldLayout(
      "MTX0", 60, "bits 59:56 are address bits in the lower half", "bits 59:56 hold a tag in the lower half (FEAT_MTE_NO_ADDRESS_TAGS)"),
    FieldLayout("DS", 59, "48-bit addresses with 4k and 16k granules", "52-bit addresses with 4k and 16k granules (FEAT_LPA2)"),
    FieldLayout("TCMA1", 58, "upper half: tag 0xf is checked", "upper half: accesses by tag 0xf are not checked"),
    FieldLayout("TCMA0", 57, "lower half: tag 0 is checked", "lower half: accesses by tag 0 are not checked"),
    FieldLayout("E0PD1", 56, "EL0 walks the upper half", "EL0's accesses to the upper half fault at level 0"),
    FieldLayout("E0PD0", 55, "EL0 walks the lower half", "EL0's accesses to the lower half fault at level 0"),
    FieldLayout("NFD1", 54, "", "non-fault accesses do not walk the upper half"),
    FieldLayout("NFD0", 53, "", "non-fault accesses do not walk the lower half"),
    FieldLayout("TBID1", 52, "TBI1 holds for code and data", "TBI1 holds for data only"),
    FieldLayout("TBID0", 51, "TBI0 holds for code and data", "TBI0 holds for data only"),
    FieldLayout("HWU162", 50, "", "hardware may use bit 62 of the upper half's leaf descriptors"),
    FieldLayout("HWU161", 49, "", "hardware may use bit 61 of the upper half's leaf descriptors"),
    FieldLayout("HWU160", 48, "", "hardware may use bit 60 of the upper half's leaf descriptors"),
    FieldLayout("HWU159", 47, "", "hardware may use bit 59 of the upper half's leaf descriptors"),
    FieldLayout("HWU062", 46, "", "hardware may use bit 62 of the lower half's leaf descriptors"),
    FieldLayout("HWU061", 45, "", "hardware may use bit 61 of the lower half's leaf descriptors"),
    FieldLayout("HWU060", 44, "", "hardware may use bit 60 of the lower half's leaf descriptors"),
    FieldLayout("HWU059", 43, "", "hardware may use bit 59 of the lower half's leaf descriptors"),
    FieldLayout("HPD1", 42, "tables of the upper half limit rights below", "rights in the upper half's tables are ignored"),
    FieldLayout("HPD0", 41, "tables of the lower half limit rights below", "rights in the lower half's tables are ignored"),
    FieldLayout("HD", 40, "software keeps dirty state", "a write clears AP[2] where DBM is set"),
    FieldLayout("HA", 39, "software sets access flags", "hardware sets access flags"),
    FieldLayout("TBI1", 38, "upper half: the top byte is part of the address", "upper half: the top byte is ignored"),
    FieldLayout("TBI0", 37, "lower half: the top byte is part of the address", "lower half: the top byte is ignored"),
    FieldLayout("AS", 36, "ASIDs have 8 bits", "ASIDs have 16 bits"),
    FieldLayout("IPS", 34, 32) { "physical addresses have \(physicalBits($0)) bits" },
    FieldLayout("TG1", 31, 30, names: ["reserved", "16 KiB granule", "4 KiB granule", "64 KiB granule"]),
    shareability("SH1", 29),
    cacheability("ORGN1", 27, "outer"),
    cacheability("IRGN1", 25, "inner"),
    FieldLayout("EPD1", 23, "TTBR1_EL1 is walked", "no walks by TTBR1_EL1: a TLB miss is a translation fault, level 0"),
    FieldLayout("A1", 22, "TTBR0_EL1 holds the ASID", "TTBR1_EL1 holds the ASID"),
    regionSize("T1SZ", 21, "upper"),
    FieldLayout("TG0", 15, 14, names: ["4 KiB granule", "64 KiB granule", "16 KiB granule", "reserved"]),
    shareability("SH0", 13),
    cacheability("ORGN0", 11, "outer"),
    cacheability("IRGN0", 9, "inner"),
    FieldLayout("EPD0", 7, "TTBR0_EL1 is walked", "no walks by TTBR0_EL1: a TLB miss is a translation fault, level 0"),
    regionSize("T0SZ", 5, "lower"),
  ]

  private static func shareability(_ name: String, _ high: Int) -> FieldLayout {
    FieldLayout(
      name, high, high - 1,
      names: ["table walks: non-shareable", "reserved", "table walks: outer shareable", "table walks: inner shareable"])
  }

  private static func cacheability(_ name: String, _ high: Int, _ domain: String) -> FieldLayout {
    FieldLayout(
      name, high, high - 1,
      names: [
        "non-cacheable", "write-back, write-allocate", "write-through, no write-allocate", "write-back, no write-allocate",
      ].map { "table walks, \(domain): \($0)" })
  }

  private static func regionSize(_ name: String, _ high: Int, _ half: String) -> FieldLayout {
    FieldLayout(name, high, high - 5) { "the \(half) half has \(64 - $0)-bit virtual addresses" }
  }

  private static func physicalBits(_ value: UInt64) -> Int { [32, 36, 40, 42, 44, 48, 52, 56][Int(value)] }

  /// Both halves in one line, as in `TTBR0 48-bit VAs, 4k; TTBR1 48-bit VAs, 4k; 48-bit PAs`.
  @Sendable static func translationControlSummary(_ value: UInt64) -> String {
    let control = TranslationControl(rawValue: value)
    func half(_ upper: Bool) -> String {
      let half = control.half(upper: upper)
      let name = upper ? "TTBR1" : "TTBR0"
      if half.walksDisabled { return "\(name) is not walked" }
      return "\(name) \(64 - half.sizeOffset)-bit VAs, \(half.granule.bytes >> 10)k pages"
    }
    let update =
      control.hardwareDirtyState ? "hardware sets AF and dirty state" : control.hardwareAccessFlag ? "hardware sets AF" : "software sets AF"
    return "\(half(false)); \(half(true)); \(physicalBits(value >> 32 & 7))-bit PAs; \(update)"
  }
}
