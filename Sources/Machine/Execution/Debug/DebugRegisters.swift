// Owns reading and writing the debug registers (op0 = 2). Arm ARM D23.3.
// It does not know which Exception level may access them: the general executor checks that.
import Architecture

extension Context {
  /// The bits of MDSCR_EL1 that software can always write (SS, TDCC, KDE, MDE), and those that it can write while the OS lock is
  /// set: ERR, HDE, TDA, INTdis, TXU, RXO, TXfull, RXfull.
  private static var mdscrBits: UInt64 { 0xb001 }
  private static var mdscrLockedBits: UInt64 { 0x6ce0_4040 }

  /// The value of a debug register; nil if it does not exist or cannot be read.
  func debugRegister(_ register: SystemRegister) -> UInt64? {
    let s = state
    if let slot = debugSlot(register) { return s.pointee.debug.registers[slot] }
    return switch register {
    case .MDSCR_EL1: s.pointee.debug.mdscr
    case .OSLSR_EL1: 8 | (s.pointee.debug.osLock ? 2 : 0)
    case .OSDLR_EL1: s.pointee.debug.osDoubleLock ? 1 : 0
    case .DBGPRCR_EL1: s.pointee.debug.noPowerdown ? 1 : 0
    case .DBGCLAIMSET_EL1: 0xff
    case .DBGCLAIMCLR_EL1: s.pointee.debug.claims
    // There is no external debugger, so these registers say that nothing is connected to the debug communications channel.
    case .MDRAR_EL1, .DBGAUTHSTATUS_EL1, .MDCCINT_EL1, .OSDTRRX_EL1, .OSDTRTX_EL1, .OSECCR_EL1, .MDCCSR_EL0, .DBGDTR_EL0,
      .DBGDTRRX_EL0:
      0
    default: nil
    }
  }

  /// Writes a debug register; false if it does not exist or is read-only.
  func setDebugRegister(_ register: SystemRegister, _ value: UInt64) -> Bool {
    let s = state
    if let slot = debugSlot(register) {
      s.pointee.debug.registers[slot] = Self.debugValue(slot, value)
    } else {
      switch register {
      case .MDSCR_EL1:
        let mine = Self.mdscrBits | (s.pointee.debug.osLock ? Self.mdscrLockedBits : 0)
        s.pointee.debug.mdscr = s.pointee.debug.mdscr & ~mine | value & mine
      case .OSLAR_EL1: s.pointee.debug.osLock = value & 1 != 0
      case .OSDLR_EL1: s.pointee.debug.osDoubleLock = value & 1 != 0
      case .DBGPRCR_EL1: s.pointee.debug.noPowerdown = value & 1 != 0
      case .DBGCLAIMSET_EL1: s.pointee.debug.claims |= value & 0xff
      case .DBGCLAIMCLR_EL1: s.pointee.debug.claims &= ~value
      case .MDCCINT_EL1, .OSDTRRX_EL1, .OSDTRTX_EL1, .OSECCR_EL1, .DBGDTR_EL0, .DBGDTRRX_EL0: break
      default: return false
      }
    }
    s.pointee.debug.update()
    // The fast tables must not hold pages with breakpoints or watchpoints.
    flushFastTables()
    return true
  }

  /// Where DBGBVR, DBGBCR, DBGWVR and DBGWCR (op2 4 to 7, number in CRm) are kept.
  private func debugSlot(_ register: SystemRegister) -> Int? {
    guard register.op0 == 2, register.op1 == 0, register.crn == 0, register.op2 >= 4 else { return nil }
    let n = Int(register.crm)
    guard n < (register.op2 < 6 ? DebugUnits.breakpointCount : DebugUnits.watchpointCount) else { return nil }
    return Int(register.op2 &- 4) &* 16 &+ n
  }

  /// The value that a write leaves in a register: BAS of a breakpoint is RES1 without AArch32, and a watchpoint's address is
  /// sign-extended from bit 48.
  private static func debugValue(_ slot: Int, _ value: UInt64) -> UInt64 {
    switch slot &>> 4 {
    case 0: value
    case 1: value & 0x00ff_e007 | 0x1e0
    case 2: UInt64(bitPattern: Int64(bitPattern: value &<< 15) &>> 15) & ~3
    default: value & 0x1f1f_ffff
    }
  }
}
