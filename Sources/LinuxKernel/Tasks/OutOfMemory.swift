// Owns the OOM killer: the choice of the process, and the moment when the killer is done. It does not know which task ran out of memory, or
// how a process ends. Linux: mm/oom_kill.c.
import Architecture
import LinuxMM

extension Processes {
  /// How much memory a process would free in pages, with its adjustment by thousandths of RAM; nil if it must never be chosen. Linux:
  /// oom_badness().
  func badness(_ process: ProcessSlot) -> Int? {
    let adjustment = state[process].scoreAdjustment
    guard process != .initial, adjustment != -1000, let thread = state[process].threads.first else { return nil }
    return mm.oomBadness(state.tasks[thread].mm) + adjustment * (Int(mm.state.frames.managed) / 1000)
  }

  /// Ends the process with the most memory, or the one that needs memory if the setting says so. The task that needed memory tries again
  /// once that process is gone. If every process is protected, the one that needs memory ends. Linux: out_of_memory().
  func killForMemory() {
    let candidates = state.processes.ids.filter { !state[$0].isZombie }
    var victim = state.currentProcess
    // A process that is already ending only needs to be scheduled.
    if let dying = candidates.first(where: { state[$0].groupExitCode != nil }) {
      victim = dying
    } else {
      if settings.killsAllocatingTask == "0" || badness(victim) == nil {
        for candidate in candidates {
          guard let points = badness(candidate) else { continue }
          if points > badness(victim) ?? .min { victim = candidate }
        }
      }
      tellDeath(victim, Signal.SIGKILL, nil)
      signals.endGroup(victim, code: Signal.SIGKILL)
      if victim == .first { state.lastSignal = nil }
    }
    outOfMemory = victim == .first
    if victim != state.currentProcess { scheduler.needReschedule() }
  }
}
