// Owns the texts of /proc/meminfo, vmstat, /proc/sys/vm and /sys/kernel/mm, and the effect of writing to their switches. It does not know
// how these files are opened. Linux: fs/proc/meminfo.c, mm/vmstat.c, mm/huge_memory.c.
import Architecture
import LinuxMM

extension ProcFiles {
  /// Lines of `Name:      12 kB`. The value is 0 for kinds of memory that are not modelled. Linux: meminfo_proc_show().
  func memoryInformationText() -> [UInt8] {
    let state = mm.state
    var (anonymous, mapped, tables) = (0, 0, 0)
    for (_, space) in state.mms.all {
      anonymous += space.resident.anonymous
      mapped += space.resident.file + space.resident.shmem
      tables += space.pageTables + 1
    }
    let (cached, shmem) = (UInt64(state.cachedPages), sharedPages)
    let free = UInt64(state.frames.available)
    let lists: [(String, UInt64)] = [
      ("MemTotal", UInt64(state.frames.managed)), ("MemFree", free), ("MemAvailable", state.availablePages), ("Buffers", 0),
      ("Cached", cached), ("SwapCached", 0), ("Active", 0), ("Inactive", UInt64(anonymous) + cached), ("Active(anon)", 0),
      ("Inactive(anon)", UInt64(anonymous) + shmem), ("Active(file)", 0), ("Inactive(file)", cached - shmem), ("Unevictable", 0),
      ("Mlocked", 0), ("SwapTotal", 0), ("SwapFree", 0), ("Dirty", 0), ("Writeback", 0), ("AnonPages", UInt64(anonymous)),
      ("Mapped", UInt64(mapped)), ("Shmem", shmem),
    ]
    let kernel: [(String, UInt64)] = [
      ("KReclaimable", 0), ("Slab", 0), ("SReclaimable", 0), ("SUnreclaim", 0), ("KernelStack", 4 * UInt64(tasks.liveTasks)),
      ("PageTables", UInt64(tables)), ("SecPageTables", 0), ("NFS_Unstable", 0), ("Bounce", 0), ("WritebackTmp", 0),
      ("CommitLimit", mm.commitLimit), ("Committed_AS", mm.committedPages), ("VmallocTotal", 0), ("VmallocUsed", 0),
      ("VmallocChunk", 0), ("Percpu", 0), ("HardwareCorrupted", UInt64(state.failedPages)), ("AnonHugePages", 0),
      ("ShmemHugePages", UInt64(state.hugePages.sharedPages)), ("ShmemPmdMapped", UInt64(state.hugePages.mappedSharedPages)),
      ("FileHugePages", 0), ("FilePmdMapped", 0), ("CmaTotal", 0), ("CmaFree", 0),
    ]
    let rows = lists + kernel
    let pool: [(String, Int)] = [
      ("HugePages_Total", state.pool.total), ("HugePages_Free", state.pool.free), ("HugePages_Rsvd", state.pool.reserved),
      ("HugePages_Surp", state.pool.surplus),
    ]
    let poolSize: [(String, UInt64)] = [("Hugepagesize", 512), ("Hugetlb", 512 * UInt64(state.pool.total))]
    return rows.flatMap { sizeLine($0.0, pages: $0.1) } + pool.flatMap { line(column($0.0) + padded(UInt64($0.1), 8)) }
      + poolSize.flatMap { sizeLine($0.0, pages: $0.1) }
  }

  /// The number of pages of tmpfs and of anonymous shared memory. Linux: NR_SHMEM.
  var sharedPages: UInt64 { UInt64(mm.state.sharedPages) }

  private func sizeLine(_ name: String, pages: UInt64) -> [UInt8] { line(column(name) + padded(pages * 4, 8) + " kB") }
  private func column(_ name: String) -> String { name + ":" + String(repeating: " ", count: max(0, 15 - name.count)) }

