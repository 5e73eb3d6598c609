// Owns the fields of tables, blocks and pages by granule, address size and level, with the meanings of their values.
// It does not know which kind a descriptor is. Arm ARM D8.3.1; bits that hardware ignores are explained as Linux uses them.
import Architecture

struct DescriptorLayout {
  let format: DescriptorFormat
  let level: Int
  /// The whole address in the descriptor, whose parts may be apart.
  let output: UInt64

  init(_ format: DescriptorFormat, level: Int, output: UInt64) {
    self.format = format
    self.level = level
    self.output = output
  }

  func fields(_ kind: DescriptorExplanation.Kind) -> [FieldLayout] {
    switch kind {
    case .invalid: [FieldLayout("ignored", 63, 1), FieldLayout("valid", 0, 0) { $0 == 0 ? "invalid" : "reserved at this level" }]
    case .table: Self.table + address("table", "next table at", Int(format.granule.shift)) + (format.hasWideSmallGranule ? [] : ignored)
    case .block:
      leaf + address("OA", "output address", Int(format.granule.shift(level: level))) + [FieldLayout("nT", 16, "", "no TLB entry wanted")]
    case .page: leaf + address("OA", "output address", Int(format.granule.shift))
    }
  }

  /// The address, in one part or two.
  private func address(_ name: String, _ meaning: String, _ low: Int) -> [FieldLayout] {
    let whole = "\(meaning) \(hexadecimal(output))"
    let main = FieldLayout(name, format.hasWideSmallGranule ? 49 : 47, low) { _ in whole }
    if !format.hasWideAddresses { return [main] }
    let high = format.granule == .size64K ? FieldLayout("\(name)[51:48]", 15, 12) : FieldLayout("\(name)[51:50]", 9, 8)
    return [main, high]
  }

  /// A table's bits 9:8 when they hold no address bits.
  private var ignored: [FieldLayout] { [FieldLayout("ignored", 9, 8)] }

  private static let table: [FieldLayout] = [
    FieldLayout("NSTable", 63, "", "non-secure below"),
    FieldLayout("APTable[1]", 62, "", "no writes below"),
    FieldLayout("APTable[0]", 61, "", "no EL0 access below"),
    FieldLayout("UXNTable", 60, "", "EL0 does not execute below"),
    FieldLayout("PXNTable", 59, "", "EL1 does not execute below"),
    FieldLayout("ignored", 58, 51),
    FieldLayout("ignored", 11, 11),
    FieldLayout("AF", 10, "", "accessed, where FEAT_HAFT is in use; else ignored"),
    FieldLayout("ignored", 7, 2),
    FieldLayout("type", 1, 0) { _ in "table" },
  ]

  private var leaf: [FieldLayout] {
    Self.attributes + [contiguous]
      + (format.hasWideSmallGranule
        ? [] : [FieldLayout("SH", 9, 8, names: ["non-shareable", "reserved", "outer shareable", "inner shareable"])])
  }

  private var contiguous: FieldLayout {
    guard let count = format.contiguousCount(level: level) else {
      return FieldLayout("Contiguous", 52, "", "ignored at this level")
    }
    let size = sizeText(count << format.granule.shift(level: level))
    return FieldLayout("Contiguous", 52, "", "one of a contiguous run: \(count), \(size)")
  }

  private static let attributes: [FieldLayout] = [
    FieldLayout("ignored", 63, 63),
    FieldLayout("PBHA", 62, 59),
    FieldLayout("uffd-wp", 58, "", "Linux: PTE_UFFD_WP"),
    FieldLayout("devmap", 57, "", "Linux: PTE_DEVMAP"),
    FieldLayout("special", 56, "", "Linux: PTE_SPECIAL, no page behind it is counted"),
    FieldLayout("dirty", 55, "", "Linux: PTE_DIRTY"),
    FieldLayout("UXN", 54, "EL0 may execute", "EL0 may not execute"),
    FieldLayout("PXN", 53, "EL1 may execute", "EL1 may not execute"),
    FieldLayout("DBM", 51, "Linux: not writable", "a write may clear AP[2]; Linux: PTE_WRITE"),
    FieldLayout("GP", 50, "", "guarded page"),
    FieldLayout("nG", 11, "global", "of one ASID"),
    FieldLayout("AF", 10, "never accessed: an access faults", "accessed"),
    FieldLayout("AP[2]", 7, "writable", "read-only"),
    FieldLayout("AP[1]", 6, "EL1 only", "EL0 may access"),
    FieldLayout("NS", 5, "", "non-secure"),
    FieldLayout("AttrIndx", 4, 2) { "MAIR_EL1 attribute \($0)" },
    FieldLayout("type", 1, 0) { $0 == 1 ? "block" : "page" },
  ]
}

/// A size in a readable form, as in `64 KiB`, `2 MiB`, `1 GiB`, `4 TiB`.
func sizeText(_ bytes: UInt64) -> String {
  let units = ["KiB", "MiB", "GiB", "TiB", "PiB"]
  let index = min(max(0, (63 - bytes.leadingZeroBitCount) / 10 - 1), units.count - 1)
  return "\(bytes >> UInt64(10 * (index + 1))) \(units[index])"
}
