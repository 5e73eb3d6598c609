// Owns the kernel object: its configuration, its state, and the dispatch of exceptions by class.
// It does not know the machine beyond `EL1Interface`. Linux: arch/arm64/kernel/entry-common.c.
import Architecture
import LinuxMM

/// The configuration of a kernel.
public struct KernelConfiguration: Sendable {
  public var profile: KernelProfile
  public var policy: AtomicFaultPolicy
  /// The way in which ptep_set_access_flags works: arm64's own, or the generic one, which shows the updates that it loses.
  public var accessFlagSetter = AccessFlagSetter.compareAndSwap
  public var features: ProcessorFeatures
  /// The seed of the random numbers that getrandom and AT_RANDOM give.
  public var seed: UInt64
  /// The mode in transparent_hugepage/enabled at boot.
  public var hugePages: HugePageMode
  public init(
    profile: KernelProfile, policy: AtomicFaultPolicy, features: ProcessorFeatures, seed: UInt64 = 0, hugePages: HugePageMode = .always
  ) {
    self.profile = profile
    self.policy = policy
    self.features = features
    self.seed = seed
    self.hugePages = hugePages
  }
}

/// The standard streams of the host. They are outside the kernel's state, because the outside world cannot be restored.
public protocol HostIO: AnyObject {
  /// Writes to the host's stdout (1) or stderr (2). Returns the number of bytes that the host took. Throws the host's error if it
  /// took none: EPIPE if the other end is closed.
  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int
  /// Reads from the host's stdin. Returns the number of bytes read, which is 0 at the end of the input. Throws the host's error; after
  /// EINTR it is asked again.
  func read(_ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
}

/// Linux arm64 as a hosted EL1: it dispatches exceptions, over the box that holds all state.
public final class Kernel: Supervisor {
  public let configuration: KernelConfiguration
  let box: KernelBox
  public let mm: MemoryManager
  let faults: FaultHandler
  let parts: KernelParts
  /// The kernel's state without the part that belongs to `mm`.
  #if DEBUG
    // The unoptimised code of Swift 6.3.1 frees a large struct that `_read` yields before a part of the struct has been used.
    public internal(set) var state: KernelState {
      get { box.kernel }
      _modify { yield &box.kernel }
    }
  #else
    public internal(set) var state: KernelState {
      @inline(__always) _read { yield box.kernel }
      @inline(__always) _modify { yield &box.kernel }
    }
  #endif

  /// Told of the death of each process except the first that dies by a signal which dumps core, or because memory ran out. It is
  /// called while the process still has its memory.
  public var deathListener: ((ProcessDeath) -> Void)? {
    get { parts.deathListener }
    set { parts.deathListener = newValue }
  }

  /// Told of each system call before it does anything, while events of the kind `systemCall` are recorded: a record comes when the call
  /// may have changed the program's memory.
  public var callListener: ((EL1Interface) -> Void)? {
    get { parts.callListener }
    set { parts.callListener = newValue }
  }

  /// Given the ELF core of the first process when a signal that dumps core ends it: pieces with their offsets in the file, and at the end
  /// an empty piece at the file's size. What no piece covers is zero.
  public var coreListener: ((_ offset: UInt64, _ bytes: [UInt8]) -> Void)? {
    get { parts.coreListener }
    set { parts.coreListener = newValue }
  }

  /// Nil if RAM is too small for the kernel's own tables.
  public init?(_ el1: EL1Interface, configuration: KernelConfiguration, host: HostIO, hostFiles: HostFiles? = nil) {
    var memory = MemoryConfiguration(
      profile: configuration.profile, features: configuration.features, hugePages: configuration.hugePages)
    memory.accessFlagSetter = configuration.accessFlagSetter
    guard let state = MemoryState(el1, memory) else { return nil }
    self.configuration = configuration
    box = KernelBox(state)
    mm = MemoryManager(box, MemoryEnvironment(memory, pageSource: hostFiles))
    parts = KernelParts(box, mm, configuration, host, hostFiles)
    faults = parts.faults
    box.kernel.random = SplitMix64(seed: configuration.seed)
    mm.freeAllMemory(el1)
    mm.startFreeReserve()
    mm.bootProcessor(el1)
    el1.write(.VBAR_EL1, HostedVectors.base)
  }

