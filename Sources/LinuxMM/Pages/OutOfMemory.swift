// Owns the measure by which the OOM killer chooses its victim.
// It does not know tasks, nor who kills them. Linux: mm/oom_kill.c.

extension MemoryManager {
  /// The number of frames that would become free if the address space ended: resident pages and tables. Linux: oom_badness(),
  /// without swap and oom_score_adj.
  public func oomBadness(_ mm: MMID) -> Int { state[mm].residentPages + state[mm].pageTables }
}
