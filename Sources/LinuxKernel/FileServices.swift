// Owns the services about files, programs and memory, and for each of them what it reaches: a part of the state that is its own, parts that
// it may only read, and other services. It does not know what any of them does. `Services` says how to read this.
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
  /// The running task's descriptor table: the one thing of a task that files change.
  var currentFiles: FilesID {
    get { parts.box.kernel.currentTask.files }
    nonmutating set { parts.box.kernel.currentTask.files = newValue }
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
  var mm: MemoryManager { parts.mm }
  var profile: KernelProfile { parts.configuration.profile }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var files: Files { Files(parts) }
  var procFiles: ProcFiles { ProcFiles(parts) }
  var signals: Signals { Signals(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// What /proc and /sys say, and what writing to them does.
struct ProcFiles {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var fileState: FileState { @inline(__always) _read { yield parts.box.kernel.files } }
  /// vm.panic_on_unrecoverable_memory_failure.
  var panicsOnMemoryFailure: Bool {
    get { parts.box.kernel.panicsOnMemoryFailure }
    nonmutating set { parts.box.kernel.panicsOnMemoryFailure = newValue }
  }
  var mm: MemoryManager { parts.mm }
  var configuration: KernelConfiguration { parts.configuration }
  var files: Files { Files(parts) }
  var times: TaskTimes { TaskTimes(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Programs: how a file becomes what a task runs.
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
  var mm: MemoryManager { parts.mm }
  var features: ProcessorFeatures { parts.configuration.features }
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
}

/// The memory of the task that runs on a PE, as a system call reads and writes it.
struct UserMemory {
  private let parts: KernelParts
  let el1: EL1Interface
  init(_ parts: KernelParts, _ el1: EL1Interface) {
    self.parts = parts
    self.el1 = el1
  }

  /// A data abort of the kernel's own on the running task's memory.
  func abort(at address: UInt64, _ esr: ExceptionSyndrome) -> AbortOutcome {
    let (space, task) = (parts.box.kernel.currentTask.mm, parts.box.kernel.currentTask.id)
    return parts.faults.doMemAbort(el1, Abort(mm: space, task: task, far: address, esr: esr, userMode: false))
  }
  /// Whether the running task's system calls take tagged pointers.
  var acceptsTags: Bool { parts.box.kernel.currentTask.acceptsTags }
  func noteOutOfMemory() { parts.box.kernel.noteOutOfMemory() }
}
