// Owns the table of the files in /proc and /sys, which has one row for each. It does not know how a file is opened, read or listed:
// `SyntheticTree` and the file calls do.
import LinuxMM

enum SyntheticFiles {
  /// Every row. A directory exists if a row lies in it. The rows of one directory are listed in this order.
  static let rows: [SyntheticFile] =
    process(in: "/proc/PID", isWhole: true) + process(in: "/proc/PID/task/TID", isWhole: false) + system + hugePagePool
    + FixedSettings.files + SystemSettings.files

  /// The files of each process, which each of its threads has too. Counts are those of the whole process or of one thread.
  private static func process(in directory: String, isWhole: Bool) -> [SyntheticFile] {
    [
      SyntheticFile(directory + "/cmdline", .bytes { proc, el1, task, offset, count in proc.commandLine(task, offset, count) }),
      SyntheticFile(
        directory + "/auxv", 0o400, .bytes { proc, el1, task, offset, count in proc.auxiliaryVector(task, offset, count) }),
      SyntheticFile(directory + "/cgroup", .text { proc, el1, task in proc.cgroupText() }),
      SyntheticFile(
        directory + "/clear_refs", 0o200,
        .stored(
          { proc, el1, task throws(Errno) in throw .EINVAL },
          store: { proc, el1, task, bytes throws(Errno) in try proc.clearReferences(el1, task, bytes) })),
      SyntheticFile(
        directory + "/comm", 0o644,
        .stored(
          { proc, el1, task in proc.taskName(task) + [UInt8(ascii: "\n")] },
          store: { proc, el1, task, bytes throws(Errno) in try proc.setName(task, bytes) })),
      SyntheticFile(
        directory + "/coredump_filter", 0o644,
        .stored(
          { proc, el1, task in proc.digits(proc.mm[proc.tasks[task].mm].coreFilter) },
          store: { proc, el1, task, bytes throws(Errno) in try proc.setCoreFilter(task, bytes) })),
      SyntheticFile(directory + "/cpuset", 0o444, .text { proc, el1, task in proc.line("/") }, if: { $0.hasFirstMemoryGroups }),
      SyntheticFile(
        directory + "/cwd", 0o777,
        .link { proc, el1, task, descriptor in .place(proc.fileState.contexts[proc.tasks[task].fs].workingDirectory) }),
      SyntheticFile(
        directory + "/environ", 0o400, .bytes { proc, el1, task, offset, count in proc.environment(el1, task, offset, count) }),
      SyntheticFile(directory + "/exe", 0o777, .link { proc, el1, task, descriptor in proc.executableLink(el1, task) }),
      SyntheticFile(
        directory + "/fd/FD", 0o700, .link { proc, el1, task, descriptor throws(Errno) in try proc.descriptorLink(task, descriptor) }),
      SyntheticFile(directory + "/io", 0o400, .text { proc, el1, task in proc.accountsText(task, isWhole: isWhole) }),
      SyntheticFile(directory + "/limits", .text { proc, el1, task in proc.limitsText(proc.tasks[task].process) }),
      SyntheticFile(directory + "/loginuid", .text { proc, el1, task in Array("4294967295".utf8) }),
      SyntheticFile(directory + "/maps", .records { proc, el1, task, record in proc.mapsRecord(task, record) }),
    ] + processAccounts(in: directory, isWhole: isWhole) + namespaces(in: directory)
  }

