// Owns the 16-byte op and how one handler passes control to the next.
// It does not know any instruction.

/// A decoded instruction in the form in which it runs: plain data that depends only on its word and the processor's features.
/// Register bytes are indices into the register file: 31 reads zero, 32 discards a write, 33 is the stack pointer.
struct Op {
  var handler: UInt
  var d: UInt8 = 0
  var n: UInt8 = 0
  var m: UInt8 = 0
  /// A shift amount, a register or a bit number, depending on the handler.
  var s: UInt8 = 0
  var imm: Int32 = 0

  init(_ handler: Handler, d: UInt8 = 0, n: UInt8 = 0, m: UInt8 = 0, s: UInt8 = 0, imm: Int32 = 0) {
    self.handler = unsafeBitCast(handler, to: UInt.self)
    self.d = d
    self.n = n
    self.m = m
    self.s = s
    self.imm = imm
  }

  /// The ops of a code page: one for each word. One more op handles running off the end.
  static var perPage: Int { 1024 }
}

/// Runs the op at `p` and the ops after it, and returns when the PE must leave the handlers. `c` is the context block; `fa` and
/// `fb` are the flag operands.
typealias Handler = @convention(c) (_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) -> Void

/// Passes control to the op at `p` by a tail call, so that a chain of handlers needs no stack. A debug build returns to a
/// trampoline instead, because without optimisation a tail call is an ordinary call.
@inline(__always)
func go(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  #if DEBUG
    let context = Context(c)
    context[Slot.exitA] = fa
    context[Slot.exitB] = fb
    context[Slot.nextOp] = UInt64(UInt(bitPattern: p))
  #else
    unsafeBitCast(p.load(as: UInt.self), to: Handler.self)(c, p, fa, fb)
  #endif
}

/// Enters the handlers at `p`, and returns when one of them leaves.
func enter(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  Context(c).updateHostFloat()
  #if DEBUG
    let context = Context(c)
    go(c, p, fa, fb)
    while let next = Raw(bitPattern: UInt(context[Slot.nextOp])) {
      context[Slot.nextOp] = 0
      unsafeBitCast(next.load(as: UInt.self), to: Handler.self)(c, next, context[Slot.exitA], context[Slot.exitB])
    }
  #else
    go(c, p, fa, fb)
  #endif
}

/// Leaves the handlers with `pc` as the next instruction. All ops before `p` have retired.
@inline(__always)
func leave(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, pc: UInt64, _ reason: ExitReason) {
  let context = Context(c)
  context[Slot.retired] = context.retired(at: p)
  context[Slot.exitPC] = pc
  context[Slot.exitA] = fa
  context[Slot.exitB] = fb
  context[Slot.exitReason] = reason.rawValue
}

extension UnsafeMutableRawPointer {
  @inline(__always) var op: Op { assumingMemoryBound(to: Op.self).pointee }
}
/// The op after `p`.
@inline(__always) func next(_ p: Raw) -> Raw { p + 16 }
