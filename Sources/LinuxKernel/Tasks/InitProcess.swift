// Owns the pretended init: process 1, which runs no program, is the parent of the first program, and takes and reaps orphans. It does not
// know how a process ends. Linux: init/main.c kernel_init().
import Architecture
import LinuxMM

extension Processes {
  /// Adds process 1: an init that sleeps for ever, leads a session of its own, and has empty memory and no open files. It comes after the
  /// first program, whose place in the tables is the first. Throws ENOMEM.
  func addInit(_ el1: EL1Interface, files: (files: FilesID, context: FSID)) throws(Errno) {
    let id = TaskID.initial
    var process = Process(
      id: id, parent: nil, group: id, session: id, handlers: addHandlers([SignalAction](repeating: SignalAction(), count: 65)))
    process.executable = Array("/sbin/init".utf8)
    process.arguments = process.executable + [0]
    process.hasExecuted = true
    process.children = [.first]
    let space = try mm.createMM(el1)
    let slot = state.add(process)
    precondition(slot == .initial, "init has the second slot")
    var task = Task(id: id, mm: space, process: slot)
    task.run = .sleeping
    task.name = Array("init".utf8)
    (task.files, task.fs) = files
    mm.addUser(of: space)
    state.setChannel(of: addTask(task), .time)
  }
}