  /// Lines of `name value`.
  func memoryCountersText() -> [UInt8] {
    let statistics = mm.state.statistics
    let rows: [(String, UInt64)] = [
      ("nr_free_pages", UInt64(mm.state.frames.available)), ("pgfault", statistics.pageFaults), ("pgmajfault", statistics.majorFaults),
      ("pgreuse", statistics.reuses), ("pgmigrate_success", statistics.pagesMigrated), ("thp_fault_alloc", statistics.hugePages.faultAlloc),
      ("thp_fault_fallback", statistics.hugePages.faultFallback), ("thp_collapse_alloc", statistics.hugePages.collapseAlloc),
      ("thp_collapse_alloc_failed", statistics.hugePages.collapseAllocFailed), ("thp_file_alloc", 0),
      ("thp_file_mapped", statistics.hugePages.fileMapped), ("thp_split_page", statistics.hugePages.splitPage),
      ("thp_split_page_failed", statistics.hugePages.splitPageFailed),
      ("thp_deferred_split_page", statistics.hugePages.deferredSplitPage), ("thp_split_pmd", statistics.hugePages.splitPMD),
      ("thp_zero_page_alloc", statistics.hugePages.zeroPageAlloc),
      ("thp_zero_page_alloc_failed", statistics.hugePages.zeroPageAllocFailed),
    ]
    // No page is ever moved to the list's end, and there is no swap space.
    let newer = configuration.profile.countsRotations ? ["pgrotate_anon", "pgrotate_file", "nrswpin", "nrswpout"] : []
    return rows.flatMap { line("\($0.0) \($0.1)") } + newer.flatMap { line("\($0) 0") }
  }

  /// Throws EINVAL if the text is neither 0 nor 1. Linux: mm/memory-failure.c.
  func setPanicsOnMemoryFailure(_ bytes: [UInt8]) throws(Errno) {
    guard let value = UInt64(word(bytes)), value <= 1 else { throw .EINVAL }
    mm.changeSettings { $0.panicsOnLostPages = value == 1 }
  }

  // MARK: The huge page pool

  /// Throws EINVAL if the text is not a number. Linux: hugetlb_sysctl_handler(), nr_hugepages_store().
  func setHugePoolSize(_ el1: EL1Interface, _ bytes: [UInt8]) throws(Errno) {
    guard let count = UInt64(word(bytes)) else { throw .EINVAL }
    mm.setHugePoolSize(el1, count)
  }
  func setHugePoolOvercommit(_ bytes: [UInt8]) throws(Errno) {
    guard let count = UInt64(word(bytes)) else { throw .EINVAL }
    mm.setHugePoolOvercommit(count)
  }

  // MARK: /sys/kernel/mm/transparent_hugepage

  /// All modes in one line, with the current one in brackets.
  func hugePageModeText() -> [UInt8] {
    line(HugePageMode.allCases.map { $0 == mm.state.hugePages.enabled ? "[\($0.rawValue)]" : $0.rawValue }.joined(separator: " "))
  }
  /// Throws EINVAL for a word that is not a mode.
  func setHugePageMode(_ bytes: [UInt8]) throws(Errno) {
    guard let mode = HugePageMode(rawValue: word(bytes)) else { throw .EINVAL }
    mm.setHugePageMode(mode)
  }
  /// The same kind of line for the switch of the only size.
  func hugePageSizeText() -> [UInt8] {
    line(HugePageSizeMode.allCases.map { $0 == mm.state.hugePages.size ? "[\($0.rawValue)]" : $0.rawValue }.joined(separator: " "))
  }
  func setHugePageSize(_ bytes: [UInt8]) throws(Errno) {
    guard let mode = HugePageSizeMode(rawValue: word(bytes)) else { throw .EINVAL }
    mm.setHugePageSizeMode(mode)
  }
  func setUsesZeroPage(_ bytes: [UInt8]) throws(Errno) {
    guard let value = UInt64(word(bytes)), value <= 1 else { throw .EINVAL }
    mm.setHugeZeroPageUse(value == 1)
  }

  /// The written text, without the newline at its end.
  private func word(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes, as: UTF8.self)
  }
}
