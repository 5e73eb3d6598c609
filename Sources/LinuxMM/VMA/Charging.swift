// Owns the decision whether an address space may have more pages: its limits, and the charge of memory against RAM.
// It does not know which call asks. Linux: mm/mmap.c may_expand_vm(), mm/util.c __vm_enough_memory(), vm_commit_limit().
import Architecture

extension MemoryManager {
  /// Sets the limits of an address space's process.
  public func setLimits(_ mm: MMID, _ limits: MemoryLimits) { state[mm].limits = limits }

  public func setDumpable(_ mm: MMID, _ isDumpable: Bool) { state[mm].isDumpable = isDumpable }

  public func setCoreFilter(_ mm: MMID, _ filter: UInt32) { state[mm].coreFilter = filter }

  /// Changes the settings of /proc/sys/vm.
  public func changeSettings(_ change: (inout MemorySettings) -> Void) { change(&state.settings) }

  /// Places the mappings of a new program: downwards from below the room for its stack, or upwards if that room has no limit or the
  /// setting says so. Linux: mm/util.c arch_pick_mmap_layout(), mmap_base().
  public func chooseLayout(_ mm: MMID, isLegacy: Bool) {
    let stack = state[mm].limits.stack
    state[mm].growsUpwards = isLegacy || state.settings.usesLegacyLayout || stack == MemoryLimits.infinity
    let room = stack.addingReportingOverflow(Layout48.guardGap)
    let gap = min(max(room.overflow ? stack : room.partialValue, 128 << 20), Layout48.stackTop / 6 * 5)
    state[mm].mmapBase = state[mm].growsUpwards ? Layout48.unmappedBase : (Layout48.stackTop - gap + 0xfff) & ~0xfff
  }

  /// Whether the limits of a process allow a growth in bytes of memory with these flags, when `replaced` bytes go. A data limit of 0 is
  /// taken for its hard limit. Linux: may_expand_vm().
  @inline(__always)
  func mayExpand(_ mm: MMID, _ flags: VMFlags, by growth: UInt64, replacing replaced: @autoclosure () -> UInt64 = 0) -> Bool {
    state[mm].limits.areOpen || isWithinLimits(mm, flags, growth, replaced())
  }

  private func isWithinLimits(_ mm: MMID, _ flags: VMFlags, _ growth: UInt64, _ replaced: UInt64) -> Bool {
    let (space, limits) = (state[mm], state[mm].limits)
    // The difference is negative where a mapping replaces a larger one.
    let pages = Int64(growth >> 12) - Int64(replaced >> 12)
    func fits(_ used: UInt64, _ limit: UInt64) -> Bool { Int64(used) + pages <= Int64(limit >> 12) }
    if !fits(space.mappedPages, limits.addressSpace) { return false }
    if flags.intersection([.WRITE, .SHARED, .GROWSDOWN]) != .WRITE { return true }
    let used = space.totals.data
    return fits(used, limits.data) || limits.data == 0 && fits(used, limits.hardData)
  }

  /// The bytes of [start, end) that are mapped, or the charged ones among them.
  func mappedBytes(_ mm: MMID, _ start: UInt64, _ end: UInt64, charged: Bool = false) -> UInt64 {
    var (index, bytes) = (state[mm].firstIndex(endingAbove: start), 0 as UInt64)
    while index < state[mm].vmas.count, state[mm].vmas[index].start < end {
      defer { index += 1 }
      if charged && !state[mm].vmas[index].flags.contains(.ACCOUNT) { continue }
      bytes += min(state[mm].vmas[index].end, end) - max(state[mm].vmas[index].start, start)
    }
    return bytes
  }

  /// Whether memory of this size in bytes may be charged, when `replaced` charged bytes go. Linux: __vm_enough_memory().
  func hasEnoughMemory(_ mm: MMID, _ bytes: UInt64, replacing replaced: @autoclosure () -> UInt64 = 0) -> Bool {
    switch state.settings.overcommit {
    case .heuristic: return bytes >> 12 <= UInt64(state.frames.managed)
    case .always: return true
    case .never:
      let reserve = min(state[mm].mappedPages / 32, state.settings.userReserve / 4)
      let allowed = Int64(commitLimit) - Int64(reserve)
      return Int64(committedPages) + Int64(bytes >> 12) - Int64(replaced() >> 12) < allowed
    }
  }

  /// CommitLimit: the number of pages that may be charged in mode `never`. There is no swap. Linux: vm_commit_limit().
  public var commitLimit: UInt64 {
    let settings = state.settings
    if settings.overcommitKilobytes != 0 { return settings.overcommitKilobytes / 4 }
    let pool = UInt64(state.pool.total) * 512
    let ram = UInt64(state.frames.managed)
    return (ram - min(pool, ram)) &* settings.overcommitRatio / 100
  }

  /// Committed_AS: the number of charged pages. Linux: vm_committed_as.
  public var committedPages: UInt64 {
    state.mms.all.reduce(UInt64(max(state.committedShared, 0))) { $0 + $1.element.chargedPages }
  }
}
