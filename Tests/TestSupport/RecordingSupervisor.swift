// Owns a supervisor that records every exception's vector, ESR, FAR, ELR and SPSR.
// It does not know what an exception means: it skips the instruction, and an SVC ends the run.
import Architecture
import Machine

/// Skips every instruction that faults, and ends at an SVC.
public final class RecordingSupervisor: Supervisor {
  public private(set) var exceptions: [TakenException] = []
  private let processor: Processor
  public init(_ processor: Processor) { self.processor = processor }

  public func exceptionTaken(_ el1: EL1Interface, vector: ExceptionVector) -> SupervisorVerdict {
    let taken = TakenException(processor, vector)
    exceptions.append(taken)
    if ExceptionSyndrome(rawValue: taken.esr).exceptionClass == .SVC64 { return .exited(status: 0) }
    el1[.ELR_EL1] = taken.elr &+ 4
    el1.exceptionReturn()
    return .resume
  }

  /// Runs until an SVC or until `limit` instructions have retired in all; returns false if the limit came first.
  public func run(until limit: UInt64) -> Bool {
    while true {
      switch processor.run(until: limit) {
      case .exceptionTakenToEL1(let vector):
        if exceptionTaken(processor.el1, vector: vector) != .resume { return true }
      case .instructionLimit: return false
      case .exceptionLoop: return false
      case .yielded, .interrupted, .breakpoint, .watched, .traceIsHalfFull: break
      }
    }
  }
}
