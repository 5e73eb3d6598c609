// Owns the tables of handlers that Lowering picks from: a row for each operation, the X form first.
// It does not know operands.
import Decoding

extension Lowering {
  typealias Pair = (x: Handler, w: Handler)

  /// ADC, ADCS, SBC, SBCS.
  static var carry: [Pair] { [(h_adc_x, h_adc_w), (h_adcs_x, h_adcs_w), (h_sbc_x, h_sbc_w), (h_sbcs_x, h_sbcs_w)] }

  /// ADD, ADDS, SUB, SUBS.
  static var addSubtracts: [(plain: Pair, shifted: Pair, extended: Pair)] {
    [
      ((h_add_x, h_add_w), (h_addShifted_x, h_addShifted_w), (h_addExtended_x, h_addExtended_w)),
      ((h_adds_x, h_adds_w), (h_addsShifted_x, h_addsShifted_w), (h_addsExtended_x, h_addsExtended_w)),
      ((h_sub_x, h_sub_w), (h_subShifted_x, h_subShifted_w), (h_subExtended_x, h_subExtended_w)),
      ((h_subs_x, h_subs_w), (h_subsShifted_x, h_subsShifted_w), (h_subsExtended_x, h_subsExtended_w)),
    ]
  }

  /// AND, ORR, EOR, then BIC, ORN, EON, then ANDS, BICS.
  static var logicals: [(plain: Pair, shifted: Pair)] {
    [
      ((h_and_x, h_and_w), (h_andShifted_x, h_andShifted_w)),
      ((h_orr_x, h_orr_w), (h_orrShifted_x, h_orrShifted_w)),
      ((h_eor_x, h_eor_w), (h_eorShifted_x, h_eorShifted_w)),
      ((h_bic_x, h_bic_w), (h_bicShifted_x, h_bicShifted_w)),
      ((h_orn_x, h_orn_w), (h_ornShifted_x, h_ornShifted_w)),
      ((h_eon_x, h_eon_w), (h_eonShifted_x, h_eonShifted_w)),
      ((h_ands_x, h_ands_w), (h_andsShifted_x, h_andsShifted_w)),
      ((h_bics_x, h_bics_w), (h_bicsShifted_x, h_bicsShifted_w)),
    ]
  }

  /// AND, ORR, EOR, ANDS (immediate).
  static var logicalImmediates: [Pair] {
    [(h_andImm_x, h_andImm_w), (h_orrImm_x, h_orrImm_w), (h_eorImm_x, h_eorImm_w), (h_andsImm_x, h_andsImm_w)]
  }

  /// UMADDL, UMSUBL, SMADDL, SMSUBL.
  static var longMultiplies: [Handler] { [h_umaddl, h_umsubl, h_smaddl, h_smsubl] }

  /// By `ConditionalSelect`.
  static var select: [Pair] {
    [(h_csel_x, h_csel_w), (h_csinc_x, h_csinc_w), (h_csinv_x, h_csinv_w), (h_csneg_x, h_csneg_w)]
  }

  /// By `ShiftType`.
  static var shifts: [Pair] { [(h_lslv_x, h_lslv_w), (h_lsrv_x, h_lsrv_w), (h_asrv_x, h_asrv_w), (h_rorv_x, h_rorv_w)] }

  /// By `UnaryOperation`. REV32 has no W form, so that entry is never picked.
  static var unaries: [Pair] {
    [
      (h_rbit_x, h_rbit_w), (h_rev16_x, h_rev16_w), (h_rev32_x, h_rev_w), (h_rev_x, h_rev_w), (h_clz_x, h_clz_w),
      (h_cls_x, h_cls_w),
    ]
  }

  /// The handlers of one kind of single-register load or store, by addressing mode; `sp` is for a base that is the stack pointer.
  struct Modes {
    let offset: Handler, pre: Handler, post: Handler, register: Handler
    var sp: Handler?
  }

  static func loads(_ size: AccessSize, _ sign: Width?) -> Modes? {
    switch (size, sign) {
    case (.byte, nil): Modes(offset: h_ldrb_w, pre: h_ldrb_wPre, post: h_ldrb_wPost, register: h_ldrb_wReg)
    case (.half, nil): Modes(offset: h_ldrh_w, pre: h_ldrh_wPre, post: h_ldrh_wPost, register: h_ldrh_wReg)
    case (.word, nil): Modes(offset: h_ldr_w, pre: h_ldr_wPre, post: h_ldr_wPost, register: h_ldr_wReg, sp: h_ldr_wSp)
    case (.double, nil): Modes(offset: h_ldr_x, pre: h_ldr_xPre, post: h_ldr_xPost, register: h_ldr_xReg, sp: h_ldr_xSp)
    case (.byte, .x): Modes(offset: h_ldrsb_x, pre: h_ldrsb_xPre, post: h_ldrsb_xPost, register: h_ldrsb_xReg)
    case (.half, .x): Modes(offset: h_ldrsh_x, pre: h_ldrsh_xPre, post: h_ldrsh_xPost, register: h_ldrsh_xReg)
    case (.word, .x): Modes(offset: h_ldrsw_x, pre: h_ldrsw_xPre, post: h_ldrsw_xPost, register: h_ldrsw_xReg)
    case (.byte, .w): Modes(offset: h_ldrsb_w, pre: h_ldrsb_wPre, post: h_ldrsb_wPost, register: h_ldrsb_wReg)
    case (.half, .w): Modes(offset: h_ldrsh_w, pre: h_ldrsh_wPre, post: h_ldrsh_wPost, register: h_ldrsh_wReg)
    default: nil
    }
  }

