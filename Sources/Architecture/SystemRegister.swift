// Owns the names and encodings of system registers: one table with a row for each. It does not know the contents of any register.

/// A system register by its encoding, as MRS and MSR (register) name it. Arm ARM D23, C5.
@frozen public struct SystemRegister: RawRepresentable, Hashable, Sendable {
  /// op0 (bits 15:14), op1 (13:11), CRn (10:7), CRm (6:3), op2 (2:0): bits 20:5 of the instruction word.
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public init(_ op0: UInt16, _ op1: UInt16, _ crn: UInt16, _ crm: UInt16, _ op2: UInt16) {
    rawValue = op0 &<< 14 | op1 &<< 11 | crn &<< 7 | crm &<< 3 | op2
  }
  @inlinable public var op0: UInt16 { rawValue &>> 14 }
  @inlinable public var op1: UInt16 { rawValue &>> 11 & 7 }
  @inlinable public var crn: UInt16 { rawValue &>> 7 & 15 }
  @inlinable public var crm: UInt16 { rawValue &>> 3 & 15 }
  @inlinable public var op2: UInt16 { rawValue & 7 }

  public static let MPIDR_EL1 = Self(3, 0, 0, 0, 5)
  public static let MIDR_EL1 = Self(3, 0, 0, 0, 0)
  public static let REVIDR_EL1 = Self(3, 0, 0, 0, 6)
  public static let ID_AA64PFR0_EL1 = Self(3, 0, 0, 4, 0)
  public static let ID_AA64PFR1_EL1 = Self(3, 0, 0, 4, 1)
  public static let ID_AA64DFR0_EL1 = Self(3, 0, 0, 5, 0)
  public static let ID_AA64ISAR0_EL1 = Self(3, 0, 0, 6, 0)
  public static let ID_AA64ISAR1_EL1 = Self(3, 0, 0, 6, 1)
  public static let ID_AA64ISAR2_EL1 = Self(3, 0, 0, 6, 2)
  public static let ID_AA64MMFR0_EL1 = Self(3, 0, 0, 7, 0)
  public static let ID_AA64MMFR1_EL1 = Self(3, 0, 0, 7, 1)
  public static let ID_AA64MMFR2_EL1 = Self(3, 0, 0, 7, 2)
  public static let ID_AA64MMFR3_EL1 = Self(3, 0, 0, 7, 3)
  public static let SCTLR_EL1 = Self(3, 0, 1, 0, 0)
  public static let ACTLR_EL1 = Self(3, 0, 1, 0, 1)
  public static let CPACR_EL1 = Self(3, 0, 1, 0, 2)
  public static let TTBR0_EL1 = Self(3, 0, 2, 0, 0)
  public static let TTBR1_EL1 = Self(3, 0, 2, 0, 1)
  public static let TCR_EL1 = Self(3, 0, 2, 0, 2)
  public static let TCR2_EL1 = Self(3, 0, 2, 0, 3)
  public static let SPSR_EL1 = Self(3, 0, 4, 0, 0)
  public static let ELR_EL1 = Self(3, 0, 4, 0, 1)
  public static let SP_EL0 = Self(3, 0, 4, 1, 0)
  public static let SPSel = Self(3, 0, 4, 2, 0)
  public static let CurrentEL = Self(3, 0, 4, 2, 2)
  public static let PAN = Self(3, 0, 4, 2, 3)
  public static let UAO = Self(3, 0, 4, 2, 4)
  public static let AFSR0_EL1 = Self(3, 0, 5, 1, 0)
  public static let AFSR1_EL1 = Self(3, 0, 5, 1, 1)
  public static let ESR_EL1 = Self(3, 0, 5, 2, 0)
  public static let FAR_EL1 = Self(3, 0, 6, 0, 0)
  public static let PAR_EL1 = Self(3, 0, 7, 4, 0)
  public static let MAIR_EL1 = Self(3, 0, 10, 2, 0)
  public static let AMAIR_EL1 = Self(3, 0, 10, 3, 0)
  public static let LORSA_EL1 = Self(3, 0, 10, 4, 0)
  public static let LOREA_EL1 = Self(3, 0, 10, 4, 1)
  public static let LORN_EL1 = Self(3, 0, 10, 4, 2)
  public static let LORC_EL1 = Self(3, 0, 10, 4, 3)
  public static let LORID_EL1 = Self(3, 0, 10, 4, 7)
  public static let VBAR_EL1 = Self(3, 0, 12, 0, 0)
  public static let RVBAR_EL1 = Self(3, 0, 12, 0, 1)
  public static let ISR_EL1 = Self(3, 0, 12, 1, 0)
  public static let CONTEXTIDR_EL1 = Self(3, 0, 13, 0, 1)
  public static let TPIDR_EL1 = Self(3, 0, 13, 0, 4)
  public static let SCXTNUM_EL1 = Self(3, 0, 13, 0, 7)
  public static let CCSIDR_EL1 = Self(3, 1, 0, 0, 0)
  public static let CLIDR_EL1 = Self(3, 1, 0, 0, 1)
  public static let CCSIDR2_EL1 = Self(3, 1, 0, 0, 2)
  public static let GMID_EL1 = Self(3, 1, 0, 0, 4)
  public static let AIDR_EL1 = Self(3, 1, 0, 0, 7)
  public static let CSSELR_EL1 = Self(3, 2, 0, 0, 0)
  public static let CTR_EL0 = Self(3, 3, 0, 0, 1)
  public static let DCZID_EL0 = Self(3, 3, 0, 0, 7)
  public static let NZCV = Self(3, 3, 4, 2, 0)
  public static let DAIF = Self(3, 3, 4, 2, 1)
  public static let DIT = Self(3, 3, 4, 2, 5)
  public static let SSBS = Self(3, 3, 4, 2, 6)
  public static let TCO = Self(3, 3, 4, 2, 7)
  public static let RNDR = Self(3, 3, 2, 4, 0)
  public static let RNDRRS = Self(3, 3, 2, 4, 1)
  public static let FPCR = Self(3, 3, 4, 4, 0)
  public static let FPSR = Self(3, 3, 4, 4, 1)
  public static let TPIDR_EL0 = Self(3, 3, 13, 0, 2)
  public static let TPIDRRO_EL0 = Self(3, 3, 13, 0, 3)
  public static let SCXTNUM_EL0 = Self(3, 3, 13, 0, 7)
  public static let CNTFRQ_EL0 = Self(3, 3, 14, 0, 0)
  public static let CNTPCT_EL0 = Self(3, 3, 14, 0, 1)
  public static let CNTVCT_EL0 = Self(3, 3, 14, 0, 2)
  public static let CNTPCTSS_EL0 = Self(3, 3, 14, 0, 5)
  public static let CNTVCTSS_EL0 = Self(3, 3, 14, 0, 6)
  public static let CNTKCTL_EL1 = Self(3, 0, 14, 1, 0)
  public static let CNTP_TVAL_EL0 = Self(3, 3, 14, 2, 0)
  public static let CNTP_CTL_EL0 = Self(3, 3, 14, 2, 1)
  public static let CNTP_CVAL_EL0 = Self(3, 3, 14, 2, 2)
  public static let CNTV_TVAL_EL0 = Self(3, 3, 14, 3, 0)
  public static let CNTV_CTL_EL0 = Self(3, 3, 14, 3, 1)
  public static let CNTV_CVAL_EL0 = Self(3, 3, 14, 3, 2)

