// Owns the table of the files in /proc and /sys: a row each.
// It does not know how a file is opened, read or listed: `SyntheticTree` and the file calls do.
import LinuxMM

enum SyntheticFiles {
  /// Every row; a directory is there because something lies in it. Rows of one directory are listed in this order.
  static let rows: [SyntheticFile] =
    process(in: "/proc/PID") + process(in: "/proc/PID/task/TID") + system + hugePagePool + FixedSettings.files

  /// What each process has, and each of its threads too.
  private static func process(in directory: String) -> [SyntheticFile] {
    [
      SyntheticFile(directory + "/cmdline", .bytes { k, e, t, offset, count in k.commandLine(t, offset, count) }),
      SyntheticFile(directory + "/comm", 0o644, .text { k, e, t in k.taskName(t) + [UInt8(ascii: "\n")] }),
      SyntheticFile(directory + "/coredump_filter", .text { k, e, t in k.line("00000033") }),
      SyntheticFile(
        directory + "/cwd", 0o777, .link { k, e, t, d in .place(k.state.files.contexts[k.state.tasks[t].fs].workingDirectory) }),
      SyntheticFile(directory + "/exe", 0o777, .link { k, e, t, d in k.executableLink(e, t) }),
      SyntheticFile(directory + "/fd/FD", 0o700, .link { k, e, t, d throws(Errno) in try k.descriptorLink(t, d) }),
      SyntheticFile(directory + "/maps", .records { k, e, t, record in k.mapsRecord(t, record) }),
      SyntheticFile(directory + "/mounts", .records { k, e, t, record in k.mountRecord(record) }),
      SyntheticFile(directory + "/pagemap", .computed { k, e, t, offset, count throws(Errno) in try k.pageMapBytes(e, t, offset, count) }),
      SyntheticFile(
        directory + "/root", 0o777, .link { k, e, t, d in .place(k.state.files.contexts[k.state.tasks[t].fs].root ?? k.topDirectory) }),
      SyntheticFile(directory + "/smaps", .records { k, e, t, record in k.smapsRecord(e, t, record) }),
      SyntheticFile(directory + "/smaps_rollup", .text { k, e, t in k.smapsRollupText(e, t) }),
      SyntheticFile(directory + "/stat", .text { k, e, t in k.taskStat(t) }),
      SyntheticFile(directory + "/statm", .text { k, e, t in k.statmText(t) }),
      SyntheticFile(directory + "/status", .text { k, e, t in k.statusText(t) }),
    ]
  }

  private static let pool = "/sys/kernel/mm/hugepages/hugepages-2048kB"

  private static let hugePagePool: [SyntheticFile] = [
    // What /sys says counts surplus pages, what /proc says does not.
    poolSize("/proc/sys/vm/nr_hugepages") { k, e, t in k.line("\(k.mm.state.pool.persistent)") },
    poolSize("/proc/sys/vm/nr_hugepages_mempolicy") { k, e, t in k.line("\(k.mm.state.pool.persistent)") },
    poolSize(pool + "/nr_hugepages") { k, e, t in k.line("\(k.mm.state.pool.total)") },
    poolSize(pool + "/nr_hugepages_mempolicy") { k, e, t in k.line("\(k.mm.state.pool.total)") },
    poolOvercommit("/proc/sys/vm/nr_overcommit_hugepages"),
    poolOvercommit(pool + "/nr_overcommit_hugepages"),
    SyntheticFile(pool + "/free_hugepages", .text { k, e, t in k.line("\(k.mm.state.pool.free)") }),
    SyntheticFile(pool + "/resv_hugepages", .text { k, e, t in k.line("\(k.mm.state.pool.reserved)") }),
    SyntheticFile(pool + "/surplus_hugepages", .text { k, e, t in k.line("\(k.mm.state.pool.surplus)") }),
  ]

  private static func poolSize(_ path: String, _ contents: @escaping SyntheticFile.Contents) -> SyntheticFile {
    SyntheticFile(path, 0o644, .stored(contents, store: { k, e, t, bytes throws(Errno) in try k.setHugePoolSize(e, bytes) }))
  }
  private static func poolOvercommit(_ path: String) -> SyntheticFile {
    SyntheticFile(
      path, 0o644,
      .stored(
        { k, e, t in k.line("\(k.mm.state.pool.overcommit)") },
        store: { k, e, t, bytes throws(Errno) in try k.setHugePoolOvercommit(bytes) }))
  }

  private static let hugePages = "/sys/kernel/mm/transparent_hugepage"

  private static let system: [SyntheticFile] = [
    SyntheticFile("/proc/cpuinfo", .text { k, e, t in k.processorText(e) }),
    SyntheticFile("/proc/filesystems", .text { k, e, t in k.fileSystemsText() }),
    SyntheticFile("/proc/meminfo", .text { k, e, t in k.memoryInformationText() }),
    SyntheticFile("/proc/mounts", 0o777, .link { k, e, t, d in .text(Array("self/mounts".utf8)) }),
    SyntheticFile("/proc/self", 0o777, .link { k, e, t, d in .text(k.processText(t)) }),
    SyntheticFile("/proc/thread-self", 0o777, .link { k, e, t, d in .text(k.threadText(t)) }),
    SyntheticFile("/proc/sys/kernel/osrelease", .text { k, e, t in k.line(k.configuration.profile.release) }),
    SyntheticFile("/proc/sys/kernel/ostype", .text { k, e, t in k.line("Linux") }),
    SyntheticFile("/proc/sys/kernel/random/boot_id", .text { k, e, t in k.bootIdentifier() }),
    SyntheticFile("/proc/sys/vm/max_map_count", .text { k, e, t in k.line("\(Layout48.maximumMapCount)") }),
    SyntheticFile("/proc/uptime", .text { k, e, t in k.uptimeText() }),
    SyntheticFile("/proc/version", .text { k, e, t in k.versionText() }),
    SyntheticFile(
      "/proc/sys/vm/panic_on_unrecoverable_memory_failure", 0o644,
      .stored(
        { k, e, t in k.line(k.state.panicsOnMemoryFailure ? "1" : "0") },
        store: { k, e, t, bytes throws(Errno) in try k.setPanicsOnMemoryFailure(bytes) }), if: { $0.hasMemoryFailureSetting }),
    SyntheticFile("/proc/vmstat", .text { k, e, t in k.memoryCountersText() }),
    SyntheticFile("/sys/devices/system/cpu/online", .text { k, e, t in k.line("0") }),
    SyntheticFile("/sys/devices/system/cpu/possible", .text { k, e, t in k.line("0") }),
    SyntheticFile(
      hugePages + "/enabled", 0o644,
      .stored({ k, e, t in k.hugePageModeText() }, store: { k, e, t, bytes throws(Errno) in try k.setHugePageMode(bytes) })),
    SyntheticFile(hugePages + "/hpage_pmd_size", .text { k, e, t in k.line("\(Layout48.hugePage)") }),
    SyntheticFile(
      hugePages + "/hugepages-2048kB/enabled", 0o644,
      .stored({ k, e, t in k.hugePageSizeText() }, store: { k, e, t, bytes throws(Errno) in try k.setHugePageSize(bytes) })),
    SyntheticFile(
      hugePages + "/use_zero_page", 0o644,
      .stored(
        { k, e, t in k.line(k.mm.state.hugePages.usesZeroPage ? "1" : "0") },
        store: { k, e, t, bytes throws(Errno) in try k.setUsesZeroPage(bytes) })),
  ]
}