  /// The rest of them in the order of names, from the memory on.
  private static func processAccounts(in directory: String, isWhole: Bool) -> [SyntheticFile] {
    [
      SyntheticFile(directory + "/mem", 0o600, .memory),
      SyntheticFile(directory + "/mountinfo", .records { proc, el1, task, record in proc.mountInformation(record) }),
      SyntheticFile(directory + "/mountstats", 0o400, .records { proc, el1, task, record in proc.mountStatistics(record) }),
      SyntheticFile(directory + "/mounts", .records { proc, el1, task, record in proc.mountRecord(record) }),
      SyntheticFile(
        directory + "/oom_adj", 0o644,
        .stored(
          { proc, el1, task in proc.line("\(proc.olderAdjustment(proc.tasks[task].process))") },
          store: { proc, el1, task, bytes throws(Errno) in try proc.setOlderAdjustment(task, bytes) })),
      SyntheticFile(directory + "/oom_score", .text { proc, el1, task in proc.line("\(proc.score(task))") }),
      SyntheticFile(
        directory + "/oom_score_adj", 0o644,
        .stored(
          { proc, el1, task in proc.line("\(proc.tasks[proc.tasks[task].process].scoreAdjustment)") },
          store: { proc, el1, task, bytes throws(Errno) in try proc.setScoreAdjustment(task, bytes) })),
      SyntheticFile(
        directory + "/pagemap", 0o400,
        .computed { proc, el1, task, offset, count throws(Errno) in try proc.pageMapBytes(el1, task, offset, count) }),
      SyntheticFile(
        directory + "/root", 0o777,
        .link { proc, el1, task, descriptor in .place(proc.fileState.contexts[proc.tasks[task].fs].root ?? proc.files.topDirectory) }),
      SyntheticFile(directory + "/personality", 0o400, .text { proc, el1, task in proc.digits(proc.tasks[task].personality) }),
      SyntheticFile(directory + "/schedstat", .text { proc, el1, task in proc.scheduleText(task) }),
      SyntheticFile(directory + "/sessionid", .text { proc, el1, task in Array("4294967295".utf8) }),
      SyntheticFile(directory + "/smaps", .records { proc, el1, task, record in proc.smapsRecord(el1, task, record) }),
      SyntheticFile(directory + "/smaps_rollup", .text { proc, el1, task in proc.smapsRollupText(el1, task) }),
      SyntheticFile(directory + "/stack", 0o400, .text { proc, el1, task in proc.stackText(task) }),
      SyntheticFile(directory + "/stat", .text { proc, el1, task in proc.taskStat(task, isWhole: isWhole) }),
      SyntheticFile(directory + "/statm", .text { proc, el1, task in proc.statmText(task) }),
      SyntheticFile(directory + "/status", .text { proc, el1, task in proc.statusText(task) }),
      SyntheticFile(directory + "/syscall", 0o400, .text { proc, el1, task in proc.callText(el1, task) }),
      SyntheticFile(
        directory + "/timerslack_ns", 0o666,
        .stored(
          { proc, el1, task in proc.line("\(proc.tasks[task].timerSlack)") },
          store: { proc, el1, task, bytes throws(Errno) in try proc.setTimerSlack(task, bytes) })),
      SyntheticFile(directory + "/wchan", .text { proc, el1, task in proc.waitText(task) }),
    ]
  }

  /// The files about the namespaces of a task, which are the first ones.
  private static func namespaces(in directory: String) -> [SyntheticFile] {
    let maps = ["uid_map", "gid_map", "projid_map", "setgroups", "timens_offsets"].map { name in
      SyntheticFile(
        directory + "/" + name, 0o644,
        .stored({ proc, el1, task in proc.namespaceText(name) }, store: { proc, el1, task, bytes throws(Errno) in throw .EPERM }))
    }
    let links = ProcFiles.namespaces.map { name, kind, number in
      SyntheticFile(
        directory + "/ns/" + name, 0o777, .link { proc, el1, task, descriptor in .text(Array("\(kind):[\(number)]".utf8)) })
    }
    return maps + links
  }

  private static let pool = "/sys/kernel/mm/hugepages/hugepages-2048kB"

  private static let hugePagePool: [SyntheticFile] = [
    // The number in /sys includes surplus pages. The number in /proc does not.
    poolSize("/proc/sys/vm/nr_hugepages") { proc, el1, task in proc.line("\(proc.mm.state.pool.persistent)") },
    poolSize("/proc/sys/vm/nr_hugepages_mempolicy") { proc, el1, task in proc.line("\(proc.mm.state.pool.persistent)") },
    poolSize(pool + "/nr_hugepages") { proc, el1, task in proc.line("\(proc.mm.state.pool.total)") },
    poolSize(pool + "/nr_hugepages_mempolicy") { proc, el1, task in proc.line("\(proc.mm.state.pool.total)") },
    poolOvercommit("/proc/sys/vm/nr_overcommit_hugepages"),
    poolOvercommit(pool + "/nr_overcommit_hugepages"),
    SyntheticFile(pool + "/free_hugepages", .text { proc, el1, task in proc.line("\(proc.mm.state.pool.free)") }),
    SyntheticFile(pool + "/resv_hugepages", .text { proc, el1, task in proc.line("\(proc.mm.state.pool.reserved)") }),
    SyntheticFile(pool + "/surplus_hugepages", .text { proc, el1, task in proc.line("\(proc.mm.state.pool.surplus)") }),
  ]

