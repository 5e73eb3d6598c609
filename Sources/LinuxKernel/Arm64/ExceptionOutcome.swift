// Owns one line of text about Linux's reaction to an exception from EL0, by the syndrome alone.
// It does not know the address space, which decides whether a fault is served. Linux: arch/arm64/kernel/entry-common.c.
import Architecture

public enum ExceptionOutcome {
  /// Linux's reaction to an exception from EL0; nil for classes that EL0 cannot raise or that have no name.
  public static func describe(_ esr: ExceptionSyndrome) -> String? {
    switch esr.exceptionClass {
    case .dataAbortLower, .instructionAbortLower: abort(esr)
    case .SVC64: "runs the system call whose number is in X8"
    case .BRK64: "sends SIGTRAP (TRAP_BRKPT)"
    case .unknown: "emulates reads of ID registers, else sends SIGILL (ILL_ILLOPC)"
    case .trappedSystemRegister: "emulates reads of ID registers and cache maintenance, else sends SIGILL (ILL_ILLOPC)"
    case .pcAlignment, .spAlignment: "sends SIGBUS (BUS_ADRALN)"
    case .branchTarget, .illegalState: "sends SIGILL (ILL_ILLOPC)"
    case .pointerAuthentication: "sends SIGILL (ILL_ILLOPN)"
    case .trappedWFx: "goes on behind the instruction"
    case .trappedFP, .trappedSVE, .trappedSME: "gives the task its registers and returns to the instruction, or sends SIGILL (ILL_ILLOPC)"
    case .memoryOperation: "sets the registers back and returns to the first instruction of the sequence"
    case .trappedFloatingPoint64: "sends SIGFPE"
    case .guardedControlStack: "sends SIGSEGV (SEGV_CPERR)"
    case .breakpointLower: "sends SIGTRAP (TRAP_HWBKPT), where a debugger has set the breakpoint"
    case .watchpointLower: "sends SIGTRAP (TRAP_HWBKPT), where a debugger has set the watchpoint"
    case .softwareStepLower: "sends SIGTRAP (TRAP_TRACE)"
    default: nil
    }
  }

  private static func abort(_ esr: ExceptionSyndrome) -> String {
    let row = FaultTable.rows[Int(esr.faultStatus.rawValue)]
    let signal = Signal.name(row.signal)
    switch row.handler {
    case .translation, .page:
      return "serves the fault (do_page_fault), or sends SIGSEGV: SEGV_MAPERR where nothing is mapped, SEGV_ACCERR where the "
        + "mapping forbids the access"
    case .alignment: return "sends \(signal) (BUS_ADRALN)"
    case .tagCheck: return "sends \(signal) (SEGV_MTESERR)"
    case .bad, .externalAbort: return row.signal == Signal.SIGKILL ? "kills the task with SIGKILL" : "sends \(signal) (BUS_OBJERR)"
    }
  }
}
