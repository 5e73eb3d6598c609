// Owns a PE's interrupt inputs, its event register and what it waits for: when an interrupt is taken, and what wakes a PE.
// It does not know what drives an input: an interrupt controller, a timer or a test.
import Architecture

/// An interrupt input of a PE. Arm ARM D1.3.4.
public enum InterruptKind: UInt8, Sendable, CaseIterable {
  case irq, fiq, serror

  /// The offset of its vector in a group. Arm ARM D1.3.1.
  var vectorOffset: UInt64 {
    switch self {
    case .irq: 0x080
    case .fiq: 0x100
    case .serror: 0x180
    }
  }
  /// Its bit in ISR_EL1 and DAIF, both shifted right by 6: F, I, A.
  var bit: UInt64 {
    switch self {
    case .fiq: 1
    case .irq: 2
    case .serror: 4
    }
  }
}

/// What a PE waits for. Arm ARM D1.6.
public enum WaitKind: Sendable, Equatable {
  /// WFI: an interrupt, masked or not.
  case interrupt
  /// WFE: an event, or an interrupt that is not masked.
  case event
}

/// The inputs of one PE, as plain data.
struct InterruptInputs {
  /// The asserted or latched inputs, as ISR_EL1 shifted right by 6 shows them: `InterruptKind.bit`.
  var pending: UInt64 = 0
  /// The ISS of the latched SError.
  var serrorSyndrome: UInt32 = 0
  /// Arm ARM D1.6.1: the Event Register.
  var eventRegister = false
  var waiting: WaitKind?
  /// WFET, WFIT: the system count that ends the wait.
  var waitLimit: UInt64?

  mutating func endWait() {
    waiting = nil
    waitLimit = nil
  }

  /// The interrupt of highest priority that can be taken under these masks (DAIF, D in bit 3). The order among SError, FIQ and IRQ
  /// is IMPLEMENTATION DEFINED (Arm ARM D1.3.4.3).
  func takeable(daif: UInt64) -> InterruptKind? {
    let unmasked = pending & ~daif
    if unmasked == 0 { return nil }
    return unmasked & 4 != 0 ? .serror : unmasked & 1 != 0 ? .fiq : .irq
  }
}

extension Context {
  /// The interrupt that must be taken before the next instruction.
  @inline(__always)
  var takeableInterrupt: InterruptKind? {
    if _fastPath(state.pointee.interrupts.pending == 0) { return nil }
    return state.pointee.interrupts.takeable(daif: state.pointee.processorState.daif)
  }

  /// Takes an interrupt to EL1 and answers the vector's address. Arm ARM: AArch64.TakePhysicalIRQException, AArch64.TakePhysicalFIQException, AArch64.TakePhysicalSErrorException.
  func takeInterrupt(_ kind: InterruptKind, returnTo pc: UInt64, nzcv: UInt64) -> UInt64 {
    let s = state
    s.pointee.exceptionCounts[192 &+ Int(kind.rawValue)] &+= 1
    if kind == .serror {
      s.pointee.interrupts.pending &= ~kind.bit
      let syndrome = ExceptionSyndrome(.serror, iss: s.pointee.interrupts.serrorSyndrome)
      return takeException(syndrome, far: nil, returnTo: pc, nzcv: nzcv, vectorOffset: kind.vectorOffset)
    }
    return enterVector(kind.vectorOffset, returnTo: pc, nzcv: nzcv)
  }

  /// Ends a wait whose condition holds.
  func wake() {
    let s = state
    switch s.pointee.interrupts.waiting {
    case nil: break
    case .interrupt: if s.pointee.interrupts.pending != 0 { s.pointee.interrupts.endWait() }
    case .event: if s.pointee.interrupts.eventRegister || takeableInterrupt != nil { s.pointee.interrupts.endWait() }
    }
  }

  /// Sets the event register. Arm ARM: SendEventLocal.
  func sendEvent() {
    state.pointee.interrupts.eventRegister = true
    wake()
  }

  /// Clears the exclusive reservation because another PE stored to it, which is an event. Arm ARM D1.6.1, B2.12.2.
  func loseReservation() {
    if state.pointee.monitor.address == ~0 { return }
    state.pointee.monitor.clear()
    sendEvent()
  }
}

extension Processor {
  /// Drives an interrupt input. IRQ and FIQ are levels: they are taken for as long as they are asserted and not masked. An SError
  /// is an edge: asserting it latches it with its syndrome (ESR_EL1.ISS) until it is taken, and deasserting it does nothing.
  ///
  /// The interrupt is taken before the next instruction that finds it unmasked. Call this between runs, or during a run on the
  /// run's own thread (from a device's register write), but not from other threads.
  public func setInterrupt(_ kind: InterruptKind, asserted: Bool, syndrome: UInt32 = 0) {
    let s = context.state
    if asserted {
      s.pointee.interrupts.pending |= kind.bit
      if kind == .serror { s.pointee.interrupts.serrorSyndrome = syndrome }
      context.wake()
      context[Slot.softLimit] = UInt64(bitPattern: Int64.min)
    } else if kind != .serror {
      s.pointee.interrupts.pending &= ~kind.bit
    }
  }

  /// Whether an input is asserted, or an SError latched, masked or not.
  public func isPending(_ kind: InterruptKind) -> Bool { context.state.pointee.interrupts.pending & kind.bit != 0 }

  /// What the PE waits for since its last run ended in WFI or WFE; nil if it can go on. A platform may skip a waiting PE. Running
  /// the PE ends the wait, which the architecture permits at any time.
  public var waiting: WaitKind? { context.state.pointee.interrupts.waiting }

  /// Sets the event register, as SEV on another PE and the event stream do.
  public func sendEvent() { context.sendEvent() }

  /// Makes the PE wait as WFI does, for firmware that puts it to sleep. If an interrupt is pending the PE goes on.
  public func waitForInterrupt() {
    let s = context.state
    s.pointee.interrupts.waiting = s.pointee.interrupts.pending == 0 ? .interrupt : nil
  }
}
