// Owns the settings of /proc/sys that programs can change: the path of each, the values that it takes, and what it changes. It does not
// know how such a file is opened. Linux: kernel/sysctl.c, and the tables of kernel/pid.c, mm/util.c, fs/coredump.c, ipc/ipc_sysctl.c.
import Architecture
import LinuxMM

enum SystemSettings {
  static let files: [SyntheticFile] = numbers.map(\.file) + lists + texts + actions

  private static let anyInteger: ClosedRange<Int64> = Int64(Int32.min)...Int64(Int32.max)
  private static let notNegative: ClosedRange<Int64> = 0...Int64(Int32.max)
  private static let large: ClosedRange<Int64> = 0...Int64.max

  /// A setting of one number.
  private struct NumberSetting: Sendable {
    let path: String
    let range: ClosedRange<Int64>
    let value: @Sendable (ProcFiles) -> String
    let change: @Sendable (ProcFiles, EL1Interface, UInt64) throws(Errno) -> Void

    /// A setting that changes what the kernel does. A negative number arrives as its two's complement.
    init(
      _ path: String, _ range: ClosedRange<Int64>, _ value: @escaping @Sendable (ProcFiles) -> String,
      _ change: @escaping @Sendable (ProcFiles, EL1Interface, UInt64) throws(Errno) -> Void
    ) {
      (self.path, self.range, self.value, self.change) = (path, range, value, change)
    }
    /// A setting of something that does not happen here, so that only its own file shows the number.
    init(_ path: String, _ range: ClosedRange<Int64>, kept initial: String) {
      self.init(
        path, range, { proc in proc.keptSetting(path) ?? initial },
        { proc, el1, number in
          proc.keepSetting(path, range.lowerBound < 0 ? "\(Int64(bitPattern: number))" : "\(number)")
        })
    }

    var file: SyntheticFile {
      let (value, change, range) = (value, change, range)
      return SyntheticFile(
        path, 0o644,
        .stored(
          { proc, el1, task in proc.line(value(proc)) },
          store: { proc, el1, task, bytes throws(Errno) in
            if let number = try SettingText.number(bytes, range) { try change(proc, el1, number) }
          }), isNumber: true)
    }
  }

