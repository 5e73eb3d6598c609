// Owns a short notation for the contents of a range of pages, that of the oracle programs: counted letters.
// It does not know /proc: it reads the tables.
import Architecture
import TestSupport

@testable import LinuxMM

extension MemoryBench {
  /// `.` nothing, `z` the zero page, `a` anonymous, `F` of a file, `g` a guard, `w` another marker; runs are counted, as in `2a3g`.
  func letters(_ start: UInt64, pages count: UInt64) -> String {
    let letters = (0..<count).map { letter(start + $0 << 12) }
    var text = ""
    var index = 0
    while index < letters.count {
      let run = letters[index...].prefix { $0 == letters[index] }.count
      text += (run > 1 ? "\(run)" : "") + letters[index]
      index += run
    }
    return text
  }

  private func letter(_ va: UInt64) -> String {
    guard let raw = descriptor(va), raw != 0 else { return "." }
    // Bit 0 or bit 11 is set if the entry is present. A marker has type 31 in bits 10:6, and guard is bit 2 of its offset, which
    // begins at bit 12.
    if raw & 0x801 == 0 { return raw == 31 << 6 | 4 << 12 ? "g" : "w" }
    let page = raw & 0x0000_ffff_ffff_f000
    if page == manager.state.frames.zeroFrame { return "z" }
    return manager.isAnonymous(el1, page) ? "a" : "F"
  }

  /// VMAs as `0+3:rw- 5+3:r--`, in pages from `start` on.
  func areas(from start: UInt64) -> String {
    manager.vmas(mm).map { vma in
      let flags = vma.flags
      let access = (flags.contains(.READ) ? "r" : "-") + (flags.contains(.WRITE) ? "w" : "-") + (flags.contains(.EXEC) ? "x" : "-")
      return "\((vma.start - start) >> 12)+\((vma.end - vma.start) >> 12):\(access)"
    }.joined(separator: " ")
  }

  /// The minor faults that `body` takes.
  func faultsOf(_ body: () throws -> Void) rethrows -> UInt64 {
    let before = faults.minor
    try body()
    return faults.minor - before
  }
  /// The faults of touching every page of a range.
  func touchAll(_ start: UInt64, pages: UInt64, write: Bool) -> UInt64 {
    faultsOf { for page in 0..<pages { _ = touch(start + page << 12, write: write) } }
  }
  /// The error of a call, or nil.
  func error(_ body: () throws(Errno) -> Void) -> Errno? {
    do throws(Errno) { try body() } catch { return error }
    return nil
  }
}
