// Owns the services about files, programs and memory, and lists for each of them what it can reach: its own part of the state, parts that
// it may only read, and other services. It does not know what any service does. `Services` explains how to read this list.
import Architecture
import LinuxMM

/// Open files, descriptors and the tree of names.
struct Files {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: FileState {
    @inline(__always) _read { yield parts.box.kernel.files }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.files }
  }
  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  /// The running task's descriptor table. It is the only part of a task that the file services change, beside the note that a call runs
  /// again.
  var currentFiles: FilesID {
    get { parts.box.kernel.currentTask.files }
    nonmutating set { parts.box.kernel.currentTask.files = newValue }
  }
  /// Makes the running task's system call run again from its SVC.
  func restartCall() {
    parts.box.kernel.currentTask.restart = .noInterrupt
    parts.box.kernel.hasWork = true
  }
  var random: SplitMix64 {
    get { parts.box.kernel.random }
    nonmutating _modify { yield &parts.box.kernel.random }
  }
  var mm: MemoryManager { parts.mm }
  var host: HostIO { parts.host }
  var hostFiles: HostFiles? { parts.hostFiles }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  var signals: Signals { Signals(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  var procFiles: ProcFiles { ProcFiles(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// The system calls about files and names.
struct FileCalls {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: FileState {
    @inline(__always) _read { yield parts.box.kernel.files }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.files }
  }
  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  /// What the running task has read and written.
  var accounts: IOAccounts {
    @inline(__always) get { parts.box.kernel.currentTask.io }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.currentTask.io }
  }
  var mm: MemoryManager { parts.mm }
  var profile: KernelProfile { parts.configuration.profile }
  var settings: KernelSettings { parts.box.kernel.settings }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var files: Files { Files(parts) }
  var procFiles: ProcFiles { ProcFiles(parts) }
  var signals: Signals { Signals(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// The contents of the files of /proc and /sys, and the effect of writing to them.
struct ProcFiles {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var fileState: FileState { @inline(__always) _read { yield parts.box.kernel.files } }
  var settings: KernelSettings {
    get { parts.box.kernel.settings }
    nonmutating set { parts.box.kernel.settings = newValue }
  }
  /// kernel.threads-max.
  var maximumTasks: Int { processes.maximumTasks }
  var processes: Processes { Processes(parts) }
  var mm: MemoryManager { parts.mm }
  var configuration: KernelConfiguration { parts.configuration }
  var files: Files { Files(parts) }
  var times: TaskTimes { TaskTimes(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Programs: the steps from a file to a program that a task runs.
struct Programs {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var random: SplitMix64 {
    get { parts.box.kernel.random }
    nonmutating _modify { yield &parts.box.kernel.random }
  }
  var vdso: VDSO? {
    get { parts.box.kernel.vdso }
    nonmutating set { parts.box.kernel.vdso = newValue }
  }
  var mm: MemoryManager { parts.mm }
  var features: ProcessorFeatures { parts.configuration.features }
  var profile: KernelProfile { parts.configuration.profile }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  var signals: Signals { Signals(parts) }
  var timers: Timers { Timers(parts) }
  var processes: Processes { Processes(parts) }
  var pointerAuthentication: PointerAuthentication { PointerAuthentication(parts) }
  var files: Files { Files(parts) }
}

/// The system calls about memory.
struct MemoryCalls {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var files: Files { Files(parts) }
  var fileCalls: FileCalls { FileCalls(parts) }
  var signals: Signals { Signals(parts) }
}

/// The memory of the task that runs on a PE, as system calls read and write it.
struct UserMemory {
  private let parts: KernelParts
  let el1: EL1Interface
  init(_ parts: KernelParts, _ el1: EL1Interface) {
    self.parts = parts
    self.el1 = el1
  }

  /// Handles a data abort that the kernel itself took on the running task's memory.
  func abort(at address: UInt64, _ esr: ExceptionSyndrome) -> AbortOutcome {
    let (space, task) = (parts.box.kernel.currentTask.mm, parts.box.kernel.currentTask.id)
    return parts.faults.doMemAbort(el1, Abort(mm: space, task: task, far: address, esr: esr, userMode: false))
  }
  /// Whether the running task's system calls take tagged pointers.
  var acceptsTags: Bool { parts.box.kernel.currentTask.acceptsTags }
  func noteOutOfMemory() { parts.box.kernel.noteOutOfMemory() }
}
