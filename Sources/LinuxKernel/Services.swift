// Owns the services that a kernel is made of, and for each of them what it reaches: a part of the state that is its own, parts that it
// may only read, and other services. It does not know what any of them does.
//
// Only these two pages see behind a service, so they say what the lines of one can touch. A service is one reference: it costs nothing to
// make one for a call. `FileServices` goes on with files, programs and memory.
import Architecture
import LinuxMM

/// Who runs: turns, switches, sleeps and wakes.
struct Scheduler {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var mm: MemoryManager { parts.mm }
  var features: ProcessorFeatures { parts.configuration.features }
  var timers: Timers { Timers(parts) }
}

/// The timers of processes: setitimer's and timer_create's.
struct Timers {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var profile: KernelProfile { parts.configuration.profile }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  var signals: Signals { Signals(parts) }
  var times: TaskTimes { TaskTimes(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Sleeping as a value: how a call waits, and what it comes to.
struct Sleeps {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

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
  init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var scheduler: Scheduler { Scheduler(parts) }
  var timers: Timers { Timers(parts) }
}

/// Signals that are taken: frames, default actions, the way back from a handler.
struct SignalDelivery {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

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
  init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var currentTask: Task {
    @inline(__always) _read { yield parts.box.kernel.currentTask }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.currentTask }
  }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var signals: Signals { Signals(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  var timers: Timers { Timers(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Futexes.
struct Futexes {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

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
  init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var currentTask: Task {
    @inline(__always) _read { yield parts.box.kernel.currentTask }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.currentTask }
  }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var futexes: Futexes { Futexes(parts) }
}

/// What tasks and processes have used.
struct TaskTimes {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// The life of threads and processes.
struct Processes {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

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
  var timers: Timers { Timers(parts) }
  var files: Files { Files(parts) }
}

/// Keys of pointer authentication.
struct PointerAuthentication {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var currentTask: Task {
    @inline(__always) _read { yield parts.box.kernel.currentTask }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.currentTask }
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
  init(_ parts: KernelParts) { self.parts = parts }

  var signals: Signals { Signals(parts) }
}

/// The small system calls about a process, its limits and its time.
struct ProcessCalls {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var tasks: TaskState { @inline(__always) _read { yield parts.box.kernel.tasks } }
  var currentTask: Task {
    @inline(__always) _read { yield parts.box.kernel.currentTask }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.currentTask }
  }
  var random: SplitMix64 {
    get { parts.box.kernel.random }
    nonmutating _modify { yield &parts.box.kernel.random }
  }
  var mm: MemoryManager { parts.mm }
  var configuration: KernelConfiguration { parts.configuration }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  /// Counts an option of a call that is not modelled.
  func noteUnknownOption(_ number: UInt64, _ option: UInt64) { parts.box.kernel.systemCalls.noteUnknown(number, option: option) }
  var processes: Processes { Processes(parts) }
  var times: TaskTimes { TaskTimes(parts) }
  var pointerAuthentication: PointerAuthentication { PointerAuthentication(parts) }
  var sleeps: Sleeps { Sleeps(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// The services that exceptions are dispatched to.
extension KernelParts {
  var scheduler: Scheduler { Scheduler(self) }
  var sleeps: Sleeps { Sleeps(self) }
  var signals: Signals { Signals(self) }
  var timers: Timers { Timers(self) }
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