  private static func poolSize(_ path: String, _ contents: @escaping SyntheticFile.Contents) -> SyntheticFile {
    SyntheticFile(path, 0o644, .stored(contents, store: { proc, el1, task, bytes throws(Errno) in try proc.setHugePoolSize(el1, bytes) }))
  }
  private static func poolOvercommit(_ path: String) -> SyntheticFile {
    SyntheticFile(
      path, 0o644,
      .stored(
        { proc, el1, task in proc.line("\(proc.mm.state.pool.overcommit)") },
        store: { proc, el1, task, bytes throws(Errno) in try proc.setHugePoolOvercommit(bytes) }))
  }

  private static let hugePages = "/sys/kernel/mm/transparent_hugepage"

  private static let system: [SyntheticFile] = [
    SyntheticFile("/proc/cgroups", .text { proc, el1, task in proc.controllersText() }),
    SyntheticFile("/proc/cpuinfo", .text { proc, el1, task in proc.processorText(el1) }),
    SyntheticFile("/proc/filesystems", .text { proc, el1, task in proc.fileSystemsText() }),
    SyntheticFile(
      "/proc/kpagecount", 0o400,
      .computed { proc, el1, task, offset, count throws(Errno) in
        try proc.frameWords(offset, count) { frame in proc.mm.frameMapCount(el1, frame) }
      }),
    SyntheticFile(
      "/proc/kpageflags", 0o400,
      .computed { proc, el1, task, offset, count throws(Errno) in
        try proc.frameWords(offset, count) { frame in proc.mm.frameFlags(el1, frame) }
      }),
    SyntheticFile("/proc/loadavg", .text { proc, el1, task in proc.loadText() }),
    SyntheticFile("/proc/meminfo", .text { proc, el1, task in proc.memoryInformationText() }),
    SyntheticFile("/proc/mounts", 0o777, .link { proc, el1, task, descriptor in .text(Array("self/mounts".utf8)) }),
    SyntheticFile("/proc/self", 0o777, .link { proc, el1, task, descriptor in .text(proc.processText(task)) }),
    SyntheticFile("/proc/thread-self", 0o777, .link { proc, el1, task, descriptor in .text(proc.threadText(task)) }),
    SyntheticFile("/proc/sys/kernel/osrelease", .text { proc, el1, task in proc.line(proc.configuration.profile.release) }),
    SyntheticFile("/proc/sys/kernel/ostype", .text { proc, el1, task in proc.line("Linux") }),
    SyntheticFile("/proc/sys/kernel/version", .text { proc, el1, task in proc.line(proc.configuration.profile.build) }),
    SyntheticFile("/proc/sys/kernel/random/boot_id", .text { proc, el1, task in proc.bootIdentifier() }),
    SyntheticFile("/proc/swaps", .text { proc, el1, task in proc.line("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority") }),
    SyntheticFile("/proc/uptime", .text { proc, el1, task in proc.uptimeText() }),
    SyntheticFile("/proc/version", .text { proc, el1, task in proc.versionText() }),
    SyntheticFile(
      "/proc/sys/vm/panic_on_unrecoverable_memory_failure", 0o644,
      .stored(
        { proc, el1, task in proc.line(proc.mm.state.settings.panicsOnLostPages ? "1" : "0") },
        store: { proc, el1, task, bytes throws(Errno) in try proc.setPanicsOnMemoryFailure(bytes) }), if: { $0.hasMemoryFailureSetting }),
    SyntheticFile("/proc/vmstat", .text { proc, el1, task in proc.memoryCountersText() }),
    SyntheticFile("/sys/devices/system/cpu/online", .text { proc, el1, task in proc.line("0") }),
    SyntheticFile("/sys/devices/system/cpu/possible", .text { proc, el1, task in proc.line("0") }),
    SyntheticFile(
      hugePages + "/enabled", 0o644,
      .stored(
        { proc, el1, task in proc.hugePageModeText() }, store: { proc, el1, task, bytes throws(Errno) in try proc.setHugePageMode(bytes) })),
    SyntheticFile(hugePages + "/hpage_pmd_size", .text { proc, el1, task in proc.line("\(Layout48.hugePage)") }),
    SyntheticFile(
      hugePages + "/hugepages-2048kB/enabled", 0o644,
      .stored(
        { proc, el1, task in proc.hugePageSizeText() }, store: { proc, el1, task, bytes throws(Errno) in try proc.setHugePageSize(bytes) })),
    SyntheticFile(
      hugePages + "/use_zero_page", 0o644,
      .stored(
        { proc, el1, task in proc.line(proc.mm.state.hugePages.usesZeroPage ? "1" : "0") },
        store: { proc, el1, task, bytes throws(Errno) in try proc.setUsesZeroPage(bytes) })),
  ]
}
