// Owns the texts of /proc/PID/wchan, syscall and stack: what a task waits in and in which call. It does not know how a task sleeps. Linux:
// fs/proc/base.c, lib/syscall.c.
import Architecture
import LinuxMM

extension ProcFiles {
  /// What a sleeping task waits in, by the name of Linux's function; 0 for one that runs. Linux: proc_pid_wchan().
  func waitText(_ task: TaskSlot) -> [UInt8] { Array((waitFunction(task) ?? "0").utf8) }

  private func waitFunction(_ task: TaskSlot) -> String? {
    guard tasks[task].run == .sleeping, let channel = tasks[task].channel else { return nil }
    let isLater = configuration.profile.hasLaterWaitNames
    let call = SystemCallNames.name(tasks[task].registers.general[8] & 0xffff_ffff)
    switch channel {
    case .time:
      if tasks[task].resumption == .suspended { return "sigsuspend.isra.0" }
      return call == "rt_sigtimedwait" ? "do_sigtimedwait.isra.0" : "hrtimer_nanosleep"
    case .futex:
      if case .futexLock = tasks[task].resumption { return "rt_mutex_schedule" }
      return isLater ? "futex_do_wait" : "futex_wait_queue"
    case .futexes: return "futex_wait_multiple"
    case .child, .threads: return "do_wait"
    case .vfork: return "kernel_clone"
    case .file, .files:
      if case .poll = tasks[task].resumption {
        return isLater ? "poll_schedule_timeout.constprop.0" : call == "ppoll" ? "do_sys_poll" : "do_select"
      }
      if case .file(let queue) = channel, queue.isTimer { return "do_wait_intr_irq" }
      let direction = call == "write" || call == "writev" ? "write" : "read"
      if call == "tee" || call == "splice" || call == "vmsplice" { return "pipe_wait_readable" }
      return (isLater ? "anon_pipe_" : "pipe_") + direction
    }
  }

  /// The call that a task is in with its six arguments, its stack pointer and its next instruction; "running" for a task that could run
  /// but does not. Linux: proc_pid_syscall().
  func callText(_ el1: EL1Interface, _ task: TaskSlot) -> [UInt8] {
    let registers: SavedRegisters
    switch tasks[task].run {
    case .running: registers = SavedRegisters(el1)
    case .runnable: return line("running")
    case .sleeping, .stopped, .dead: registers = tasks[task].registers
    }
    let words = registers.general[0..<6] + [registers[.SP_EL0], registers[.ELR_EL1]]
    return line((["\(registers.general[8] & 0xffff_ffff)"] + words.map { "0x" + String($0, radix: 16) }).joined(separator: " "))
  }

  /// The functions in which a task is in the kernel, innermost first: what it waits in, its call, and the entry. Those between the first
  /// two are left out, and so are offsets, because no code of Linux runs here. Empty for a task that could run but does not. Linux:
  /// proc_pid_stack().
  func stackText(_ task: TaskSlot) -> [UInt8] {
    if tasks[task].run == .runnable { return [] }
    let call = tasks[task].run == .running ? nil : SystemCallNames.name(tasks[task].registers.general[8] & 0xffff_ffff)
    let frames = [waitFunction(task), "__arm64_sys_" + (call ?? "read")].compactMap { $0 }
    return (frames + Self.entryFrames).flatMap { line("[<0>] \($0)") }
  }

  private static let entryFrames = [
    "invoke_syscall", "el0_svc_common.constprop.0", "do_el0_svc", "el0_svc", "el0t_64_sync_handler", "el0t_64_sync",
  ]
}
