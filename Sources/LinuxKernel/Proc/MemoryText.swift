// Owns the texts of /proc/PID/status about memory, of statm and of pagemap. It does not know how pages are counted or found: LinuxMM does.
// Linux: fs/proc/array.c, task_mmu.c.
import Architecture
import LinuxMM

extension ProcFiles {
  /// Seven numbers, in pages: mapped, resident, shared, text, 0, data and stack, 0. Linux: proc_pid_statm().
  func statmText(_ task: TaskSlot) -> [UInt8] {
    let space = mm[tasks[task].mm]
    let totals = space.totals
    return line(
      "\(totals.mapped) \(space.residentPages) \(space.resident.file + space.resident.shmem) \(totals.text) 0 "
        + "\(totals.data + totals.stack) 0")
  }

  /// The lines of status about memory, in KiB. Linux: task_mem().
  func memoryStatusLines(_ task: TaskSlot) -> [String] {
    let space = mm[tasks[task].mm]
    let totals = space.totals
    let text = totals.text
    let rows: [(String, UInt64)] = [
      ("VmPeak", space.highWater.mapped), ("VmSize", totals.mapped), ("VmLck", UInt64(space.lockedPages)), ("VmPin", 0),
      ("VmHWM", UInt64(space.highWater.resident)), ("VmRSS", UInt64(space.residentPages)),
      ("RssAnon", UInt64(space.resident.anonymous)), ("RssFile", UInt64(space.resident.file)),
      ("RssShmem", UInt64(space.resident.shmem)), ("VmData", totals.data), ("VmStk", totals.stack), ("VmExe", text),
      ("VmLib", totals.executable - min(totals.executable, text)), ("VmPTE", UInt64(space.pageTables)), ("VmSwap", 0),
      ("HugetlbPages", UInt64(space.hugetlbPages)),
    ]
    return rows.map { "\($0.0):\t\(padded($0.1 * 4, 8)) kB" }
  }

  func padded(_ value: UInt64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: " ", count: max(0, width - digits.count)) + digits
  }

  /// The words of pagemap from a byte offset of the file on; empty beyond user space. Throws EINVAL if offset or count are not multiples of
  /// a word. Linux: pagemap_read().
  func pageMapBytes(_ el1: EL1Interface, _ task: TaskSlot, _ offset: UInt64, _ count: Int) throws(Errno) -> [UInt8] {
    if offset & 7 != 0 || count & 7 != 0 { throw .EINVAL }
    let first = offset >> 3
    let limit = Layout48.taskSize >> 12
    if first >= limit { return [] }
    let pages = Int(min(UInt64(count) >> 3, limit - first))
    if pages == 0 { return [] }
    let words = mm.pageMapWords(el1, tasks[task].mm, first << 12, pages: pages)
    return words.withUnsafeBytes { Array($0) }
  }
}
