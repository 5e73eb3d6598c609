// Owns the texts of /proc/PID/wchan, syscall and stack: what a task waits in and in which call. It does not know how a task sleeps. Linux:
// fs/proc/base.c, lib/syscall.c.
import Architecture
import LinuxMM

extension ProcFiles {
  /// What a sleeping task waits in, by the name of Linux's function; 0 for one that runs. Linux: proc_pid_wchan().
  func waitText(_ task: TaskSlot) -> [UInt8] { Array((waitFunction(task) ?? "0").utf8) }

  private func waitFunction(_ task: TaskSlot) -> String? {
    guard tasks[task].run == .sleeping, let channel = tasks[task].channel else { return nil }
    return switch channel {
    case .time: tasks[task].resumption == .suspended ? "sigsuspend" : "hrtimer_nanosleep"
    case .futex:
      if case .futexLock = tasks[task].resumption { "rt_mutex_slowlock_block.constprop.0" } else { "futex_wait_queue" }
    case .futexes: "futex_wait_multiple"
    case .child, .threads: "do_wait"
    case .vfork: "kernel_clone"
    case .file: "pipe_read"
    case .files: "do_sys_poll"
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
