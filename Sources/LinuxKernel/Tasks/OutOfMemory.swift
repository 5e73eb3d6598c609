// Owns the OOM killer: whom it chooses, and when it is done.
// It does not know who ran out of memory, nor how a process ends. Linux: mm/oom_kill.c.
import Architecture
import LinuxMM

extension Processes {
  /// Ends the process with the most memory; the one that needed some tries again, once that is gone. Linux: out_of_memory().
  func killForMemory() {
    func pages(_ process: ProcessSlot) -> Int {
      guard let thread = state[process].threads.first else { return -1 }
      return mm.oomBadness(state.tasks[thread].mm)
    }
    let candidates = state.processes.ids.filter { !state[$0].isZombie }
    var victim = state.currentProcess
    // One that is dying already only has to get its turn.
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
