// Owns the fields of SCTLR_EL1. Arm ARM: SCTLR_EL1.
// It does not know what the machine does with them.
import Architecture

extension RegisterLayout {
  static let systemControl: [FieldLayout] = [
    FieldLayout("TIDCP", 63, "", "EL0's implementation defined instructions trap"),
    FieldLayout("SPINTMASK", 62, "", "PSTATE.SP masks interrupts (FEAT_NMI)"),
    FieldLayout("NMI", 61, "", "interrupts may be non-maskable (FEAT_NMI)"),
    FieldLayout("EnTP2", 60, "EL0's TPIDR2_EL0 traps", "EL0 may access TPIDR2_EL0"),
    FieldLayout("TCSO", 59, "", "EL1: stores do not check tags (FEAT_MTE_STORE_ONLY checks them only)"),
    FieldLayout("TCSO0", 58, "", "EL0: only stores check tags (FEAT_MTE_STORE_ONLY)"),
    FieldLayout("EPAN", 57, "PAN does not cover execute-only pages of EL0", "PAN covers execute-only pages of EL0"),
    FieldLayout("EnALS", 56, "EL0's LD64B and ST64B trap", "EL0 may use LD64B and ST64B"),
    FieldLayout("EnAS0", 55, "EL0's ST64BV0 traps", "EL0 may use ST64BV0"),
    FieldLayout("EnASR", 54, "EL0's ST64BV traps", "EL0 may use ST64BV"),
    FieldLayout("TME", 53, "EL1's TSTART traps", "EL1 may use TSTART"),
    FieldLayout("TME0", 52, "EL0's TSTART traps", "EL0 may use TSTART"),
    FieldLayout("TMT", 51, "", "EL1's transactions fail"),
    FieldLayout("TMT0", 50, "", "EL0's transactions fail"),
    FieldLayout("TWEDEL", 49, 46) { "the delay of a trapped WFE is 2^(\($0) + 8) cycles, where TWEDEn is 1" },
    FieldLayout("TWEDEn", 45, "the delay of a trapped WFE is implementation defined", "TWEDEL is the delay of a trapped WFE"),
    FieldLayout("DSSBS", 44, "exceptions clear PSTATE.SSBS", "exceptions set PSTATE.SSBS"),
    FieldLayout("ATA", 43, "EL1 has no access to allocation tags", "EL1 has access to allocation tags"),
    FieldLayout("ATA0", 42, "EL0 has no access to allocation tags", "EL0 has access to allocation tags"),
    tagCheck("TCF", 41, "EL1"),
    tagCheck("TCF0", 39, "EL0"),
    FieldLayout("ITFSB", 37, "", "exceptions synchronise asynchronous tag check faults"),
    FieldLayout("BT1", 36, "EL1: PACIASP is a landing pad for BLR and BR", "EL1: PACIASP is no landing pad for BR"),
    FieldLayout("BT0", 35, "EL0: PACIASP is a landing pad for BLR and BR", "EL0: PACIASP is no landing pad for BR"),
    FieldLayout("EnFPM", 34, "accesses to FPMR trap", "FPMR may be accessed"),
    FieldLayout("MSCEn", 33, "EL0's memory copy and set instructions are undefined", "EL0 may use memory copy and set instructions"),
    FieldLayout("CMOW", 32, "", "EL0's DC CIVAC and IC IVAU need write permission"),
    FieldLayout("EnIA", 31, "PACIA and AUTIA do nothing", "pointer authentication by key IA"),
    FieldLayout("EnIB", 30, "PACIB and AUTIB do nothing", "pointer authentication by key IB"),
    FieldLayout("LSMAOE", 29, "A32 multiple accesses may be reordered", "A32 multiple accesses keep their order"),
    FieldLayout("nTLSMD", 28, "A32 multiple accesses to Device memory trap", "A32 multiple accesses to Device memory do not trap"),
    FieldLayout("EnDA", 27, "PACDA and AUTDA do nothing", "pointer authentication by key DA"),
    FieldLayout("UCI", 26, "EL0's cache maintenance by address traps", "EL0 may do cache maintenance by address"),
    FieldLayout("EE", 25, "EL1's data and all walks are little-endian", "EL1's data and all walks are big-endian"),
    FieldLayout("E0E", 24, "EL0's data is little-endian", "EL0's data is big-endian"),
    FieldLayout("SPAN", 23, "exceptions to EL1 set PSTATE.PAN", "exceptions to EL1 leave PSTATE.PAN"),
    FieldLayout("EIS", 22, "exception entry does not synchronise context", "exception entry synchronises context"),
    FieldLayout("IESB", 21, "", "an implicit error synchronisation at each exception and return"),
    FieldLayout("TSCXT", 20, "EL0 may access SCXTNUM_EL0", "EL0's SCXTNUM_EL0 traps"),
    FieldLayout("WXN", 19, "writable memory may be executed", "writable memory is never executed"),
    FieldLayout("nTWE", 18, "EL0's WFE traps", "EL0 may use WFE"),
    FieldLayout("nTWI", 16, "EL0's WFI traps", "EL0 may use WFI"),
    FieldLayout("UCT", 15, "EL0's reads of CTR_EL0 trap", "EL0 may read CTR_EL0"),
    FieldLayout("DZE", 14, "EL0's DC ZVA traps", "EL0 may use DC ZVA"),
    FieldLayout("EnDB", 13, "PACDB and AUTDB do nothing", "pointer authentication by key DB"),
    FieldLayout("I", 12, "instruction accesses are not cached", "instruction caches on"),
    FieldLayout("EOS", 11, "exception return does not synchronise context", "exception return synchronises context"),
    FieldLayout("EnRCTX", 10, "EL0's speculation restrictions trap", "EL0 may use speculation restrictions (CFP, DVP, CPP RCTX)"),
    FieldLayout("UMA", 9, "EL0's accesses to DAIF trap", "EL0 may access DAIF"),
    FieldLayout("SED", 8, "A32: SETEND works", "A32: SETEND is undefined"),
    FieldLayout("ITD", 7, "T32: IT blocks work", "T32: long IT blocks are undefined"),
    FieldLayout("nAA", 6, "ordered accesses fault where they are not aligned", "ordered accesses within 16 bytes need no alignment"),
    FieldLayout("CP15BEN", 5, "A32: CP15 barriers are undefined", "A32: CP15 barriers work"),
    FieldLayout("SA0", 4, "EL0's SP is not checked", "EL0's SP must be aligned to 16 bytes"),
    FieldLayout("SA", 3, "EL1's SP is not checked", "EL1's SP must be aligned to 16 bytes"),
    FieldLayout("C", 2, "data accesses are not cached", "data caches on"),
    FieldLayout("A", 1, "unaligned accesses to Normal memory do not fault", "every unaligned access faults"),
    FieldLayout("M", 0, "MMU off", "MMU on"),
  ]

  private static func tagCheck(_ name: String, _ high: Int, _ level: String) -> FieldLayout {
    FieldLayout(
      name, high, high - 1,
      names: [
        "wrong tags have no effect", "a wrong tag faults at once", "wrong tags are collected",
        "a wrong tag faults at once on a read, and is collected on a write",
      ].map { "\(level): \($0)" })
  }

  @Sendable static func systemControlSummary(_ value: UInt64) -> String {
    let parts = [
      "MMU \(value & 1 != 0 ? "on" : "off")", "data caches \(value & 4 != 0 ? "on" : "off")",
      "instruction caches \(value >> 12 & 1 != 0 ? "on" : "off")",
    ]
    let more: [(bit: UInt64, text: String)] = [
      (19, "writable memory is never executed (WXN)"), (1, "every unaligned access faults (A)"), (25, "big-endian (EE)"),
    ]
    return (parts + more.filter { value >> $0.bit & 1 != 0 }.map(\.text)).joined(separator: ", ")
  }
}
