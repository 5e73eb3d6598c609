// Owns the generic timer of a PE: the virtual and the physical EL1 timer over the system counter, and when they interrupt.
// It does not know to what input their interrupt is wired. Arm ARM D12.
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
  /// Whether the timer is enabled and unmasked, so that it interrupts now or later.
  var isArmed: Bool { control & (Control.ENABLE | Control.IMASK) == Control.ENABLE }
  /// Whether the timer is armed and due.
  func interrupts(at count: UInt64) -> Bool { isArmed && isDue(at: count) }
  /// The count at which the timer will begin to interrupt; all ones if it will not.
  func deadline(after count: UInt64) -> UInt64 { isArmed && !isDue(at: count) ? compareValue : ~0 }

  /// Reads CNTx_CTL_EL0. ISTATUS is read-only, and UNKNOWN (here 0) while the timer is off.
  func readControl(at count: UInt64) -> UInt64 {
    control | (control & Control.ENABLE != 0 && isDue(at: count) ? Control.ISTATUS : 0)
  }
  mutating func writeControl(_ value: UInt64) { control = value & (Control.ENABLE | Control.IMASK) }

  /// Reads CNTx_TVAL_EL0, a signed 32-bit distance from now.
  func readTimerValue(at count: UInt64) -> UInt64 { (compareValue &- count) & 0xffff_ffff }
  mutating func writeTimerValue(_ value: UInt64, at count: UInt64) {
    compareValue = count &+ UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
  }
}

struct GenericTimer {
  var virtual = ArchitecturalTimer() { didSet { nextLook = 0 } }
  var physical = ArchitecturalTimer() { didSet { nextLook = 0 } }
  /// CNTFRQ_EL0, what software is told of the counter's frequency in Hz. A write changes nothing else.
  var frequency: UInt64 = 1_000_000_000
  /// CNTKCTL_EL1, which says what EL0 may access, and makes the event stream.
  var kernelControl: UInt64 = 0
  /// The count up to which the event register has the events of the stream.
  var eventLook: UInt64 = 0
  var eventStream: EventStream { EventStream(kernelControl: kernelControl) }
  /// Whether the timers asserted their interrupt when the PE last looked.
  private(set) var isAsserted = false
  /// The count at which the interrupt may change: 0 after a register was written, all ones if time changes nothing.
  private(set) var nextLook: UInt64 = ~0

  /// Computes the interrupt at `count`. Without EL2 the virtual offset is zero, so both timers use the same count. The interrupt is
  /// a level: it is deasserted when its cause ends.
  mutating func look(at count: UInt64) {
    isAsserted = virtual.interrupts(at: count) || physical.interrupts(at: count)
    nextLook = deadline(after: count)
  }

  /// The count at which a timer that does not interrupt now will begin to; all ones if none will.
  func deadline(after count: UInt64) -> UInt64 { min(virtual.deadline(after: count), physical.deadline(after: count)) }
}

extension Processor {
  /// Drives the IRQ input from the timers. A platform calls this for a PE that waits; a PE that runs does it itself.
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

  /// How many instructions may retire before the timers must be checked again; at least 1.
  var instructionsToTimer: UInt64 {
    let next = context.state.pointee.timer.nextLook
    return next == ~0 ? ~0 : max(1, next &- min(next, systemCount))
  }

  /// The system counter as this PE sees it: retired instructions, and time that passed without them. A platform that runs several
  /// PEs in turn sets it at the start of each turn.
  public var systemCount: UInt64 {
    get { context.systemCount(retired: instructionsRetired) }
    set { context.state.pointee.idleNanoseconds = newValue &- instructionsRetired }
  }

  /// The count at which a timer of this PE will interrupt or end a wait; nil if none is set, or if one does so already.
  public var timerDeadline: UInt64? {
    let deadline = min(context.state.pointee.timer.deadline(after: systemCount), context.state.pointee.interrupts.waitLimit ?? ~0)
    return deadline == ~0 ? nil : deadline
  }
}

extension Context {
  /// The system counter: a nanosecond for each retired instruction, plus the time that passed without instructions.
  func systemCount(retired: UInt64) -> UInt64 { retired &+ state.pointee.idleNanoseconds }

  /// A register of the timer; nil if `register` does not belong to it. Arm ARM D12.8, D23.11.
  func timerRegister(_ register: SystemRegister, retired: UInt64) -> UInt64? {
    let timer = state.pointee.timer
    let count = systemCount(retired: retired)
    switch register {
    case .CNTFRQ_EL0: return timer.frequency
    case .CNTVCT_EL0, .CNTPCT_EL0: return count
    case .CNTVCTSS_EL0 where state.pointee.features.ecv, .CNTPCTSS_EL0 where state.pointee.features.ecv: return count
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

  /// Writes a register of the timer; false if `register` does not belong to it or is read-only.
  func setTimerRegister(_ register: SystemRegister, _ value: UInt64, retired: UInt64) -> Bool {
    let s = state
    let count = systemCount(retired: retired)
    switch register {
    case .CNTKCTL_EL1:
      // The events so far are those of the stream as it was.
      updateEventRegister(at: count)
      s.pointee.timer.kernelControl = value & (s.pointee.features.ecv ? 0x2_03ff : 0x3ff)
    // EL1 is the highest level here, which may write it.
    case .CNTFRQ_EL0: s.pointee.timer.frequency = value & 0xffff_ffff
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

  /// Whether CNTKCTL_EL1 lets EL0 access a register of the timer; nil if the register does not belong to it. Arm ARM D23.11.13.
  func timerAllowsEL0(_ register: SystemRegister) -> Bool? {
    let control = state.pointee.timer.kernelControl
    switch register {
    case .CNTPCT_EL0: return control & 1 != 0
    case .CNTVCT_EL0: return control & 2 != 0
    case .CNTPCTSS_EL0 where state.pointee.features.ecv: return control & 1 != 0
    case .CNTVCTSS_EL0 where state.pointee.features.ecv: return control & 2 != 0
    case .CNTFRQ_EL0: return control & 3 != 0
    case .CNTV_CTL_EL0, .CNTV_CVAL_EL0, .CNTV_TVAL_EL0: return control & 1 << 8 != 0
    case .CNTP_CTL_EL0, .CNTP_CVAL_EL0, .CNTP_TVAL_EL0: return control & 1 << 9 != 0
    default: return nil
    }
  }
}
