// Owns the texts of the files of /proc/PID that are not about memory, and the targets of its links. It does not know how they are opened.
// Linux: fs/proc/base.c, array.c, fd.c.
import Architecture
import LinuxMM

extension ProcFiles {
  /// A text as a line of a file.
  func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

  /// The target of /proc/self.
  func processText(_ task: TaskSlot) -> [UInt8] { Array(String(tasks[tasks[task].process].id.rawValue).utf8) }
  /// The target of /proc/thread-self.
  func threadText(_ task: TaskSlot) -> [UInt8] { processText(task) + Array("/task/\(tasks[task].id.rawValue)".utf8) }

  /// The target of /proc/PID/exe: the executable's own file if it is still at its path.
  func executableLink(_ el1: EL1Interface, _ task: TaskSlot) -> LinkTarget {
    let text = tasks[tasks[task].process].executable
    do throws(Errno) {
      if let place = try files.walk(el1, from: files.root(), text, followsLast: true).target { return .place(place) }
    } catch {}
    return .text(text)
  }

  func descriptorLink(_ task: TaskSlot, _ descriptor: Int32) throws(Errno) -> LinkTarget {
    guard let slot = fileState.tables[tasks[task].files][descriptor] else { throw .ENOENT }
    return .place(fileState.open[slot.file].path)
  }

  /// comm.
  func taskName(_ task: TaskSlot) -> [UInt8] { tasks[task].name }

  /// A part of the arguments that exec was given, each with its terminating zero. Linux: get_mm_cmdline().
  func commandLine(_ task: TaskSlot, _ offset: UInt64, _ count: Int) -> [UInt8] {
    let arguments = tasks[tasks[task].process].arguments
    return Array(arguments.dropFirst(Int(clamping: offset)).prefix(count))
  }
}
