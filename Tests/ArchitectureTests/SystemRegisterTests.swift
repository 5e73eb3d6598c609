// Owns the encodings of system registers against the words that another assembler makes of their names.
// It does not know what a register holds.
import Architecture
import Testing

struct SystemRegisterTests {
  /// MRS X0 of each name, as LLVM's assembler encodes it.
  static let rows: [(SystemRegister, UInt32)] =
    [
      (.MPIDR_EL1, 0xd538_00a0),
      (.MIDR_EL1, 0xd538_0000),
      (.REVIDR_EL1, 0xd538_00c0),
      (.ID_AA64PFR0_EL1, 0xd538_0400),
      (.ID_AA64PFR1_EL1, 0xd538_0420),
      (.ID_AA64DFR0_EL1, 0xd538_0500),
      (.ID_AA64ISAR0_EL1, 0xd538_0600),
      (.ID_AA64ISAR1_EL1, 0xd538_0620),
      (.ID_AA64ISAR2_EL1, 0xd538_0640),
      (.ID_AA64MMFR0_EL1, 0xd538_0700),
      (.ID_AA64MMFR1_EL1, 0xd538_0720),
      (.ID_AA64MMFR2_EL1, 0xd538_0740),
      (.ID_AA64MMFR3_EL1, 0xd538_0760),
      (.SCTLR_EL1, 0xd538_1000),
      (.ACTLR_EL1, 0xd538_1020),
      (.CPACR_EL1, 0xd538_1040),
      (.TTBR0_EL1, 0xd538_2000),
      (.TTBR1_EL1, 0xd538_2020),
      (.TCR_EL1, 0xd538_2040),
      (.TCR2_EL1, 0xd538_2060),
      (.SPSR_EL1, 0xd538_4000),
      (.ELR_EL1, 0xd538_4020),
      (.SP_EL0, 0xd538_4100),
      (.SPSel, 0xd538_4200),
      (.CurrentEL, 0xd538_4240),
      (.PAN, 0xd538_4260),
      (.UAO, 0xd538_4280),
      (.AFSR0_EL1, 0xd538_5100),
      (.AFSR1_EL1, 0xd538_5120),
      (.ESR_EL1, 0xd538_5200),
      (.FAR_EL1, 0xd538_6000),
      (.PAR_EL1, 0xd538_7400),
      (.MAIR_EL1, 0xd538_a200),
      (.AMAIR_EL1, 0xd538_a300),
      (.LORSA_EL1, 0xd538_a400),
      (.LOREA_EL1, 0xd538_a420),
      (.LORN_EL1, 0xd538_a440),
      (.LORC_EL1, 0xd538_a460),
      (.LORID_EL1, 0xd538_a4e0),
      (.VBAR_EL1, 0xd538_c000),
      (.RVBAR_EL1, 0xd538_c020),
      (.ISR_EL1, 0xd538_c100),
      (.CONTEXTIDR_EL1, 0xd538_d020),
      (.TPIDR_EL1, 0xd538_d080),
      (.SCXTNUM_EL1, 0xd538_d0e0),
      (.CCSIDR_EL1, 0xd539_0000),
      (.CLIDR_EL1, 0xd539_0020),
      (.CCSIDR2_EL1, 0xd539_0040),
      (.GMID_EL1, 0xd539_0080),
      (.AIDR_EL1, 0xd539_00e0),
      (.CSSELR_EL1, 0xd53a_0000),
      (.CTR_EL0, 0xd53b_0020),
      (.DCZID_EL0, 0xd53b_00e0),
      (.NZCV, 0xd53b_4200),
      (.DAIF, 0xd53b_4220),
      (.DIT, 0xd53b_42a0),
      (.SSBS, 0xd53b_42c0),
      (.TCO, 0xd53b_42e0),
      (.RNDR, 0xd53b_2400),
      (.RNDRRS, 0xd53b_2420),
      (.FPCR, 0xd53b_4400),
      (.FPSR, 0xd53b_4420),
      (.TPIDR_EL0, 0xd53b_d040),
      (.TPIDRRO_EL0, 0xd53b_d060),
      (.SCXTNUM_EL0, 0xd53b_d0e0),
      (.CNTFRQ_EL0, 0xd53b_e000),
      (.CNTPCT_EL0, 0xd53b_e020),
      (.CNTVCT_EL0, 0xd53b_e040),
      (.CNTPCTSS_EL0, 0xd53b_e0a0),
      (.CNTVCTSS_EL0, 0xd53b_e0c0),
      (.CNTKCTL_EL1, 0xd538_e100),
      (.CNTP_TVAL_EL0, 0xd53b_e200),
      (.CNTP_CTL_EL0, 0xd53b_e220),
      (.CNTP_CVAL_EL0, 0xd53b_e240),
      (.CNTV_TVAL_EL0, 0xd53b_e300),
      (.CNTV_CTL_EL0, 0xd53b_e320),
      (.CNTV_CVAL_EL0, 0xd53b_e340),
      (.MDSCR_EL1, 0xd530_0240),
      (.MDCCINT_EL1, 0xd530_0200),
      (.OSDTRRX_EL1, 0xd530_0040),
      (.OSDTRTX_EL1, 0xd530_0340),
      (.OSECCR_EL1, 0xd530_0640),
      (.MDRAR_EL1, 0xd530_1000),
      (.OSLAR_EL1, 0xd530_1080),
      (.OSLSR_EL1, 0xd530_1180),
      (.OSDLR_EL1, 0xd530_1380),
      (.DBGPRCR_EL1, 0xd530_1480),
      (.DBGCLAIMSET_EL1, 0xd530_78c0),
      (.DBGCLAIMCLR_EL1, 0xd530_79c0),
      (.DBGAUTHSTATUS_EL1, 0xd530_7ec0),
      (.MDCCSR_EL0, 0xd533_0100),
      (.DBGDTR_EL0, 0xd533_0400),
      (.DBGDTRRX_EL0, 0xd533_0500),
    ]
    + (0..<16).flatMap { (n: UInt16) -> [(SystemRegister, UInt32)] in
      // The number is CRm.
      let crm = UInt32(n) << 8
      return [
        (.DBGBVR_EL1(n), 0xd530_0080 | crm), (.DBGBCR_EL1(n), 0xd530_00a0 | crm), (.DBGWVR_EL1(n), 0xd530_00c0 | crm),
        (.DBGWCR_EL1(n), 0xd530_00e0 | crm),
      ]
    } + [
      (.APIAKeyLo_EL1, 0xd538_2100), (.APIAKeyHi_EL1, 0xd538_2120), (.APIBKeyLo_EL1, 0xd538_2140), (.APIBKeyHi_EL1, 0xd538_2160),
      (.APDAKeyLo_EL1, 0xd538_2200), (.APDAKeyHi_EL1, 0xd538_2220), (.APDBKeyLo_EL1, 0xd538_2240), (.APDBKeyHi_EL1, 0xd538_2260),
      (.APGAKeyLo_EL1, 0xd538_2300), (.APGAKeyHi_EL1, 0xd538_2320),
    ]

  @Test func everyName() {
    for (register, word) in Self.rows {
      #expect(word & 0xffe0_001f == 0xd520_0000)
      #expect(UInt32(register.rawValue) == word >> 5 & 0xffff, "\(register)")
    }
    #expect(Self.rows.map(\.0) == SystemRegister.names.map(\.0))
    #expect(Set(SystemRegister.names.map(\.0)).count == SystemRegister.names.count)
  }

  @Test func encodingsFallApartIntoFields() {
    let register = SystemRegister(2, 7, 15, 14, 5)
    #expect((register.op0, register.op1, register.crn, register.crm, register.op2) == (2, 7, 15, 14, 5))
    #expect("\(register)" == "S2_7_C15_C14_5")
    #expect("\(SystemRegister(3, 0, 2, 0, 1))" == "TTBR1_EL1")
  }
}