  public func exceptionTaken(_ el1: EL1Interface, vector: ExceptionVector) -> SupervisorVerdict {
    state.tasks.enter(processor: el1.processor, retired: el1[.retiredInstructions])
    if _slowPath(vector != .lowerA64Synchronous) {
      precondition(vector == .lowerA64IRQ, "a hosted kernel takes exceptions from EL0 only, and the timer's interrupt")
      if state.tasks.hold.isPending {
        if !endHold(el1) { return returnToUser(el1) }
      } else {
        parts.scheduler.timerInterrupt()
        return returnToUser(el1)
      }
    }
    let esr = ExceptionSyndrome(rawValue: el1[.ESR_EL1])
    switch esr.exceptionClass {
    case .dataAbortLower, .instructionAbortLower: memoryAbort(el1, esr)
    case .SVC64: systemCall(el1)
    case .pcAlignment:
      parts.signals.force(SignalInfo(signal: Signal.SIGBUS, code: SignalCode.BUS_ADRALN, address: el1[.FAR_EL1]), faultCode: esr.rawValue)
    case .spAlignment:
      parts.signals.force(SignalInfo(signal: Signal.SIGBUS, code: SignalCode.BUS_ADRALN, address: el1[.SP_EL0]), faultCode: esr.rawValue)
    case .BRK64:
      // The breakpoint handler does not change the recorded fault address and fault code.
      parts.signals.force(SignalInfo(signal: Signal.SIGTRAP, code: SignalCode.TRAP_BRKPT, address: el1[.ELR_EL1]))
    case .trappedSystemRegister: parts.identification.trappedSystemRegister(el1, esr)
    case .pointerAuthentication:
      parts.signals.force(SignalInfo(signal: Signal.SIGILL, code: SignalCode.ILL_ILLOPN, address: el1[.ELR_EL1]), faultCode: esr.rawValue)
    case .branchTarget: parts.signals.illegalInstruction(el1)
    case .trappedWFx: el1[.ELR_EL1] &+= 4
    case .unknown:
      if !parts.identification.emulateUndefined(el1) { parts.signals.illegalInstruction(el1) }
    default: parts.signals.illegalInstruction(el1, faultCode: esr.rawValue)
    }
    return returnToUser(el1)
  }

  private func memoryAbort(_ el1: EL1Interface, _ esr: ExceptionSyndrome) {
    if el1.traces(.fault) {
      if parts.holds.isHeldBeforeAbort(el1) { return }
      parts.countersBeforeAbort = mm.state.statistics
    }
    let far = el1[.FAR_EL1]
    let outcome = faults.doMemAbort(
      el1, Abort(mm: state.currentTask.mm, task: state.currentTask.id, far: far, esr: esr, userMode: true))
    var signal: Int32 = 0
    switch outcome {
    case .resume: break
    case .outOfMemory: state.noteOutOfMemory()
    case .fixup: preconditionFailure("a user fault has no fixup")
    case .signal(let info, let faultAddress, let faultCode):
      signal = info.signal
      state.currentTask.faultAddress = faultAddress
      state.currentTask.faultCode = faultCode
      parts.signals.force(info)
    }
    if el1.traces(.fault) { recordAbort(el1, esr, far, signal) }
  }

  private func recordAbort(_ el1: EL1Interface, _ esr: ExceptionSyndrome, _ far: UInt64, _ signal: Int32) {
    let service = FaultService(from: parts.countersBeforeAbort, to: mm.state.statistics)
    let detail = signal == 0 ? FaultLogEntry.served | service.rawValue : UInt8(signal)
    el1.record(.fault, detail: detail, esr.rawValue, far, el1[.ELR_EL1])
  }

  /// Returns to EL0: it does the work that is due, then ERET. Linux: exit_to_user_mode_loop().
  private func returnToUser(_ el1: EL1Interface) -> SupervisorVerdict {
    if _slowPath(state.hasWork), let verdict = doWork(el1) { return verdict }
    el1.exceptionReturn()
    return .resume
  }

  /// Does the work that is due before the running task returns, until there is none left: the OOM kill, the task's end, a switch, the rest
  /// of a call that slept, signals. A verdict means that the run is over, or that a tracer holds the task.
  private func doWork(_ el1: EL1Interface) -> SupervisorVerdict? {
    while true {
      if let verdict = state.verdict { return verdict }
      if _slowPath(state.tasks.hold.isPending) {
        el1.exceptionReturn()
        return .held
      }
      if state.outOfMemory {
        parts.processes.killForMemory()
        if let verdict = state.verdict { return verdict }
      }
      if state.currentTask.run != .running || state.tasks.needsReschedule {
        if parts.scheduler.schedule(el1) { continue }
        state.verdict = .deadlock
      } else if state.currentTask.mustExit {
        parts.processes.exitTask(el1, code: state[state.currentProcess].groupExitCode ?? 0)
      } else if let resumption = state.currentTask.resumption {
        resume(el1, resumption)
        parts.holds.holdAfterCall(isProgramOver: state.verdict != nil)
      } else if state.currentTask.hasSignals || state.currentTask.restart != nil {
        parts.delivery.deliverSignals(el1)
      } else {
        state.hasWork = false
        return nil
      }
    }
  }
}
