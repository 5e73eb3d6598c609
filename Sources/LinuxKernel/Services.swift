// Owns the services that a kernel is made of, and lists for each of them what it can reach: its own part of the state, parts that it may
// only read, and other services. It does not know what any service does.
//
// Only this file and `FileServices` have access to the parts behind a service, so these two files say what the code of each service can
// touch. A service is a single reference, so making one for a call costs nothing. `FileServices` has the services about files, programs and
// memory.
import Architecture
import LinuxMM

/// The scheduler: time slices, task switches, sleeps and wakes.
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

/// Sleeping as a value: how a call waits, and what happens when the wait ends.
struct Sleeps {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  var futexes: Futexes { Futexes(parts) }
  /// Guest time in nanoseconds.
  var now: UInt64 { parts.box.kernel.tasks.now }
}

/// Sending signals to tasks and processes.
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

/// Delivering signals: frames, default actions, and the return from a handler.
struct SignalDelivery {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var tracer: (any Tracer)? { parts.tracer }
  /// Whether RAM is used up and the OOM killer has not run yet.
  var outOfMemory: Bool { parts.box.kernel.outOfMemory }
  /// The vDSO of the programs. There is one once a program runs.
  var vdso: VDSO { parts.box.kernel.vdso! }
  var mm: MemoryManager { parts.mm }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var features: ProcessorFeatures { parts.configuration.features }
  var signals: Signals { Signals(parts) }
  var processes: Processes { Processes(parts) }
}

/// The holds of tasks for a debugger.
struct Holds {
  private let parts: KernelParts
  init(_ parts: KernelParts) { self.parts = parts }

  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  var tracer: (any Tracer)? { parts.tracer }
  var scheduler: Scheduler { Scheduler(parts) }
  var signals: Signals { Signals(parts) }
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
  var profile: KernelProfile { parts.configuration.profile }
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

/// The resources that tasks and processes have used.
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

  var deathListener: ((ProcessDeath) -> Void)? { parts.deathListener }
  var coreListener: ((_ offset: UInt64, _ bytes: [UInt8]) -> Void)? { parts.coreListener }
  var state: TaskState {
    @inline(__always) _read { yield parts.box.kernel.tasks }
    @inline(__always) nonmutating _modify { yield &parts.box.kernel.tasks }
  }
  /// The result of the run, set when the program is over.
  var verdict: SupervisorVerdict? {
    get { parts.box.kernel.verdict }
    nonmutating set { parts.box.kernel.verdict = newValue }
  }
  /// Whether RAM is used up, so that the OOM killer must run.
  var outOfMemory: Bool {
    get { parts.box.kernel.outOfMemory }
    nonmutating set { parts.box.kernel.outOfMemory = newValue }
  }
  var mm: MemoryManager { parts.mm }
  var settings: KernelSettings { parts.box.kernel.settings }
  func user(_ el1: EL1Interface) -> UserMemory { UserMemory(parts, el1) }
  var scheduler: Scheduler { Scheduler(parts) }
  var signals: Signals { Signals(parts) }
  var futexes: Futexes { Futexes(parts) }
  var robustLists: RobustLists { RobustLists(parts) }
  var times: TaskTimes { TaskTimes(parts) }
  var timers: Timers { Timers(parts) }
  var files: Files { Files(parts) }
}

/// The keys of pointer authentication.
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
  var settings: KernelSettings { parts.box.kernel.settings }
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

/// The services to which the kernel dispatches exceptions.
extension KernelParts {
  var scheduler: Scheduler { Scheduler(self) }
  var sleeps: Sleeps { Sleeps(self) }
  var signals: Signals { Signals(self) }
  var timers: Timers { Timers(self) }
  var delivery: SignalDelivery { SignalDelivery(self) }
  var holds: Holds { Holds(self) }
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
