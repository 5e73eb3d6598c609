// Owns one line of text about Linux's reaction to an exception, from EL0 and from EL1, by the syndrome alone.
// It does not know the address space, which decides whether a fault is served. Linux: arch/arm64/kernel/entry-common.c.
import Architecture

/// What Linux does with an exception that was taken from one Exception level.
public struct ExceptionOutcome: Hashable, Sendable {
  /// EL0, or EL1, which is the kernel itself.
  public let origin: String
  public let text: String

  /// A line of an explanation.
  public var line: String { "  Linux, from \(origin): \(text)" }

  /// One outcome for each Exception level that can raise the class, EL0 first; none for classes that neither can raise or that have no name.
  public static func all(_ esr: ExceptionSyndrome) -> [ExceptionOutcome] {
    [("EL0", fromUser(esr)), ("EL1", fromKernel(esr))].compactMap { origin, text in text.map { ExceptionOutcome(origin: origin, text: $0) }
    }
  }

  /// Linux: el0t_64_sync_handler().
  private static func fromUser(_ esr: ExceptionSyndrome) -> String? {
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
    case .serror: serror
    default: nil
    }
  }

  /// Linux: el1h_64_sync_handler().
  private static func fromKernel(_ esr: ExceptionSyndrome) -> String? {
    switch esr.exceptionClass {
    case .dataAbortSame: kernelAbort(esr)
    case .instructionAbortSame: kernelFetchAbort(esr)
    case .breakpointSame, .watchpointSame: "is a kernel debugger's or perf's breakpoint; without one, an oops"
    case .softwareStepSame: "is a kernel debugger's or kprobe's step; without one, it only warns"
    case .BRK64: kernelBreakpoint(UInt16(esr.iss & 0xffff))
    case .unknown, .trappedSystemRegister: "is an oops (Undefined instruction), unless it writes PSTATE.SSBS, which is emulated"
    case .pcAlignment: "is an oops (SP/PC alignment exception): the kernel jumped to an address that is no multiple of 4"
    case .spAlignment: "cannot be handled: saving the registers needs the stack, so the exception is taken again and ends in a panic"
    case .branchTarget: "is an oops (BTI): an indirect branch came to an instruction that is no landing pad"
    case .pointerAuthentication: "is an oops (FPAC): the code of an authenticated pointer is wrong"
    case .guardedControlStack: "is an oops (GCS) since Linux 6.13; a panic (Unhandled exception) before"
    case .memoryOperation: "sets the registers back and goes on since Linux 6.15; a panic (Unhandled exception) before"
    case .serror: serror
    case .trappedWFx, .trappedFP, .trappedSVE, .trappedSME, .illegalState, .trappedFloatingPoint64:
      "is a panic (Unhandled exception): the kernel does not expect it of itself"
    default: nil
    }
  }

  private static let serror = "is a panic (Asynchronous SError Interrupt), unless the error records say that it can be contained"

  /// The immediates by which BRK says what it stands for. Linux: arch/arm64/include/asm/brk-imm.h.
  private static let breakpoints: [(range: ClosedRange<UInt16>, text: String)] = [
    (0x004...0x004, "is a kprobe's breakpoint"),
    (0x005...0x005, "is a uprobe's breakpoint"),
    (0x006...0x006, "is the step of a kprobe"),
    (0x007...0x007, "is a kretprobe's breakpoint"),
    (0x100...0x100, "is an oops: code that must not run, as BPF and ftrace put there"),
    (0x400...0x401, "is a kernel debugger's breakpoint; without one, an oops (BRK)"),
    (0x800...0x800, "is BUG(), an oops, or WARN(), which logs and goes on: the bug table knows which"),
    (0x900...0x9ff, "is KASAN's report of a wrong pointer tag"),
    (0x5500...0x55ff, "is a report of the undefined behaviour sanitizer"),
    (0x8000...0x83ff, "is an oops (CFI): an indirect call of a function of another type"),
  ]

  private static func kernelBreakpoint(_ immediate: UInt16) -> String {
    breakpoints.first { $0.range.contains(immediate) }?.text ?? "is an oops (BRK): no part of the kernel uses this immediate"
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
