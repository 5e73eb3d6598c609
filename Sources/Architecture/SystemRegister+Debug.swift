// Owns the names and encodings of the debug registers, op0 = 2.
// It does not know what any of them holds.

extension SystemRegister {
  public static let MDSCR_EL1 = Self(2, 0, 0, 2, 2)
  public static let MDCCINT_EL1 = Self(2, 0, 0, 2, 0)
  public static let OSDTRRX_EL1 = Self(2, 0, 0, 0, 2)
  public static let OSDTRTX_EL1 = Self(2, 0, 0, 3, 2)
  public static let OSECCR_EL1 = Self(2, 0, 0, 6, 2)
  public static let MDRAR_EL1 = Self(2, 0, 1, 0, 0)
  public static let OSLAR_EL1 = Self(2, 0, 1, 0, 4)
  public static let OSLSR_EL1 = Self(2, 0, 1, 1, 4)
  public static let OSDLR_EL1 = Self(2, 0, 1, 3, 4)
  public static let DBGPRCR_EL1 = Self(2, 0, 1, 4, 4)
  public static let DBGCLAIMSET_EL1 = Self(2, 0, 7, 8, 6)
  public static let DBGCLAIMCLR_EL1 = Self(2, 0, 7, 9, 6)
  public static let DBGAUTHSTATUS_EL1 = Self(2, 0, 7, 14, 6)
  public static let MDCCSR_EL0 = Self(2, 3, 0, 1, 0)
  public static let DBGDTR_EL0 = Self(2, 3, 0, 4, 0)
  public static let DBGDTRRX_EL0 = Self(2, 3, 0, 5, 0)

  /// DBGBVR<n>_EL1 and DBGBCR<n>_EL1: value and control of breakpoint `n`, 0 to 15.
  public static func DBGBVR_EL1(_ n: UInt16) -> Self { Self(2, 0, 0, n, 4) }
  public static func DBGBCR_EL1(_ n: UInt16) -> Self { Self(2, 0, 0, n, 5) }
  /// DBGWVR<n>_EL1 and DBGWCR<n>_EL1: value and control of watchpoint `n`, 0 to 15.
  public static func DBGWVR_EL1(_ n: UInt16) -> Self { Self(2, 0, 0, n, 6) }
  public static func DBGWCR_EL1(_ n: UInt16) -> Self { Self(2, 0, 0, n, 7) }

  /// Every debug register that has a name here.
  static let debugNames: [(SystemRegister, String)] =
    [
      (.MDSCR_EL1, "MDSCR_EL1"), (.MDCCINT_EL1, "MDCCINT_EL1"), (.OSDTRRX_EL1, "OSDTRRX_EL1"), (.OSDTRTX_EL1, "OSDTRTX_EL1"),
      (.OSECCR_EL1, "OSECCR_EL1"), (.MDRAR_EL1, "MDRAR_EL1"), (.OSLAR_EL1, "OSLAR_EL1"), (.OSLSR_EL1, "OSLSR_EL1"),
      (.OSDLR_EL1, "OSDLR_EL1"), (.DBGPRCR_EL1, "DBGPRCR_EL1"), (.DBGCLAIMSET_EL1, "DBGCLAIMSET_EL1"),
      (.DBGCLAIMCLR_EL1, "DBGCLAIMCLR_EL1"), (.DBGAUTHSTATUS_EL1, "DBGAUTHSTATUS_EL1"), (.MDCCSR_EL0, "MDCCSR_EL0"),
      (.DBGDTR_EL0, "DBGDTR_EL0"), (.DBGDTRRX_EL0, "DBGDTRRX_EL0"),
    ]
    + (0..<16).flatMap { (n: UInt16) -> [(SystemRegister, String)] in
      [
        (.DBGBVR_EL1(n), "DBGBVR\(n)_EL1"), (.DBGBCR_EL1(n), "DBGBCR\(n)_EL1"), (.DBGWVR_EL1(n), "DBGWVR\(n)_EL1"),
        (.DBGWCR_EL1(n), "DBGWCR\(n)_EL1"),
      ]
    }
}
