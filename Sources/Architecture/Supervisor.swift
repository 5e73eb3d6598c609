// Owns the protocol of a hosted EL1 and the answers that it may give.
// It does not know the machine that calls it, nor the kernel that implements it.

/// A hosted EL1: entered where a guest's exception vector would be.
public protocol Supervisor: AnyObject {
  /// Handles an exception that was taken to EL1. ESR_EL1, FAR_EL1, ELR_EL1 and SPSR_EL1 are set, and the general registers still
  /// hold the interrupted context. To continue the guest, the supervisor executes `exceptionReturn()` and answers `.resume`.
  func exceptionTaken(_ el1: EL1Interface, vector: ExceptionVector) -> SupervisorVerdict
}

/// What a supervisor asks of the run loop next.
public enum SupervisorVerdict: Equatable, Sendable {
  /// The PE goes on; the supervisor has executed `exceptionReturn()`.
  case resume
  /// The program is over with this exit status (0 to 255).
  case exited(status: Int32)
  /// The program was killed by this signal number.
  case killed(signal: Int32)
  /// No task can run and nothing could wake one.
  case deadlock
  /// A tracer holds the program; the supervisor has executed `exceptionReturn()`. The next run begins with an interrupt.
  case held
  /// The kernel has ended the whole system for this reason. Linux: panic().
  case panicked(String)
}

/// The sixteen vectors, by offset from VBAR_EL1. Arm ARM D1.3.1.
@frozen public enum ExceptionVector: UInt64, Sendable, CaseIterable {
  case currentSP0Synchronous = 0x000, currentSP0IRQ = 0x080, currentSP0FIQ = 0x100, currentSP0SError = 0x180
  case currentSPxSynchronous = 0x200, currentSPxIRQ = 0x280, currentSPxFIQ = 0x300, currentSPxSError = 0x380
  case lowerA64Synchronous = 0x400, lowerA64IRQ = 0x480, lowerA64FIQ = 0x500, lowerA64SError = 0x580
  case lowerA32Synchronous = 0x600, lowerA32IRQ = 0x680, lowerA32FIQ = 0x700, lowerA32SError = 0x780
}

/// The vector base that marks EL1 as hosted: an exception taken while VBAR_EL1 holds this address stops the PE for the supervisor,
/// and the PE fetches nothing from the vector.
public enum HostedVectors {
  public static var base: UInt64 { 0xffff_ffff_ffff_f800 }
}
