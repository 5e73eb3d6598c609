// Owns the contents of a signal: siginfo's fields, and the numbers of signals and codes.
// It does not know delivery. Linux: include/uapi/asm-generic/{signal,siginfo}.h.

/// A signal with the siginfo fields that faults use.
public struct SignalInfo: Hashable, Sendable {
  public var signal: Int32
  public var code: Int32
  /// si_addr for faults. For signals sent by a task, the low half is its pid and the high half its uid.
  public var address: UInt64
  public var addressLSB: UInt8
  /// The value after the sender's pid and uid: si_status of a child, or sigqueue's value.
  public var value: UInt64
  /// Whether the kernel kills the process by SIGKILL, without siginfo. Such a signal cannot be caught.
  public var isForcedKill: Bool
  /// The POSIX timer that sent it. Its number is the low half of `address`, and the high half is si_overrun.
  public var timer: TimerMark?

  public init(
    signal: Int32, code: Int32, address: UInt64, addressLSB: UInt8 = 0, value: UInt64 = 0, isForcedKill: Bool = false,
    timer: TimerMark? = nil
  ) {
    self.signal = signal
    self.code = code
    self.address = address
    self.addressLSB = addressLSB
    self.value = value
    self.isForcedKill = isForcedKill
    self.timer = timer
  }

  /// struct siginfo, 128 bytes.
  public var bytes: [UInt8] { SignalFrame.information(self) }

  /// The signal with bytes of struct siginfo put in place of its own: a debugger chooses what a handler gets. The number stays. Nil if the
  /// bytes do not fit.
  public func replacing(_ new: [UInt8], at offset: Int) -> SignalInfo? {
    var bytes = bytes
    if offset < 0 || offset > bytes.count || new.count > bytes.count - offset { return nil }
    bytes.replaceSubrange(offset..<offset + new.count, with: new)
    let words = [8, 16, 24].map { place in bytes[place..<place + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
    var info = self
    info.code = Int32(truncatingIfNeeded: words[0])
    (info.address, info.value, info.addressLSB) = (words[1], words[2], 0)
    return info
  }

  /// Whether `address` has a tag that is hidden from a handler that did not ask for it. Codes from 1 to SI_KERNEL are faults. A
  /// breakpoint's address is always shown with its tag. Linux: arch/arm64/include/asm/signal.h.
  var hidesTag: Bool {
    code > 0 && code < SignalCode.SI_KERNEL && !(signal == Signal.SIGTRAP && code == SignalCode.TRAP_BRKPT)
  }
}

public enum Signal {
  public static let SIGHUP: Int32 = 1
  public static let SIGQUIT: Int32 = 3
  public static let SIGILL: Int32 = 4
  public static let SIGTRAP: Int32 = 5
  public static let SIGABRT: Int32 = 6
  public static let SIGBUS: Int32 = 7
  public static let SIGFPE: Int32 = 8
  public static let SIGKILL: Int32 = 9
  public static let SIGSEGV: Int32 = 11
  public static let SIGPIPE: Int32 = 13
  public static let SIGALRM: Int32 = 14
  public static let SIGCHLD: Int32 = 17
  public static let SIGCONT: Int32 = 18
  public static let SIGSTOP: Int32 = 19
  public static let SIGTSTP: Int32 = 20
  public static let SIGTTIN: Int32 = 21
  public static let SIGTTOU: Int32 = 22
  public static let SIGURG: Int32 = 23
  public static let SIGXCPU: Int32 = 24
  public static let SIGXFSZ: Int32 = 25
  public static let SIGVTALRM: Int32 = 26
  public static let SIGPROF: Int32 = 27
  public static let SIGWINCH: Int32 = 28
  public static let SIGSYS: Int32 = 31
  /// SIGRTMIN in the kernel's numbering. From this number on, several instances of the same signal can be queued.
  public static let firstRealTime: Int32 = 32
  public static let count: Int32 = 64

  /// The action of a signal without a handler.
  enum DefaultAction { case terminate, ignore, stop }

  static func defaultAction(_ signal: Int32) -> DefaultAction {
    isIgnoredByDefault(signal) ? .ignore : stops(signal) ? .stop : .terminate
  }
  /// Linux: sig_kernel_ignore().
  static func isIgnoredByDefault(_ signal: Int32) -> Bool {
    signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH
  }
  /// Linux: sig_kernel_stop().
  static func stops(_ signal: Int32) -> Bool { (SIGSTOP...SIGTTOU).contains(signal) }
  /// Linux: sig_kernel_coredump().
  static func dumpsCore(_ signal: Int32) -> Bool {
    switch signal {
    case SIGQUIT, SIGABRT, SIGXCPU, SIGXFSZ: true
    default: isSynchronous(signal)
    }
  }

  /// Whether an instruction causes the signal; such signals are delivered before others. Linux: SYNCHRONOUS_MASK.
  public static func isSynchronous(_ signal: Int32) -> Bool {
    switch signal {
    case SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS: true
    default: false
    }
  }

  private static let names = [
    "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
    "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
    "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
  ]
  /// The name, as in `SIGSEGV` for 11, or `signal 40` for a signal without a name.
  public static func name(_ signal: Int32) -> String {
    names.indices.contains(Int(signal)) && signal > 0 ? names[Int(signal)] : "signal \(signal)"
  }
}

public enum SignalCode {
  public static let SI_USER: Int32 = 0
  public static let SI_KERNEL: Int32 = 0x80
  public static let SI_TIMER: Int32 = -2
  public static let SI_TKILL: Int32 = -6
  public static let ILL_ILLOPC: Int32 = 1
  public static let ILL_ILLOPN: Int32 = 2
  public static let BUS_ADRALN: Int32 = 1
  public static let BUS_ADRERR: Int32 = 2
  public static let BUS_OBJERR: Int32 = 3
  public static let BUS_MCEERR_AR: Int32 = 4
  public static let SEGV_MAPERR: Int32 = 1
  public static let SEGV_ACCERR: Int32 = 2
  public static let SEGV_MTESERR: Int32 = 9
  public static let TRAP_BRKPT: Int32 = 1
}
