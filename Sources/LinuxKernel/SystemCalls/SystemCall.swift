// Owns system call entry: numbers to handlers, arguments, results.
// It does not know what any call does. Linux: arch/arm64/kernel/syscall.c.
import Architecture
import LinuxMM

/// What a system call answers. Nothing that sleeps keeps a host stack (design: sleeping is a value).
enum SystemCallResult {
  /// X0 becomes this.
  case done(UInt64)
  /// The call set the registers itself (rt_sigreturn).
  case registersSet
  /// The program is over.
  case exit(status: Int32)
  /// The task waits: until guest time `deadline` at most, nil for ever.
  case sleep(on: WaitChannel, deadline: UInt64?)
}

/// What a sleeping task waits for.
enum WaitChannel {
  /// Time alone: the call succeeds when it is over.
  case clock
  /// A wake of the futex at this address: time over is ETIMEDOUT.
  case futex(UInt64)
}

/// The six argument registers.
struct SystemCallArguments {
  let el1: EL1Interface
  subscript(n: Int) -> UInt64 { el1[x: n] }
  /// An argument of C type int.
  func int(_ n: Int) -> Int32 { Int32(truncatingIfNeeded: el1[x: n]) }
  /// An argument of C type unsigned int.
  func unsigned(_ n: Int) -> UInt32 { UInt32(truncatingIfNeeded: el1[x: n]) }
}

/// One row of the system call table.
struct SystemCallRow: Sendable {
  let number: Int
  let name: String
  let run: @Sendable (Kernel, EL1Interface, SystemCallArguments) throws(Errno) -> SystemCallResult
  init(
    _ number: Int, _ name: String,
    _ run: @escaping @Sendable (Kernel, EL1Interface, SystemCallArguments) throws(Errno) -> SystemCallResult
  ) {
    self.number = number
    self.name = name
    self.run = run
  }
}

extension Kernel {
  func systemCall(_ el1: EL1Interface) {
    // The number is a C int: the upper half of X8 is not looked at.
    let number = el1[x: 8] & 0xffff_ffff
    state.systemCalls.total &+= 1
    guard number < UInt64(SystemCallTable.byNumber.count), let row = SystemCallTable.byNumber[Int(number)] else {
      state.systemCalls.noteUnknown(number)
      el1[x: 0] = UInt64(bitPattern: -Int64(Errno.ENOSYS.rawValue))
      return
    }
    do throws(Errno) {
      switch try row.run(self, el1, SystemCallArguments(el1: el1)) {
      case .done(let value): el1[x: 0] = value
      case .registersSet: break
      case .exit(let status): state.verdict = .exited(status: status)
      case .sleep(let channel, let deadline): el1[x: 0] = sleep(channel, until: deadline)
      }
    } catch {
      // An operation of a call (futex has many) that is not modelled is named like a call.
      if error == .ENOSYS { state.systemCalls.noteUnknown(number) }
      el1[x: 0] = UInt64(bitPattern: -Int64(error.rawValue))
    }
  }

  /// Guest time in nanoseconds: retired instructions, and the time that passed while nothing ran.
  var now: UInt64 { guestNanoseconds() &+ state.idleNanoseconds }

  /// The only task waits, so time jumps to its deadline; without one nothing could ever wake it. Answers X0.
  private func sleep(_ channel: WaitChannel, until deadline: UInt64?) -> UInt64 {
    guard let deadline else {
      state.verdict = .deadlock
      return 0
    }
    let now = now
    if deadline > now { state.idleNanoseconds &+= deadline - now }
    switch channel {
    case .clock: return 0
    case .futex: return UInt64(bitPattern: -Int64(Errno.ETIMEDOUT.rawValue))
    }
  }
}
