// Owns GDB's own numbers of signals beside those of Linux. It does not know what a signal does. GDB: include/gdb/signals.def.

public enum SignalNumbers {
  /// GDB's number of SIGINT, which also tells that the user stopped the program, and of SIGTRAP, which tells of a debugger's own stops.
  public static let interrupt: UInt8 = 2
  public static let trap: UInt8 = 5
  /// GDB's number of SIGSTOP.
  public static let stop: UInt8 = 17
  /// GDB's number for a signal that it has no number for.
  private static let unknown: UInt8 = 143

  /// GDB's numbers of Linux's signals 1 to 31.
  private static let standard: [UInt8] = [
    1, 2, 3, 4, 5, 6, 10, 8,  // HUP INT QUIT ILL TRAP ABRT BUS FPE
    9, 30, 11, 31, 13, 14, 15, unknown,  // KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT
    20, 19, 17, 18, 21, 22, 16, 24,  // CHLD CONT STOP TSTP TTIN TTOU URG XCPU
    25, 26, 27, 28, 23, 32, 12,  // XFSZ VTALRM PROF WINCH IO PWR SYS
  ]

  /// GDB's number of a signal that Linux numbers.
  public static func debugger(linux signal: Int) -> UInt8 {
    switch signal {
    case 1...31: standard[signal - 1]
    case 32: 77
    case 33...63: UInt8(signal - 33 + 45)
    case 64: 78
    default: unknown
    }
  }

  /// Linux's number of a signal that GDB numbers; nil for one that Linux does not have.
  public static func linux(debugger signal: Int) -> Int? { (1...64).first { Int(debugger(linux: $0)) == signal && signal != Int(unknown) } }
}
