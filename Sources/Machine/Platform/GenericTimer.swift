// Owns the generic timer of a PE: the virtual and the physical EL1 timer over the system counter, and when they interrupt.
// It does not know what their interrupt is wired to. Arm ARM D12.
import Architecture

/// One timer: its control and compare registers. Arm ARM D12.2.4.
struct ArchitecturalTimer {
  private enum Control {
    static let ENABLE: UInt64 = 1
    static let IMASK: UInt64 = 2
    static let ISTATUS: UInt64 = 4
  }
  private var control: UInt64 = 0
  var compareValue: UInt64 = 0

  func isDue(at count: UInt64) -> Bool { count >= compareValue }
  /// Enabled and unmasked: it interrupts, or will.
  var isArmed: Bool { control & (Control.ENABLE | Control.IMASK) == Control.ENABLE }
  /// Armed and due.
  func interrupts(at count: UInt64) -> Bool { isArmed && isDue(at: count) }
  /// The count at which the interrupt comes; all ones where none will.
  func deadline(after count: UInt64) -> UInt64 { isArmed && !isDue(at: count) ? compareValue : ~0 }

  /// CNTx_CTL_EL0: ISTATUS is read-only, and UNKNOWN (here 0) while the timer is off.
  func readControl(at count: UInt64) -> UInt64 {
    control | (control & Control.ENABLE != 0 && isDue(at: count) ? Control.ISTATUS : 0)
  }
  mutating func writeControl(_ value: UInt64) { control = value & (Control.ENABLE | Control.IMASK) }

  /// CNTx_TVAL_EL0: a signed 32-bit distance from now.
  func readTimerValue(at count: UInt64) -> UInt64 { (compareValue &- count) & 0xffff_ffff }
  mutating func writeTimerValue(_ value: UInt64, at count: UInt64) {
    compareValue = count &+ UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
  }
}

struct GenericTimer {
  var virtual = ArchitecturalTimer() { didSet { nextLook = 0 } }
  var physical = ArchitecturalTimer() { didSet { nextLook = 0 } }
  /// CNTKCTL_EL1: what EL0 may reach.
  var kernelControl: UInt64 = 0
  /// Whether the timers assert their interrupt, as far as the PE has looked.
  private(set) var isAsserted = false
  /// The count at which the interrupt may change: 0 after a register was written, all ones where nothing changes with time.
  private(set) var nextLook: UInt64 = ~0

  /// Works out the interrupt at `count`. Without EL2 the virtual offset is zero, so one count serves both timers. The interrupt is a
  /// level: it falls when its cause does.
  mutating func look(at count: UInt64) {
    isAsserted = virtual.interrupts(at: count) || physical.interrupts(at: count)
    nextLook = deadline(after: count)
  }

  /// The count at which a timer will interrupt that does not yet; all ones where none will.
  func deadline(after count: UInt64) -> UInt64 { min(virtual.deadline(after: count), physical.deadline(after: count)) }
}

extension Processor {
  /// Drives the IRQ input from the timers. A platform calls it for a PE that waits; a PE that runs does so itself.
  public func updateTimer() {
    let s = context.state
    let count = systemCount
    if _slowPath(s.pointee.interrupts.waitLimit != nil), let limit = s.pointee.interrupts.waitLimit, count >= limit {
      s.pointee.interrupts.endWait()
    }
    if _fastPath(count < s.pointee.timer.nextLook) { return }
    let asserted = s.pointee.timer.isAsserted
    s.pointee.timer.look(at: count)
    if s.pointee.timer.isAsserted != asserted { setInterrupt(.irq, asserted: !asserted) }
  }

  /// How many instructions may retire before the timers must be looked at again; at least 1.
  var instructionsToTimer: UInt64 {
    let next = context.state.pointee.timer.nextLook
    return next == ~0 ? ~0 : max(1, next &- min(next, systemCount))
  }

  /// The system counter as this PE sees it: retired instructions, and time that passed without them. A platform that runs
  /// several PEs in turn sets it at the start of each turn.
  public var systemCount: UInt64 {
    get { context.systemCount(retired: instructionsRetired) }
    set { context.state.pointee.idleNanoseconds = newValue &- instructionsRetired }
  }

  /// The count at which a timer of this PE will interrupt or end a wait, where one is set; nil where none is, or it does already.
  public var timerDeadline: UInt64? {
    let deadline = min(context.state.pointee.timer.deadline(after: systemCount), context.state.pointee.interrupts.waitLimit ?? ~0)
    return deadline == ~0 ? nil : deadline
  }
}

extension Context {
  /// The system counter: a nanosecond for each retired instruction, and the time that passed without any.
  func systemCount(retired: UInt64) -> UInt64 { retired &+ state.pointee.idleNanoseconds }

  /// A register of the timer, or nil where `register` is none of it. Arm ARM D12.8, D23.11.
  func timerRegister(_ register: SystemRegister, retired: UInt64) -> UInt64? {
    let timer = state.pointee.timer
    let count = systemCount(retired: retired)
    switch register {
    case .CNTFRQ_EL0: return 1_000_000_000
    case .CNTVCT_EL0, .CNTPCT_EL0: return count
    case .CNTKCTL_EL1: return timer.kernelControl
    case .CNTV_CTL_EL0: return timer.virtual.readControl(at: count)
    case .CNTV_CVAL_EL0: return timer.virtual.compareValue
    case .CNTV_TVAL_EL0: return timer.virtual.readTimerValue(at: count)
    case .CNTP_CTL_EL0: return timer.physical.readControl(at: count)
    case .CNTP_CVAL_EL0: return timer.physical.compareValue
    case .CNTP_TVAL_EL0: return timer.physical.readTimerValue(at: count)
    default: return nil
    }
  }

  /// Writes a register of the timer; false where `register` is none of it or read-only.
  func setTimerRegister(_ register: SystemRegister, _ value: UInt64, retired: UInt64) -> Bool {
    let s = state
    let count = systemCount(retired: retired)
    switch register {
    case .CNTKCTL_EL1: s.pointee.timer.kernelControl = value & 0x3ff
    case .CNTV_CTL_EL0: s.pointee.timer.virtual.writeControl(value)
    case .CNTV_CVAL_EL0: s.pointee.timer.virtual.compareValue = value
    case .CNTV_TVAL_EL0: s.pointee.timer.virtual.writeTimerValue(value, at: count)
    case .CNTP_CTL_EL0: s.pointee.timer.physical.writeControl(value)
    case .CNTP_CVAL_EL0: s.pointee.timer.physical.compareValue = value
    case .CNTP_TVAL_EL0: s.pointee.timer.physical.writeTimerValue(value, at: count)
    default: return false
    }
    return true
  }

  /// Whether CNTKCTL_EL1 lets EL0 reach a register of the timer; nil where it is none of it. Arm ARM D23.11.13.
  func timerAllowsEL0(_ register: SystemRegister) -> Bool? {
    let control = state.pointee.timer.kernelControl
    switch register {
    case .CNTPCT_EL0: return control & 1 != 0
    case .CNTVCT_EL0: return control & 2 != 0
    case .CNTFRQ_EL0: return control & 3 != 0
    case .CNTV_CTL_EL0, .CNTV_CVAL_EL0, .CNTV_TVAL_EL0: return control & 1 << 8 != 0
    case .CNTP_CTL_EL0, .CNTP_CVAL_EL0, .CNTP_TVAL_EL0: return control & 1 << 9 != 0
    default: return nil
    }
  }
}
