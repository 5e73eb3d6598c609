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
  /// The task waits and nobody else runs who could wake it.
  case deadlock
}

/// The six argument registers.
struct SystemCallArguments {
  let el1: EL1Interface
  subscript(n: Int) -> UInt64 { el1[x: n] }
  /// An argument of C type int.
  func int(_ n: Int) -> Int32 { Int32(truncatingIfNeeded: el1[x: n]) }
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
    let number = el1[x: 8]
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
      case .deadlock: state.verdict = .deadlock
      }
    } catch {
      el1[x: 0] = UInt64(bitPattern: -Int64(error.rawValue))
    }
  }
}
