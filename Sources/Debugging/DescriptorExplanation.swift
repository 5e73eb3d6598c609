// Owns the explanation of one translation table descriptor of the 4 KiB granule: kind, summary, every field.
// It does not know the tables above it, whose hierarchical bits may take rights away. Arm ARM D8.3.
import Architecture

/// A stage 1 descriptor in words.
public struct DescriptorExplanation: Sendable {
  public enum Kind: String, Sendable { case invalid, table, block, page }

  public let descriptor: Descriptor
  /// The level it stands at, 0 to 3: the same bits are a table at level 2 and a page at level 3.
  public let level: Int
  public let kind: Kind
  public let fields: [ExplainedField]

  public init(_ descriptor: Descriptor, level: Int) {
    precondition((0...3).contains(level))
    self.descriptor = descriptor
    self.level = level
    kind = Self.kind(descriptor, level)
    fields = explain(descriptor.rawValue, by: Self.layout(kind, level), within: ~0, depth: 0)
  }

  /// Physical address that a table, block or page descriptor holds.
  public var output: UInt64 {
    let shift = kind == .block ? Granule.size4K.shift(level: level) : 12
    return descriptor.rawValue & 0x0000_ffff_ffff_ffff & ~(1 << shift - 1)
  }

  /// One line: `page 0x40012000, EL0 rw- EL1 rw-, AF nG UXN PXN`.
  public var summary: String {
    switch kind {
    case .invalid: return Self.invalidMeaning(descriptor)
    case .table: return (["table \(hexadecimal(output))"] + [Self.tableFlags(descriptor)].filter { !$0.isEmpty }).joined(separator: ", ")
    case .block, .page: return "\(kind.rawValue) \(hexadecimal(output)), \(Self.rights(descriptor)), \(Self.flags(descriptor))"
    }
  }

  /// The explanation as lines of text, without line ends.
  public var lines: [String] {
    ["descriptor \(hexadecimal(descriptor.rawValue, digits: 16)) at level \(level): \(summary)"] + fields.table()
  }

  /// Rights by the descriptor's own bits: `EL0 r-x EL1 r--`.
  static func rights(_ d: Descriptor) -> String {
    func text(_ readable: Bool, _ writable: Bool, _ executable: Bool) -> String {
      (readable ? "r" : "-") + (writable ? "w" : "-") + (executable ? "x" : "-")
    }
    let userWrites = d.isUserAccessible && !d.isReadOnly
    let user = text(d.isUserAccessible, userWrites, !d.isUserExecuteNever)
    // What EL0 may write EL1 never executes.
    let privileged = text(true, !d.isReadOnly, !d.isPrivilegedExecuteNever && !userWrites)
    return "EL0 \(user) EL1 \(privileged)"
  }

  static func flags(_ d: Descriptor) -> String {
    let names: [(Bool, String)] = [
      (d.accessFlag, "AF"), (d.isNonGlobal, "nG"), (d.isDirtyBitModifier, "DBM"), (d.isContiguous, "Contiguous"),
      (d.isGuarded, "GP"), (d.rawValue >> 55 & 1 != 0, "dirty"), (d.rawValue >> 56 & 1 != 0, "special"),
    ]
    return (names.filter(\.0).map(\.1) + ["AttrIndx=\(d.attributeIndex)"]).joined(separator: " ")
  }

  static func tableFlags(_ d: Descriptor) -> String {
    let names: [(Bool, String)] = [
      (d.privilegedExecuteNeverBelow, "PXNTable"), (d.userExecuteNeverBelow, "UXNTable"), (d.noUserAccessBelow, "APTable[0]"),
      (d.readOnlyBelow, "APTable[1]"),
    ]
    return names.filter(\.0).map(\.1).joined(separator: " ")
  }

  private static func kind(_ d: Descriptor, _ level: Int) -> Kind {
    if !d.isValid { return .invalid }
    if d.isTableOrPage { return level == 3 ? .page : .table }
    return level == 1 || level == 2 ? .block : .invalid
  }

  private static func invalidMeaning(_ d: Descriptor) -> String {
    if d.isValid { return "invalid: there are no blocks at this level" }
    if d.rawValue == 0 { return "invalid: nothing here" }
    if d.isNonGlobal { return "invalid: Linux keeps a page here that nobody may access (PROT_NONE)" }
    return "invalid: ignored by hardware"
  }

  private static func layout(_ kind: Kind, _ level: Int) -> [FieldLayout] {
    switch kind {
    case .invalid: [FieldLayout("ignored", 63, 1), FieldLayout("valid", 0, 0) { $0 == 0 ? "invalid" : "reserved at this level" }]
    case .table: table
    case .block: leaf + [output(Int(Granule.size4K.shift(level: level))), FieldLayout("nT", 16, "", "no TLB entry wanted")]
    case .page: leaf + [output(12)]
    }
  }

  private static func output(_ shift: Int) -> FieldLayout {
    FieldLayout("OA", 47, shift) { "output address \(hexadecimal($0 << UInt64(shift)))" }
  }

  private static let table: [FieldLayout] = [
    FieldLayout("NSTable", 63, "", "non-secure below"),
    FieldLayout("APTable[1]", 62, "", "no writes below"),
    FieldLayout("APTable[0]", 61, "", "no EL0 access below"),
    FieldLayout("UXNTable", 60, "", "EL0 does not execute below"),
    FieldLayout("PXNTable", 59, "", "EL1 does not execute below"),
    FieldLayout("ignored", 58, 51),
    FieldLayout("table", 47, 12) { "next table at \(hexadecimal($0 << 12))" },
    FieldLayout("ignored", 11, 2),
    FieldLayout("type", 1, 0) { _ in "table" },
  ]

  private static let leaf: [FieldLayout] = [
    FieldLayout("ignored", 63, 63),
    FieldLayout("PBHA", 62, 59),
    FieldLayout("uffd-wp", 58, "", "Linux: PTE_UFFD_WP"),
    FieldLayout("devmap", 57, "", "Linux: PTE_DEVMAP"),
    FieldLayout("special", 56, "", "Linux: PTE_SPECIAL, no page behind it is counted"),
    FieldLayout("dirty", 55, "", "Linux: PTE_DIRTY"),
    FieldLayout("UXN", 54, "EL0 may execute", "EL0 may not execute"),
    FieldLayout("PXN", 53, "EL1 may execute", "EL1 may not execute"),
    FieldLayout("Contiguous", 52, "", "one of a contiguous run"),
    FieldLayout("DBM", 51, "Linux: not writable", "a write may clear AP[2]; Linux: PTE_WRITE"),
    FieldLayout("GP", 50, "", "guarded page"),
    FieldLayout("nG", 11, "global", "of one ASID"),
    FieldLayout("AF", 10, "never accessed: an access faults", "accessed"),
    FieldLayout("SH", 9, 8, names: ["non-shareable", "reserved", "outer shareable", "inner shareable"]),
    FieldLayout("AP[2]", 7, "writable", "read-only"),
    FieldLayout("AP[1]", 6, "EL1 only", "EL0 may access"),
    FieldLayout("NS", 5, "", "non-secure"),
    FieldLayout("AttrIndx", 4, 2) { "MAIR_EL1 attribute \($0)" },
    FieldLayout("type", 1, 0) { $0 == 1 ? "block" : "page" },
  ]
}