  private static let numbers: [NumberSetting] = [
    NumberSetting(
      "/proc/sys/vm/overcommit_memory", 0...2, { proc in "\(proc.mm.state.settings.overcommit.rawValue)" },
      { proc, el1, number in proc.mm.changeSettings { $0.overcommit = OvercommitMode(rawValue: number) ?? .heuristic } }),
    // Each of the two makes the other 0. Linux: overcommit_ratio_handler(), overcommit_kbytes_handler().
    NumberSetting(
      "/proc/sys/vm/overcommit_ratio", anyInteger, { proc in "\(Int64(bitPattern: proc.mm.state.settings.overcommitRatio))" },
      { proc, el1, number in
        proc.mm.changeSettings {
          $0.overcommitRatio = number
          $0.overcommitKilobytes = 0
        }
      }),
    NumberSetting(
      "/proc/sys/vm/overcommit_kbytes", large, { proc in "\(proc.mm.state.settings.overcommitKilobytes)" },
      { proc, el1, number in
        proc.mm.changeSettings {
          $0.overcommitKilobytes = number
          $0.overcommitRatio = 0
        }
      }),
    NumberSetting(
      "/proc/sys/vm/user_reserve_kbytes", large, { proc in "\(proc.mm.state.settings.userReserve)" },
      { proc, el1, number in proc.mm.changeSettings { $0.userReserve = number } }),
    NumberSetting(
      "/proc/sys/vm/max_map_count", notNegative, { proc in "\(proc.mm.state.settings.maximumMapCount)" },
      { proc, el1, number in proc.mm.changeSettings { $0.maximumMapCount = Int(number) } }),
    NumberSetting(
      "/proc/sys/vm/legacy_va_layout", notNegative, { proc in proc.mm.state.settings.usesLegacyLayout ? "1" : "0" },
      { proc, el1, number in proc.mm.changeSettings { $0.usesLegacyLayout = number != 0 } }),
    NumberSetting(
      "/proc/sys/vm/oom_kill_allocating_task", anyInteger, { proc in proc.settings.killsAllocatingTask },
      { proc, el1, number in proc.settings.killsAllocatingTask = "\(Int64(bitPattern: number))" }),
    NumberSetting(
      "/proc/sys/kernel/pid_max", 301...4_194_304, { proc in "\(proc.settings.maximumID)" },
      { proc, el1, number in proc.settings.maximumID = Int32(number) }),
    NumberSetting(
      "/proc/sys/kernel/threads-max", 1...Int64(Int32.max), { proc in "\(proc.settings.maximumTasks ?? proc.maximumTasks)" },
      { proc, el1, number in proc.settings.maximumTasks = Int(number) }),
    NumberSetting(
      "/proc/sys/kernel/core_uses_pid", anyInteger, { proc in proc.settings.coreUsesID ? "1" : "0" },
      { proc, el1, number in proc.settings.coreUsesID = number != 0 }),
    NumberSetting(
      "/proc/sys/vm/panic_on_oom", 0...2, { proc in proc.settings.panicsOutOfMemory },
      { proc, el1, number in proc.settings.panicsOutOfMemory = "\(number)" }),
    NumberSetting(
      "/proc/sys/vm/mmap_min_addr", large, { proc in "\(proc.mm.state.settings.minimumAddress)" },
      { proc, el1, number in proc.mm.changeSettings { $0.minimumAddress = number } }),
    NumberSetting(
      "/proc/sys/vm/min_free_kbytes", notNegative, { proc in "\(proc.mm.state.settings.freeReserve)" },
      { proc, el1, number in proc.mm.setFreeReserve(number) }),
    NumberSetting(
      "/proc/sys/vm/watermark_scale_factor", 1...3000, { proc in "\(proc.mm.state.settings.watermarkScale)" },
      { proc, el1, number in proc.mm.changeSettings { $0.watermarkScale = number } }),
    NumberSetting(
      "/proc/sys/vm/memory_failure_recovery", 0...1, { proc in proc.mm.state.settings.recoversFailures ? "1" : "0" },
      { proc, el1, number in proc.mm.changeSettings { $0.recoversFailures = number == 1 } }),
    NumberSetting(
      "/proc/sys/vm/enable_soft_offline", 0...1, { proc in proc.mm.state.settings.takesOffline ? "1" : "0" },
      { proc, el1, number in proc.mm.changeSettings { $0.takesOffline = number == 1 } }),
    NumberSetting(
      "/proc/sys/vm/memfd_noexec", 0...2, { proc in "\(proc.settings.memoryFileExecution)" },
      { proc, el1, number in proc.settings.memoryFileExecution = number }),
    // A write adds its bits, of those that exist. Linux: proc_taint().
    NumberSetting(
      "/proc/sys/kernel/tainted", large, { proc in "\(proc.settings.taints)" },
      { proc, el1, number in proc.settings.taints |= number & (1 << proc.configuration.profile.taintBits - 1) }),
    // The article "Settings without effect" says for each of the following why nothing can be seen of it but in its own file.
    NumberSetting("/proc/sys/vm/oom_dump_tasks", anyInteger, kept: "1"),
    NumberSetting("/proc/sys/vm/swappiness", 0...200, kept: "60"),
    NumberSetting("/proc/sys/vm/vfs_cache_pressure", notNegative, kept: "100"),
    NumberSetting("/proc/sys/vm/dirty_ratio", 0...100, kept: "20"),
    NumberSetting("/proc/sys/vm/dirty_background_ratio", 0...100, kept: "10"),
    NumberSetting("/proc/sys/vm/page-cluster", 0...31, kept: "3"),
    NumberSetting("/proc/sys/vm/stat_interval", anyInteger, kept: "1"),
    NumberSetting("/proc/sys/kernel/core_pipe_limit", notNegative, kept: "0"),
    NumberSetting("/proc/sys/kernel/shmall", large, kept: "18446744073692774399"),
    NumberSetting("/proc/sys/kernel/shmmax", large, kept: "18446744073692774399"),
    NumberSetting("/proc/sys/kernel/shmmni", 0...32768, kept: "4096"),
    NumberSetting("/proc/sys/kernel/msgmax", notNegative, kept: "8192"),
    NumberSetting("/proc/sys/kernel/msgmnb", notNegative, kept: "16384"),
    NumberSetting("/proc/sys/kernel/randomize_va_space", anyInteger, kept: "2"),
    NumberSetting("/proc/sys/kernel/panic", anyInteger, kept: "0"),
    NumberSetting("/proc/sys/kernel/panic_on_oops", anyInteger, kept: "0"),
    NumberSetting("/proc/sys/kernel/overflowuid", 0...65535, kept: "65534"),
    NumberSetting("/proc/sys/kernel/overflowgid", 0...65535, kept: "65534"),
    NumberSetting("/proc/sys/fs/suid_dumpable", 0...2, kept: "0"),
  ]

