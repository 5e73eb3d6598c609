// Owns the names of si_code's values. It does not know which of them a kernel sends. Linux: include/uapi/asm-generic/siginfo.h.

extension SignalInfo {
  /// The name of si_code, as in `SEGV_MAPERR`; the number where it has no name.
  public var codeName: String { Self.codeName(signal, code) ?? "si_code \(code)" }

  /// The name of a code that comes with a signal; nil if it has none.
  public static func codeName(_ signal: Int32, _ code: Int32) -> String? {
    if let name = anySignal[code] { return name }
    guard let names = codes[signal], names.indices.contains(Int(code) - 1) else { return nil }
    return names[Int(code) - 1]
  }

  private static let anySignal: [Int32: String] = [
    0: "SI_USER", 0x80: "SI_KERNEL", -1: "SI_QUEUE", -2: "SI_TIMER", -3: "SI_MESGQ", -4: "SI_ASYNCIO", -5: "SI_SIGIO", -6: "SI_TKILL",
  ]

  /// The codes of each signal, from 1 up.
  private static let codes: [Int32: [String]] = [
    Signal.SIGILL: ["ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK"],
    Signal.SIGFPE: ["FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB"],
    Signal.SIGSEGV: [
      "SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR", "SEGV_ACCADI", "SEGV_ADIDERR", "SEGV_ADIPERR", "SEGV_MTEAERR",
      "SEGV_MTESERR", "SEGV_CPERR",
    ],
    Signal.SIGBUS: ["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR", "BUS_MCEERR_AO"],
    Signal.SIGTRAP: ["TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT"],
    Signal.SIGCHLD: ["CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"],
  ]
}
