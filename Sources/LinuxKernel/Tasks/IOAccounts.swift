// Owns the counts of what a task read and wrote by system calls, and the text of /proc/PID/io.
// It does not know the calls that count. Linux: include/linux/task_io_accounting.h, fs/proc/base.c do_io_accounting().
import Architecture
import LinuxMM

/// Bytes and calls. No file here has a device behind it, so nothing is ever read from or written to one.
struct IOAccounts: Hashable, Sendable {
  var readBytes: UInt64 = 0
  var writtenBytes: UInt64 = 0
  var reads: UInt64 = 0
  var writes: UInt64 = 0

  mutating func add(_ other: Self) {
    readBytes &+= other.readBytes
    writtenBytes &+= other.writtenBytes
    reads &+= other.reads
    writes &+= other.writes
  }

  @inline(__always) mutating func noteRead(_ bytes: UInt64) {
    reads &+= 1
    readBytes &+= bytes
  }
  @inline(__always) mutating func noteWrite(_ bytes: UInt64) {
    writes &+= 1
    writtenBytes &+= bytes
  }

  var text: String {
    """
    rchar: \(readBytes)
    wchar: \(writtenBytes)
    syscr: \(reads)
    syscw: \(writes)
    read_bytes: 0
    write_bytes: 0
    cancelled_write_bytes: 0
    """
  }
}

extension FileCalls {
  /// Counts a read when it ends, with or without bytes. One that sleeps runs again and is counted then.
  @inline(__always)
  func countingRead(_ read: () throws(Errno) -> SystemCallResult) throws(Errno) -> SystemCallResult {
    do throws(Errno) {
      let result = try read()
      if case .done(let bytes) = result { accounts.noteRead(bytes) }
      return result
    } catch {
      accounts.noteRead(0)
      throw error
    }
  }
  @inline(__always)
  func countingWrite(_ write: () throws(Errno) -> SystemCallResult) throws(Errno) -> SystemCallResult {
    do throws(Errno) {
      let result = try write()
      if case .done(let bytes) = result { accounts.noteWrite(bytes) }
      return result
    } catch {
      accounts.noteWrite(0)
      throw error
    }
  }
  /// Counts a copy from one file to another, which is one read and one write.
  func countingCopy(_ copy: () throws(Errno) -> UInt64) throws(Errno) -> UInt64 {
    do throws(Errno) {
      let bytes = try copy()
      accounts.noteRead(bytes)
      accounts.noteWrite(bytes)
      return bytes
    } catch {
      accounts.noteRead(0)
      accounts.noteWrite(0)
      throw error
    }
  }
}

extension ProcFiles {
  /// What a thread has read and written; or a whole process, with its threads that have ended and the children it has waited for.
  func accountsText(_ task: TaskSlot, isWhole: Bool) -> [UInt8] {
    let process = tasks[tasks[task].process]
    return line((isWhole ? process.threads.reduce(into: process.endedIO) { $0.add(tasks[$1].io) } : tasks[task].io).text)
  }
}