  /// Settings of several numbers, which are separated by tabs when they are read.
  private static let lists: [SyntheticFile] = [
    ("/proc/sys/kernel/sem", "32000\t1024000000\t500\t32000"), ("/proc/sys/kernel/printk", "7\t4\t1\t7"),
  ].map { path, initial in
    SyntheticFile(
      path, 0o644,
      .stored(
        { proc, el1, task in proc.line(proc.keptSetting(path) ?? initial) },
        store: { proc, el1, task, bytes throws(Errno) in
          var words = (proc.keptSetting(path) ?? initial).split(separator: "\t").map { String($0) }
          for (index, word) in SettingText.words(bytes).prefix(words.count).enumerated() {
            guard let number = try SettingText.number(word, anyInteger) else { throw .EINVAL }
            words[index] = "\(Int64(bitPattern: number))"
          }
          proc.keepSetting(path, words.joined(separator: "\t"))
        }), isNumber: true)
  }

  private static let texts: [SyntheticFile] = [
    text("/proc/sys/kernel/core_pattern", 127, { proc in proc.settings.corePattern }) { proc, text in proc.settings.corePattern = text },
    text("/proc/sys/kernel/hostname", 64, { proc in proc.settings.hostName }) { proc, text in proc.settings.hostName = text },
    text("/proc/sys/kernel/domainname", 64, { proc in proc.settings.domainName }) { proc, text in proc.settings.domainName = text },
  ]

  /// A text up to the first newline, cut off at `limit` bytes.
  private static func text(
    _ path: String, _ limit: Int, _ value: @escaping @Sendable (ProcFiles) -> [UInt8],
    _ change: @escaping @Sendable (ProcFiles, [UInt8]) -> Void
  ) -> SyntheticFile {
    SyntheticFile(
      path, 0o644,
      .stored(
        { proc, el1, task in value(proc) + [UInt8(ascii: "\n")] },
        store: { proc, el1, task, bytes in change(proc, Array(bytes.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }.prefix(limit))) }))
  }

  /// Files that only do something when a number is written.
  private static let actions: [SyntheticFile] = [
    action("/proc/sys/vm/drop_caches", 1...4) { proc, el1, number in if number & 1 != 0 { proc.mm.dropCaches(el1) } },
    action("/proc/sys/vm/compact_memory", 1...1) { proc, el1, number in proc.mm.compactMemory(el1) },
  ]

  private static func action(
    _ path: String, _ range: ClosedRange<Int64>, _ act: @escaping @Sendable (ProcFiles, EL1Interface, UInt64) -> Void
  ) -> SyntheticFile {
    SyntheticFile(
      path, 0o200,
      .stored(
        { proc, el1, task throws(Errno) in throw .EACCES },
        store: { proc, el1, task, bytes throws(Errno) in
          if let number = try SettingText.number(bytes, range) { act(proc, el1, number) }
        }))
  }
}

/// The text that is written to a setting.
enum SettingText {
  static func words(_ bytes: [UInt8]) -> [[UInt8]] { bytes.split { isBlank($0) }.map { Array($0) } }

  /// The first number of a text: decimal, hexadecimal behind 0x, or octal behind 0. Nil for a blank text; EINVAL for anything else, and
  /// for a number out of range. The largest 64-bit numbers belong to a range that ends at Int64.max. Linux: proc_get_long().
  static func number(_ bytes: [UInt8], _ range: ClosedRange<Int64>) throws(Errno) -> UInt64? {
    guard let word = words(bytes).first else { return nil }
    let isNegative = word.first == UInt8(ascii: "-")
    guard let magnitude = magnitude(word.dropFirst(isNegative ? 1 : 0)) else { throw .EINVAL }
    if !isNegative && magnitude > UInt64(Int64.max) && range.upperBound == .max { return magnitude }
    guard let positive = Int64(exactly: magnitude), range.contains(isNegative ? -positive : positive) else { throw .EINVAL }
    return UInt64(bitPattern: isNegative ? -positive : positive)
  }

  /// Digits without a sign, of the base that they say.
  static func magnitude(_ digits: ArraySlice<UInt8>) -> UInt64? {
    let text = String(decoding: digits, as: UTF8.self)
    if text.hasPrefix("+") || text.hasPrefix("-") { return nil }
    if text.hasPrefix("0x") || text.hasPrefix("0X") { return UInt64(text.dropFirst(2), radix: 16) }
    return text.count > 1 && text.hasPrefix("0") ? UInt64(text, radix: 8) : UInt64(text)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a].contains(byte) }
}

extension ProcFiles {
  func keptSetting(_ path: String) -> String? { settings.kept.first { $0.path == path }?.text }
  func keepSetting(_ path: String, _ text: String) {
    settings.kept.removeAll { $0.path == path }
    settings.kept.append(KeptSetting(path: path, text: text))
  }
}
