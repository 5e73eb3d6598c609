// Owns the services that a kernel is made of, and for each of them what it reaches: a part of the state that is its own, parts that it
// may only read, and other services. It does not know what any of them does.
//
// No other file can make a service or look behind one, so this page says what the lines of a service can touch. A service is one
// reference; making one costs nothing, and it may be made for each call.
import Architecture
import LinuxMM

/// Who runs: turns, switches, sleeps and wakes.
struct Scheduler {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var mm: MemoryManager { parts.mm }
  var features: ProcessorFeatures { parts.configuration.features }
}

/// Sleeping as a value: how a call waits, and what it comes to.
struct Sleeps {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Signals on their way to those who get them.
struct Signals {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var scheduler: Scheduler { Scheduler(parts) }
}

/// Signals that are taken: frames, default actions, the way back from a handler.
struct SignalDelivery {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  /// RAM is used up, and the OOM killer has not run yet.
  var outOfMemory: Bool { parts.box.kernel.outOfMemory }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var features: ProcessorFeatures { parts.configuration.features }
  var signals: Signals { Signals(parts) }
  var processes: Processes { Processes(parts) }
}

/// The system calls about signals.
struct SignalCalls {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var signals: Signals { Signals(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Futexes.
struct Futexes {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Lists of robust futexes.
struct RobustLists {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var futexes: Futexes { Futexes(parts) }
}

/// What tasks and processes have used.
struct TaskTimes {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// The life of threads and processes.
struct Processes {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  /// Set once the program is over.
  var verdict: SupervisorVerdict? {
    get { parts.box.kernel.verdict }
    nonmutating set { parts.box.kernel.verdict = newValue }
  }
  /// RAM is used up: the OOM killer is to run.
  var outOfMemory: Bool {
    get { parts.box.kernel.outOfMemory }
    nonmutating set { parts.box.kernel.outOfMemory = newValue }
  }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  var signals: Signals { Signals(parts) }
  var futexes: Futexes { Futexes(parts) }
  var robustLists: RobustLists { RobustLists(parts) }
  var times: TaskTimes { TaskTimes(parts) }
  var files: Files { Files(parts) }
}

/// Keys of pointer authentication.
struct PointerAuthentication {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var random: SplitMix64 {
    get { parts.box.kernel.random }
    nonmutating _modify { yield &parts.box.kernel.random }
  }
  var features: ProcessorFeatures { parts.configuration.features }
  var scheduler: Scheduler { Scheduler(parts) }
}

/// Reads of identification registers by programs.
struct IdentificationEmulation {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var signals: Signals { Signals(parts) }
}

/// Open files, descriptors and the tree of names.
struct Files {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

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
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

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
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

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
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

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
  var processes: Processes { Processes(parts) }
  var pointerAuthentication: PointerAuthentication { PointerAuthentication(parts) }
  var files: Files { Files(parts) }
}

/// The system calls about memory.
struct MemoryCalls {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var files: Files { Files(parts) }
  var fileCalls: FileCalls { FileCalls(parts) }
}

/// The small system calls about a process, its limits and its time.
struct ProcessCalls {
  private let parts: KernelParts
  fileprivate init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var random: SplitMix64 {
    get { parts.box.kernel.random }
    nonmutating _modify { yield &parts.box.kernel.random }
  }
  var mm: MemoryManager { parts.mm }
  var configuration: KernelConfiguration { parts.configuration }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var times: TaskTimes { TaskTimes(parts) }
  var pointerAuthentication: PointerAuthentication { PointerAuthentication(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// The memory of the task that runs on a PE, as a system call reads and writes it.
struct UserMemory {
  private let parts: KernelParts
  let el1: EL1Interface
  fileprivate init(_ parts: KernelParts, _ el1: EL1Interface) {
    self.parts = parts
    self.el1 = el1
  }

  /// A data abort of the kernel's own on the running task's memory.
  func abort(at address: UInt64, _ esr: ExceptionSyndrome) -> AbortOutcome {
    let (space, task) = (parts.box.kernel.currentTask.mm, parts.box.kernel.currentTask.id)
    return parts.faults.doMemAbort(el1, mm: space, task: task, far: address, esr: esr, userMode: false)
  }
  func noteOutOfMemory() { parts.box.kernel.noteOutOfMemory() }
}

/// The services that exceptions are dispatched to.
extension KernelParts {
  var scheduler: Scheduler { Scheduler(self) }
  var sleeps: Sleeps { Sleeps(self) }
  var signals: Signals { Signals(self) }
  var delivery: SignalDelivery { SignalDelivery(self) }
  var signalCalls: SignalCalls { SignalCalls(self) }
  var futexes: Futexes { Futexes(self) }
  var robustLists: RobustLists { RobustLists(self) }
  var times: TaskTimes { TaskTimes(self) }
  var processes: Processes { Processes(self) }
  var identification: IdentificationEmulation { IdentificationEmulation(self) }
  var files: Files { Files(self) }
  var fileCalls: FileCalls { FileCalls(self) }
  var procFiles: ProcFiles { ProcFiles(self) }
  var programs: Programs { Programs(self) }
  var memoryCalls: MemoryCalls { MemoryCalls(self) }
  var processCalls: ProcessCalls { ProcessCalls(self) }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(self, el1) }
}