  static func stores(_ size: AccessSize) -> Modes {
    switch size {
    case .byte: Modes(offset: h_strb_w, pre: h_strb_wPre, post: h_strb_wPost, register: h_strb_wReg)
    case .half: Modes(offset: h_strh_w, pre: h_strh_wPre, post: h_strh_wPost, register: h_strh_wReg)
    case .word: Modes(offset: h_str_w, pre: h_str_wPre, post: h_str_wPost, register: h_str_wReg, sp: h_str_wSp)
    case .double: Modes(offset: h_str_x, pre: h_str_xPre, post: h_str_xPost, register: h_str_xReg, sp: h_str_xSp)
    }
  }

  /// SIMD&FP registers, by log2 of the size.
  static func vectorLoads(_ log2Size: UInt8) -> Modes {
    switch log2Size {
    case 0: Modes(offset: h_ldr_b, pre: h_ldr_bPre, post: h_ldr_bPost, register: h_ldr_bReg, sp: h_ldr_bSp)
    case 1: Modes(offset: h_ldr_h, pre: h_ldr_hPre, post: h_ldr_hPost, register: h_ldr_hReg, sp: h_ldr_hSp)
    case 2: Modes(offset: h_ldr_s, pre: h_ldr_sPre, post: h_ldr_sPost, register: h_ldr_sReg, sp: h_ldr_sSp)
    case 3: Modes(offset: h_ldr_d, pre: h_ldr_dPre, post: h_ldr_dPost, register: h_ldr_dReg, sp: h_ldr_dSp)
    default: Modes(offset: h_ldr_q, pre: h_ldr_qPre, post: h_ldr_qPost, register: h_ldr_qReg, sp: h_ldr_qSp)
    }
  }

  static func vectorStores(_ log2Size: UInt8) -> Modes {
    switch log2Size {
    case 0: Modes(offset: h_str_b, pre: h_str_bPre, post: h_str_bPost, register: h_str_bReg, sp: h_str_bSp)
    case 1: Modes(offset: h_str_h, pre: h_str_hPre, post: h_str_hPost, register: h_str_hReg, sp: h_str_hSp)
    case 2: Modes(offset: h_str_s, pre: h_str_sPre, post: h_str_sPost, register: h_str_sReg, sp: h_str_sSp)
    case 3: Modes(offset: h_str_d, pre: h_str_dPre, post: h_str_dPost, register: h_str_dReg, sp: h_str_dSp)
    default: Modes(offset: h_str_q, pre: h_str_qPre, post: h_str_qPost, register: h_str_qReg, sp: h_str_qSp)
    }
  }

  static func vectorPairLoads(_ log2Size: UInt8) -> (offset: Handler, pre: Handler, post: Handler) {
    switch log2Size {
    case 2: (h_ldp_s, h_ldp_sPre, h_ldp_sPost)
    case 3: (h_ldp_d, h_ldp_dPre, h_ldp_dPost)
    default: (h_ldp_q, h_ldp_qPre, h_ldp_qPost)
    }
  }

  static func vectorPairStores(_ log2Size: UInt8) -> (offset: Handler, pre: Handler, post: Handler) {
    switch log2Size {
    case 2: (h_stp_s, h_stp_sPre, h_stp_sPost)
    case 3: (h_stp_d, h_stp_dPre, h_stp_dPost)
    default: (h_stp_q, h_stp_qPre, h_stp_qPost)
    }
  }

  /// By `AtomicOperation`, then by log2 of the size.
  static var atomics: [[Handler]] {
    [
      [h_ldadd_b, h_ldadd_h, h_ldadd_w, h_ldadd_x], [h_ldclr_b, h_ldclr_h, h_ldclr_w, h_ldclr_x],
      [h_ldeor_b, h_ldeor_h, h_ldeor_w, h_ldeor_x], [h_ldset_b, h_ldset_h, h_ldset_w, h_ldset_x],
      [h_ldsmax_b, h_ldsmax_h, h_ldsmax_w, h_ldsmax_x], [h_ldsmin_b, h_ldsmin_h, h_ldsmin_w, h_ldsmin_x],
      [h_ldumax_b, h_ldumax_h, h_ldumax_w, h_ldumax_x], [h_ldumin_b, h_ldumin_h, h_ldumin_w, h_ldumin_x],
      [h_swp_b, h_swp_h, h_swp_w, h_swp_x],
    ]
  }
  static var compareAndSwaps: [Handler] { [h_cas_b, h_cas_h, h_cas_w, h_cas_x] }
}
