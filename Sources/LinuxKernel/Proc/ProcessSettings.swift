// Owns the texts of the files of /proc/PID about the OOM killer, limits, environment and the like, and the effect of writing to them. It
// does not know how these files are opened. Linux: fs/proc/base.c.
import Architecture
import LinuxMM

extension ProcFiles {
  /// A signed number; EINVAL for another text. Linux: kstrtoint().
  private func integer(_ bytes: [UInt8]) throws(Errno) -> Int64 {
    let range = Int64(Int32.min)...Int64(Int32.max)
    let words = SettingText.words(bytes)
    guard words.count == 1, let number = try SettingText.number(bytes, range) else { throw .EINVAL }
    return Int64(bitPattern: number)
  }

  // MARK: The OOM killer

  func setScoreAdjustment(_ task: TaskSlot, _ bytes: [UInt8]) throws(Errno) {
    let value = try integer(bytes)
    if !(-1000...1000).contains(value) { throw .EINVAL }
    processes.setScoreAdjustment(tasks[task].process, Int(value))
  }
  /// The older scale from -17 to 15. Linux: oom_adj_read(), oom_adj_write().
  func olderAdjustment(_ process: ProcessSlot) -> Int {
    let value = tasks[process].scoreAdjustment
    return value == 1000 ? 15 : value * 17 / 1000
  }
  func setOlderAdjustment(_ task: TaskSlot, _ bytes: [UInt8]) throws(Errno) {
    let value = Int(try integer(bytes))
    if !(-17...15).contains(value) { throw .EINVAL }
    processes.setScoreAdjustment(tasks[task].process, value == 15 ? 1000 : value * 1000 / 17)
  }
  /// 0 for a process that is never chosen. Linux: proc_oom_score().
  func score(_ task: TaskSlot) -> Int {
    let total = Int(mm.state.frames.managed)
    guard let badness = processes.badness(tasks[task].process) else { return 0 }
    return max(0, (1000 + badness * 1000 / total) * 2 / 3)
  }

  // MARK: Limits

  /// Linux: proc_pid_limits().
  func limitsText(_ process: ProcessSlot) -> [UInt8] {
    func column(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
    func value(_ limit: UInt64) -> String { limit == ResourceLimits.infinity ? "unlimited" : "\(limit)" }
    func row(_ name: String, _ soft: String, _ hard: String, _ unit: String) -> [UInt8] {
      line("\(column(name, 25)) \(column(soft, 20)) \(column(hard, 20)) \(unit.isEmpty ? "" : column(unit, 10))")
    }
    let limits = tasks[process].limits
    return row("Limit", "Soft Limit", "Hard Limit", "Units")
      + Self.limitNames.enumerated().flatMap { index, name in
        guard let limit = try? limits.limit(UInt64(index)) else { preconditionFailure("every limit has a name") }
        return row("Max " + name.0, value(limit.soft), value(limit.hard), name.1)
      }
  }

  private static let limitNames: [(String, String)] = [
    ("cpu time", "seconds"), ("file size", "bytes"), ("data size", "bytes"), ("stack size", "bytes"), ("core file size", "bytes"),
    ("resident set", "bytes"), ("processes", "processes"), ("open files", "files"), ("locked memory", "bytes"),
    ("address space", "bytes"), ("file locks", "locks"), ("pending signals", "signals"), ("msgqueue size", "bytes"),
    ("nice priority", ""), ("realtime priority", ""), ("realtime timeout", "us"),
  ]

  // MARK: The program

  /// A part of the auxiliary vector. Linux: auxv_read().
  func auxiliaryVector(_ task: TaskSlot, _ offset: UInt64, _ count: Int) -> [UInt8] {
    let bytes = tasks[tasks[task].process].auxiliary.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    return Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
  }

  /// A part of the environment that exec was given, as it is in memory now. Linux: environ_read().
  func environment(_ el1: EL1Interface, _ task: TaskSlot, _ offset: UInt64, _ count: Int) -> [UInt8] {
    let area = tasks[tasks[task].process].environment
    if offset >= area.end - area.start { return [] }
    let start = area.start + offset
    return mm.peekUser(
      el1, tasks[task].mm, task: tasks.currentTask.id, address: start, count: Int(min(UInt64(count), area.end - start)))
  }

  func setName(_ task: TaskSlot, _ bytes: [UInt8]) throws(Errno) {
    if tasks[task].process != tasks.currentProcess { throw .EINVAL }
    processes.setName(task, Array(bytes.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }.prefix(15)))
  }

  /// Linux: timerslack_ns_write(). A task with a policy of real time has none.
  func setTimerSlack(_ task: TaskSlot, _ bytes: [UInt8]) throws(Errno) {
    let words = SettingText.words(bytes)
    guard words.count == 1, let value = UInt64(String(decoding: words[0], as: UTF8.self)) else { throw .EINVAL }
    processes.setTimerSlack(task, value)
  }

  /// Linux: clear_refs_write(). Soft dirty bits (4) are not there on arm64.
  func clearReferences(_ el1: EL1Interface, _ task: TaskSlot, _ bytes: [UInt8]) throws(Errno) {
    let space = tasks[task].mm
    switch try integer(Array(bytes.prefix(12))) {
    case 1: mm.clearReferences(el1, space, .all)
    case 2: mm.clearReferences(el1, space, .anonymous)
    case 3: mm.clearReferences(el1, space, .ofFiles)
    case 4: break
    case 5: mm.forgetPeak(space)
    default: throw .EINVAL
    }
  }

  func setCoreFilter(_ task: TaskSlot, _ bytes: [UInt8]) throws(Errno) {
    let words = SettingText.words(bytes)
    guard words.count == 1, let value = SettingText.magnitude(words[0][...]), value <= UInt64(UInt32.max) else { throw .EINVAL }
    mm.setCoreFilter(tasks[task].mm, UInt32(value) & 0x1ff)
  }

  /// Eight hexadecimal digits.
  func digits(_ value: UInt32) -> [UInt8] {
    var text = TextBuilder()
    text.hexadecimal(UInt64(value), width: 8)
    text.put("\n")
    return text.bytes
  }

  /// The number of a namespace; all processes share the first ones. Linux: include/linux/proc_ns.h.
  static let namespaces: [(name: String, kind: String, number: UInt32)] = [
    ("cgroup", "cgroup", 4_026_531_835), ("ipc", "ipc", 4_026_531_839), ("mnt", "mnt", 4_026_531_841), ("net", "net", 4_026_531_840),
    ("pid", "pid", 4_026_531_836), ("pid_for_children", "pid", 4_026_531_836), ("time", "time", 4_026_531_834),
    ("time_for_children", "time", 4_026_531_834), ("user", "user", 4_026_531_837), ("uts", "uts", 4_026_531_838),
  ]
}
