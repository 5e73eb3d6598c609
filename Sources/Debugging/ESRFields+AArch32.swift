// Owns the ISS layouts of coprocessor accesses, which only AArch32 code makes. Arm ARM: ESR_EL1, ISS encodings for EC 0x03 to 0x08
// and 0x0c. It does not know which coprocessor a class names.

extension ESRFields {
  /// MCR and MRC.
  static let coprocessorRegister: [FieldLayout] = [
    FieldLayout("Opc2", 19, 17),
    FieldLayout("Opc1", 16, 14),
    FieldLayout("CRn", 13, 10),
    general("Rt", 9, 5),
    FieldLayout("CRm", 4, 1),
    FieldLayout("Direction", 0, "write: MCR", "read: MRC or VMRS"),
  ]

  /// MCRR and MRRC.
  static let coprocessorPair: [FieldLayout] = [
    FieldLayout("Opc1", 19, 16),
    general("Rt2", 14, 10),
    general("Rt", 9, 5),
    FieldLayout("CRm", 4, 1),
    FieldLayout("Direction", 0, "write: MCRR", "read: MRRC"),
  ]

  /// LDC and STC, which transfer the data of the debug communications channel.
  static let coprocessorMemory: [FieldLayout] = [
    FieldLayout("imm8", 19, 12) { "the instruction's immediate, #\($0)" },
    general("Rn", 9, 5),
    FieldLayout("Offset", 4, "subtracted", "added"),
    FieldLayout(
      "AM", 3, 1,
      names: ["unindexed", "post-indexed", "offset", "pre-indexed", "literal, unindexed", "reserved", "literal, offset", "reserved"]),
    FieldLayout("Direction", 0, "write to memory: STC", "read from memory: LDC"),
  ]

  /// A general register by its number in AArch64.
  private static func general(_ name: String, _ high: Int, _ low: Int) -> FieldLayout {
    FieldLayout(name, high, low) { $0 == 31 ? "none, or the PC" : "X\($0)" }
  }
}
