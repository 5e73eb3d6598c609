// Owns what a backtrace is: the registers of a frame, the frames, and why there are no more.
// It does not know how a frame's caller is found.

/// The registers from which a stack is unwound.
public struct UnwindRegisters: Equatable, Sendable {
  /// X0 to X30.
  public var x: [UInt64]
  public var sp: UInt64
  public var pc: UInt64

  /// `x` holds X0 to X30.
  public init(x: [UInt64], sp: UInt64, pc: UInt64) {
    precondition(x.count == 31, "there are 31 general registers")
    self.x = x
    self.sp = sp
    self.pc = pc
  }
}

/// One function of a stack that has not returned.
public struct StackFrame: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// The code that runs: the first frame.
    case innermost
    /// A function that called the one before.
    case caller
    /// The kernel's frame of a signal: its pc is the code to which the handler returns.
    case signal
    /// The code that a signal interrupted. Its pc has not been executed, or it has faulted.
    case interrupted
  }

  /// The number of the frame; the innermost is 0.
  public let level: Int
  public let kind: Kind
  /// The registers as far as they are known: those that a called function may have changed have that function's values.
  public let registers: UnwindRegisters
  /// The stack pointer before the call of this function (DWARF's canonical frame address); 0 if it is not known.
  public let cfa: UInt64

  /// The next instruction of the frame.
  public var pc: UInt64 { registers.pc }
  /// The address by which functions and lines are looked up: in a caller the call, which stands before its pc.
  public var lookup: UInt64 { kind == .caller ? pc &- 4 : pc }
}

/// A stack, from the innermost function outwards.
public struct Backtrace: Equatable, Sendable {
  /// Why the stack goes on no further.
  public enum End: Equatable, Sendable {
    /// The outermost function was reached.
    case complete
    /// The stack is damaged, in gdb's words if gdb has some: `previous frame identical to this frame (corrupt stack?)`.
    case corrupt(String)
    /// There are more frames than were counted.
    case limit
  }

  /// The innermost frames, at most as many as were asked for.
  public let first: [StackFrame]
  /// The number of frames between `first` and `last` that were counted only.
  public let omitted: Int
  /// The outermost frames, if there are more than `first` holds.
  public let last: [StackFrame]
  public let end: End

  /// The number of all frames.
  public var count: Int { first.count + omitted + last.count }
}

/// How much of a stack is wanted.
public struct BacktraceLimits: Equatable, Sendable {
  /// The number of innermost frames that are kept.
  public var first: Int
  /// The number of outermost frames that are kept beside them.
  public var last: Int
  /// The number of frames after which counting ends.
  public var most: Int

  public init(first: Int = 64, last: Int = 4, most: Int = 1 << 20) {
    precondition(first > 0 && last >= 0 && most >= first + last, "the frames that are kept are among those that are counted")
    self.first = first
    self.last = last
    self.most = most
  }
}
