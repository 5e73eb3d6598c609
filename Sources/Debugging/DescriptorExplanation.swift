// Owns the explanation of one translation table descriptor in any format: its kind, a summary, and every field.
// It does not know the tables above it, whose hierarchical bits may remove rights. Arm ARM D8.3.
import Architecture

/// The explanation of a stage 1 descriptor.
public struct DescriptorExplanation: Sendable {
  public enum Kind: String, Sendable { case invalid, table, block, page }

  public let descriptor: Descriptor
  public let format: DescriptorFormat
  /// The level of the descriptor, -1 to 3. The same bits are a table at level 2 and a page at level 3.
  public let level: Int
  public let kind: Kind
  public let fields: [ExplainedField]

  public init(_ descriptor: Descriptor, level: Int, format: DescriptorFormat = DescriptorFormat()) {
    precondition((-1...3).contains(level))
    self.descriptor = descriptor
    self.level = level
    self.format = format
    kind = Self.kind(descriptor, level, format)
    output = format.output(descriptor.rawValue) & ~(1 << (kind == .block ? format.granule.shift(level: level) : 0) - 1)
    let layout = DescriptorLayout(format, level: level, output: output)
    fields = explain(descriptor.rawValue, by: layout.fields(kind), within: ~0, depth: 0)
  }

  /// Physical address that a table, block or page descriptor holds.
  public let output: UInt64

  /// One line: `page 0x40012000, EL0 rw- EL1 rw-, AF nG UXN PXN`.
  public var summary: String {
    switch kind {
    case .invalid: return invalidMeaning
    case .table: return (["table \(hexadecimal(output))"] + [Self.tableFlags(descriptor)].filter { !$0.isEmpty }).joined(separator: ", ")
    case .block, .page: return "\(kind.rawValue) \(hexadecimal(output)), \(Self.rights(descriptor)), \(Self.flags(descriptor))"
    }
  }

  /// The explanation as lines of text, without line ends.
  public var lines: [String] {
    ["descriptor \(hexadecimal(descriptor.rawValue, digits: 16)) at level \(level): \(summary)"] + fields.table()
  }

  /// The rights by the descriptor's own bits, as in `EL0 r-x EL1 r--`.
  static func rights(_ d: Descriptor) -> String {
    func text(_ readable: Bool, _ writable: Bool, _ executable: Bool) -> String {
      (readable ? "r" : "-") + (writable ? "w" : "-") + (executable ? "x" : "-")
    }
    let userWrites = d.isUserAccessible && !d.isReadOnly
    let user = text(d.isUserAccessible, userWrites, !d.isUserExecuteNever)
    // EL1 never executes memory that EL0 may write.
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

  private static func kind(_ d: Descriptor, _ level: Int, _ format: DescriptorFormat) -> Kind {
    if !d.isValid { return .invalid }
    if d.isTableOrPage { return level == 3 ? .page : .table }
    return format.hasBlocks(level) ? .block : .invalid
  }

  private var invalidMeaning: String {
    if descriptor.isValid { return "invalid: there are no blocks at this level" }
    if descriptor.rawValue == 0 { return "invalid: nothing here" }
    if descriptor.isNonGlobal { return "invalid: Linux keeps a page here that may not be accessed (PROT_NONE)" }
    return "invalid: ignored by hardware"
  }
}
