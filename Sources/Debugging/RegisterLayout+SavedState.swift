// Owns the fields of SPSR_EL1, as AArch64 and as AArch32 code leaves them. Arm ARM: SPSR_EL1.
// It does not know which exception saved the state.
import Architecture

extension RegisterLayout {
  private static let flags: [FieldLayout] = [
    FieldLayout("N", 31, "", "negative"),
    FieldLayout("Z", 30, "", "zero"),
    FieldLayout("C", 29, "", "carry"),
    FieldLayout("V", 28, "", "overflow"),
  ]

  private static let masks: [FieldLayout] = [
    FieldLayout("A", 8, "SError not masked", "SError masked"),
    FieldLayout("I", 7, "IRQ not masked", "IRQ masked"),
    FieldLayout("F", 6, "FIQ not masked", "FIQ masked"),
  ]

  static let savedState: [FieldLayout] =
    flags + masks + [
      FieldLayout("UINJ", 36, "", "an undefined instruction exception is injected (FEAT_UINJ)"),
      FieldLayout("PACM", 35, "", "pointer authentication uses the PC as a second modifier (FEAT_PAuth_LR)"),
      FieldLayout("EXLOCK", 34, "", "the exception state is locked (FEAT_GCS)"),
      FieldLayout("PPEND", 33, "", "a profiling exception is pending"),
      FieldLayout("PM", 32, "", "profiling exceptions masked"),
      FieldLayout("TCO", 25, "tags are checked as SCTLR_EL1 says", "tags are not checked"),
      FieldLayout("DIT", 24, "", "data independent timing"),
      FieldLayout("UAO", 23, "", "LDTR and STTR access memory as EL1"),
      FieldLayout("PAN", 22, "EL1 may access EL0's memory", "EL1 faults on EL0's memory"),
      FieldLayout("SS", 21, "", "software step is active, not pending"),
      FieldLayout("IL", 20, "", "illegal execution state: the next instruction takes an exception"),
      FieldLayout("ALLINT", 13, "", "all interrupts masked (FEAT_NMI)"),
      FieldLayout("SSBS", 12, "speculative store bypass is not allowed", "speculative store bypass is allowed"),
      FieldLayout("BTYPE", 11, 10, names: ["no branch, or a direct one", "BR by X16 or X17, or from unguarded memory", "BLR", "BR"]),
      FieldLayout("D", 9, "debug exceptions not masked", "debug exceptions masked"),
      FieldLayout("M[4]", 4, "AArch64", "AArch32"),
      FieldLayout("M[3:0]", 3, 0) { modes[$0] ?? "reserved" },
    ]

  private static let modes: [UInt64: String] = [
    0: "EL0, with SP_EL0", 4: "EL1, with SP_EL0 (EL1t)", 5: "EL1, with SP_EL1 (EL1h)", 8: "EL2, with SP_EL0 (EL2t)",
    9: "EL2, with SP_EL2 (EL2h)", 12: "EL3, with SP_EL0 (EL3t)", 13: "EL3, with SP_EL3 (EL3h)",
  ]

  static let savedState32: [FieldLayout] =
    flags + masks + [
      FieldLayout("Q", 27, "", "saturation"),
      FieldLayout("IT[1:0]", 26, 25),
      FieldLayout("DIT", 24, "", "data independent timing"),
      FieldLayout("SSBS", 23, "speculative store bypass is not allowed", "speculative store bypass is allowed"),
      FieldLayout("PAN", 22, "EL1 may access EL0's memory", "EL1 faults on EL0's memory"),
      FieldLayout("SS", 21, "", "software step is active, not pending"),
      FieldLayout("IL", 20, "", "illegal execution state: the next instruction takes an exception"),
      FieldLayout("GE", 19, 16),
      FieldLayout("IT[7:2]", 15, 10),
      FieldLayout("E", 9, "little-endian", "big-endian"),
      FieldLayout("T", 5, "A32", "T32"),
      FieldLayout("M[4]", 4, "AArch64", "AArch32"),
      FieldLayout("M[3:0]", 3, 0) { modes32[$0] ?? "reserved" },
    ]

  private static let modes32: [UInt64: String] = [
    0: "User", 1: "FIQ", 2: "IRQ", 3: "Supervisor", 7: "Abort", 11: "Undefined", 15: "System",
  ]

  /// As in `EL1h in AArch64, PAN, flags nZCv, D A I F masked`.
  @Sendable static func savedStateSummary(_ value: UInt64) -> String {
    let is32 = value >> 4 & 1 != 0
    let mode = (is32 ? modes32 : modes)[value & 15] ?? "a reserved mode"
    func letter(_ bit: UInt64, _ name: Character) -> String { value >> bit & 1 != 0 ? String(name) : name.lowercased() }
    var parts = [
      "\(is32 ? "AArch32" : "AArch64"), \(mode)", "flags " + letter(31, "N") + letter(30, "Z") + letter(29, "C") + letter(28, "V"),
    ]
    let masked = (is32 ? [(8, "A"), (7, "I"), (6, "F")] : [(9, "D"), (8, "A"), (7, "I"), (6, "F")] as [(UInt64, String)])
      .filter { value >> $0.0 & 1 != 0 }.map(\.1)
    parts.append(masked.isEmpty ? "no exception masked" : masked.joined(separator: " ") + " masked")
    if value >> 22 & 1 != 0 { parts.append("PAN set") }
    if value >> 20 & 1 != 0 { parts.append("illegal execution state") }
    return parts.joined(separator: ", ")
  }
}
