// Owns system call entry: the handler for a number, arguments, results. It does not know the effect of any call. Linux:
// arch/arm64/kernel/syscall.c.
import Architecture
import LinuxMM

/// The result of a system call. A sleep is a value too, because a sleeping task keeps no host stack.
enum SystemCallResult {
  /// The call is done, and X0 becomes this value.
  case done(UInt64)
  /// The call set the registers itself (rt_sigreturn).
  case registersSet
  /// The task waits on a channel, at most until the guest time `until` in nanoseconds, or without an end if that is nil. Afterwards it does
  /// what `then` says.
  case sleep(on: WaitChannel, until: UInt64?, then: Resumption)

  /// X0 becomes the negated error.
  static func failed(_ error: Errno) -> Self { .done(UInt64(bitPattern: -Int64(error.rawValue))) }
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
  let run: @Sendable (KernelParts, EL1Interface, SystemCallArguments) throws(Errno) -> SystemCallResult
  init(
    _ number: Int, _ name: String,
    _ run: @escaping @Sendable (KernelParts, EL1Interface, SystemCallArguments) throws(Errno) -> SystemCallResult
  ) {
    self.number = number
    self.name = name
    self.run = run
  }
}

extension Kernel {
  func systemCall(_ el1: EL1Interface) {
    state.systemCalls.total &+= 1
    if el1.traces(.systemCall) {
      el1.record(.systemCall, el1[x: 8], el1[x: 0], el1[x: 1])
      parts.callListener?(el1)
      if parts.holds.isHeldAtEntry(el1) { return }
    }
    makeSystemCall(el1)
  }

  @inline(__always)
  func makeSystemCall(_ el1: EL1Interface) {
    finish(el1, dispatch(el1))
    if _slowPath(mm.state.wantsOOMKill), mm.takeOOMRequest() { answerMemory() }
  }

  /// A call ran out of memory, or met a page of which the failure demands a panic.
  private func answerMemory() {
    guard let reason = mm.takePanicReason() else { return state.noteOutOfMemory() }
    parts.processes.panic(reason)
    state.hasWork = true
  }

  /// Ends the hold of the running task. A call at whose entry it was held is made now. True if it was held before an abort, which must be
  /// handled now: ESR_EL1, FAR_EL1 and ELR_EL1 are the abort's.
  func endHold(_ el1: EL1Interface) -> Bool {
    switch parts.holds.end() {
    case .systemCallEntry:
      makeSystemCall(el1)
      parts.holds.holdAfterCall(isProgramOver: state.verdict != nil)
      return false
    case .abort(let entry):
      // Where a debugger has moved the PC, another instruction runs, which takes its own abort.
      if el1[.ELR_EL1] != entry.pc { return false }
      // The interrupt that ends the hold leaves ESR_EL1 and FAR_EL1 unchanged. Arm ARM, AArch64.TakeException.
      state.tasks.hold.passesAbort = el1.traces(.fault)
      return true
    case .systemCallReturn, .signal, nil: return false
    }
  }

  /// Runs the row of the call whose number is in X8.
  func dispatch(_ el1: EL1Interface) -> SystemCallResult {
    // The number is a C int, so the upper half of X8 is ignored.
    let number = el1[x: 8] & 0xffff_ffff
    do throws(Errno) {
      guard number < UInt64(SystemCallTable.byNumber.count), let row = SystemCallTable.byNumber[Int(number)] else { throw .ENOSYS }
      return try row.run(parts, el1, SystemCallArguments(el1: el1))
    } catch {
      noteUnknown(el1, number, error)
      return .failed(error)
    }
  }

  /// Counts a call that is not implemented, or an option that an implemented call refuses because it does not know it.
  private func noteUnknown(_ el1: EL1Interface, _ number: UInt64, _ error: Errno) {
    if !SystemCallOption.refusals.contains(error) { return }
    for option in SystemCallOption.byNumber[number] ?? [] {
      var value = el1[x: option.argument]
      if option.isAddress {
        guard let word = try? UserMemory(parts, el1).get(value, as: UInt64.self) else { continue }
        value = word
      }
      guard let part = option.unknownPart(of: value, parts.configuration.profile) else { continue }
      return state.systemCalls.noteUnknown(number, option: part)
    }
    if error == .ENOSYS { state.systemCalls.noteUnknown(number) }
  }

  /// Continues after the running task's sleep: its call runs again, or gets its result.
  func resume(_ el1: EL1Interface, _ resumption: Resumption) {
    switch resumption {
    case .again, .poll, .execve:
      let result = dispatch(el1)
      state.currentTask.resumption = nil
      state.currentTask.hasTimedOut = false
      finish(el1, result)
    default:
      parts.sleeps.resume(el1, resumption)
      if state.currentTask.resumption == nil && el1.traces(.systemCallResult) { el1.record(.systemCallResult, el1[x: 8], el1[x: 0]) }
    }
  }

  private func finish(_ el1: EL1Interface, _ result: SystemCallResult) {
    switch result {
    case .done(let value):
      el1[x: 0] = value
      if el1.traces(.systemCallResult) { el1.record(.systemCallResult, el1[x: 8], value) }
    case .registersSet: break
    case .sleep(let channel, let deadline, let resumption):
      parts.sleeps.sleep(el1, on: channel, until: deadline, then: resumption, killable: resumption.isKillable)
    }
  }
}