  /// Every register that has a name here.
  public static let names: [(SystemRegister, String)] =
    [
      (.MPIDR_EL1, "MPIDR_EL1"), (.MIDR_EL1, "MIDR_EL1"), (.REVIDR_EL1, "REVIDR_EL1"),
      (.ID_AA64PFR0_EL1, "ID_AA64PFR0_EL1"), (.ID_AA64PFR1_EL1, "ID_AA64PFR1_EL1"), (.ID_AA64DFR0_EL1, "ID_AA64DFR0_EL1"),
      (.ID_AA64ISAR0_EL1, "ID_AA64ISAR0_EL1"), (.ID_AA64ISAR1_EL1, "ID_AA64ISAR1_EL1"), (.ID_AA64ISAR2_EL1, "ID_AA64ISAR2_EL1"),
      (.ID_AA64MMFR0_EL1, "ID_AA64MMFR0_EL1"), (.ID_AA64MMFR1_EL1, "ID_AA64MMFR1_EL1"),
      (.ID_AA64MMFR2_EL1, "ID_AA64MMFR2_EL1"), (.ID_AA64MMFR3_EL1, "ID_AA64MMFR3_EL1"),
      (.SCTLR_EL1, "SCTLR_EL1"), (.ACTLR_EL1, "ACTLR_EL1"), (.CPACR_EL1, "CPACR_EL1"), (.TTBR0_EL1, "TTBR0_EL1"), (.TTBR1_EL1, "TTBR1_EL1"),
      (.TCR_EL1, "TCR_EL1"), (.TCR2_EL1, "TCR2_EL1"), (.SPSR_EL1, "SPSR_EL1"), (.ELR_EL1, "ELR_EL1"), (.SP_EL0, "SP_EL0"),
      (.SPSel, "SPSel"),
      (.CurrentEL, "CurrentEL"), (.PAN, "PAN"), (.UAO, "UAO"), (.AFSR0_EL1, "AFSR0_EL1"), (.AFSR1_EL1, "AFSR1_EL1"), (.ESR_EL1, "ESR_EL1"),
      (.FAR_EL1, "FAR_EL1"), (.PAR_EL1, "PAR_EL1"),
      (.MAIR_EL1, "MAIR_EL1"), (.AMAIR_EL1, "AMAIR_EL1"), (.LORSA_EL1, "LORSA_EL1"), (.LOREA_EL1, "LOREA_EL1"), (.LORN_EL1, "LORN_EL1"),
      (.LORC_EL1, "LORC_EL1"), (.LORID_EL1, "LORID_EL1"), (.VBAR_EL1, "VBAR_EL1"), (.RVBAR_EL1, "RVBAR_EL1"), (.ISR_EL1, "ISR_EL1"),
      (.CONTEXTIDR_EL1, "CONTEXTIDR_EL1"),
      (.TPIDR_EL1, "TPIDR_EL1"), (.SCXTNUM_EL1, "SCXTNUM_EL1"),
      (.CCSIDR_EL1, "CCSIDR_EL1"), (.CLIDR_EL1, "CLIDR_EL1"), (.CCSIDR2_EL1, "CCSIDR2_EL1"), (.GMID_EL1, "GMID_EL1"),
      (.AIDR_EL1, "AIDR_EL1"),
      (.CSSELR_EL1, "CSSELR_EL1"), (.CTR_EL0, "CTR_EL0"),
      (.DCZID_EL0, "DCZID_EL0"), (.NZCV, "NZCV"), (.DAIF, "DAIF"), (.DIT, "DIT"), (.SSBS, "SSBS"), (.TCO, "TCO"),
      (.RNDR, "RNDR"), (.RNDRRS, "RNDRRS"),
      (.FPCR, "FPCR"), (.FPSR, "FPSR"),
      (.TPIDR_EL0, "TPIDR_EL0"), (.TPIDRRO_EL0, "TPIDRRO_EL0"), (.SCXTNUM_EL0, "SCXTNUM_EL0"), (.CNTFRQ_EL0, "CNTFRQ_EL0"),
      (.CNTPCT_EL0, "CNTPCT_EL0"), (.CNTVCT_EL0, "CNTVCT_EL0"), (.CNTPCTSS_EL0, "CNTPCTSS_EL0"), (.CNTVCTSS_EL0, "CNTVCTSS_EL0"),
      (.CNTKCTL_EL1, "CNTKCTL_EL1"),
      (.CNTP_TVAL_EL0, "CNTP_TVAL_EL0"), (.CNTP_CTL_EL0, "CNTP_CTL_EL0"), (.CNTP_CVAL_EL0, "CNTP_CVAL_EL0"),
      (.CNTV_TVAL_EL0, "CNTV_TVAL_EL0"), (.CNTV_CTL_EL0, "CNTV_CTL_EL0"), (.CNTV_CVAL_EL0, "CNTV_CVAL_EL0"),
    ] + debugNames + pointerKeyNames
}

extension SystemRegister: CustomStringConvertible {
  /// The name, or the generic form S<op0>_<op1>_C<n>_C<m>_<op2>.
  public var description: String {
    Self.names.first { $0.0 == self }?.1 ?? "S\(op0)_\(op1)_C\(crn)_C\(crm)_\(op2)"
  }
}
