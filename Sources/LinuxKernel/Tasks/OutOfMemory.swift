// Owns the OOM killer: the choice of the process, and the moment when the killer is done. It does not know which task ran out of memory, or
// how a process ends. Linux: mm/oom_kill.c.
import Architecture
import LinuxMM

extension Processes {
  /// Ends the process with the most memory. The task that needed memory tries again once that process is gone. Linux: out_of_memory().
  func killForMemory() {
    func pages(_ process: ProcessSlot) -> Int {
      guard let thread = state[process].threads.first else { return -1 }
      return mm.oomBadness(state.tasks[thread].mm)
    }
    let candidates = state.processes.ids.filter { !state[$0].isZombie }
    var victim = state.currentProcess
    // A process that is already ending only needs to be scheduled.
    if let dying = candidates.first(where: { state[$0].groupExitCode != nil }) {
      victim = dying
    } else {
      for candidate in candidates where pages(candidate) > pages(victim) { victim = candidate }
      tellDeath(victim, Signal.SIGKILL, nil)
      signals.endGroup(victim, code: Signal.SIGKILL)
      if victim == .first { state.lastSignal = nil }
    }
    outOfMemory = victim == .first
    if victim != state.currentProcess { scheduler.needReschedule() }
  }
}
