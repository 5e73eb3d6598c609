// Owns one line of text about Linux's reaction to an exception from EL0, by the syndrome alone.
// It does not know the address space, which decides whether a fault is served. Linux: arch/arm64/kernel/entry-common.c.
import Architecture

public enum ExceptionOutcome {
  /// The Exception level that the classes of the current level come from, which is the kernel's own; otherwise the program's.
  public static func origin(_ esr: ExceptionSyndrome) -> String {
    switch esr.exceptionClass {
    case .dataAbortSame, .instructionAbortSame, .breakpointSame, .softwareStepSame, .watchpointSame: "EL1"
    default: "EL0"
    }
  }

  /// Linux's reaction to an exception from EL0, or to one from EL1 whose class says so; nil for classes that neither can raise or
  /// that have no name.
  public static func describe(_ esr: ExceptionSyndrome) -> String? {
    switch esr.exceptionClass {
    case .dataAbortLower, .instructionAbortLower: abort(esr)
    case .dataAbortSame: kernelAbort(esr)
    case .instructionAbortSame: kernelFetchAbort(esr)
    case .breakpointSame, .watchpointSame: "is a kernel debugger's or perf's breakpoint; without one, an oops"
    case .softwareStepSame: "is a kernel debugger's or kprobe's step; without one, it only warns"
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

  /// A Data Abort of the kernel's own. Linux: do_mem_abort(), __do_kernel_fault().
  private static func kernelAbort(_ esr: ExceptionSyndrome) -> String {
    let fixup = "goes on at the instruction's entry in the exception table, if it has one; otherwise it is an oops"
    switch FaultTable.rows[Int(esr.faultStatus.rawValue)].handler {
    case .translation:
      return "for a user address, serves the fault (do_page_fault) if the instruction has an entry in the exception table; otherwise it "
        + "is an oops: NULL pointer dereference below PAGE_SIZE, else paging request"
    case .page:
      return "for a user address, serves the fault (do_page_fault) if the instruction may access user memory; otherwise it is an oops"
        + (esr.faultStatus.kind == .permission
          ? ": \(esr.isWrite ? "write to read-only memory" : "read from unreadable memory"), or access to user memory outside uaccess routines"
          : ": paging request")
    case .alignment: return fixup + ": unaligned access to a Device address, as a rule"
    case .tagCheck: return "is KASAN's report of a wrong tag, and goes on"
    case .bad, .externalAbort: return "is an oops (die), unless firmware's error records say that the memory can be given up"
    }
  }

  /// An Instruction Abort of the kernel's own, which no entry in the exception table serves.
  private static func kernelFetchAbort(_ esr: ExceptionSyndrome) -> String {
    esr.faultStatus.kind == .permission
      ? "is an oops: execute from non-executable memory, or execution of user memory"
      : "is an oops: the kernel jumped where nothing is mapped"
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
