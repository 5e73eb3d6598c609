// Owns the kernel object: its configuration, its state, and the dispatch of exceptions by class.
// It does not know the machine beyond `EL1Interface`. Linux: arch/arm64/kernel/entry-common.c.
import Architecture
import LinuxMM

/// What a kernel is configured with.
public struct KernelConfiguration: Sendable {
  public var profile: KernelProfile
  public var policy: AtomicFaultPolicy
  /// ptep_set_access_flags: arm64's own, or the generic one, to see what that loses.
  public var accessFlagSetter = AccessFlagSetter.compareAndSwap
  public var features: ProcessorFeatures
  /// Feeds getrandom and AT_RANDOM.
  public var seed: UInt64
  /// transparent_hugepage/enabled at boot.
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

/// The host's side of files: outside the kernel's state, because the outside world cannot be restored.
public protocol HostIO: AnyObject {
  /// Writes to the host's stdout (1) or stderr (2); the bytes written, or nil where the other end is closed.
  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int?
  /// Reads from the host's stdin; 0 at its end.
  func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int
}

/// One abort as a fault history keeps it.
public struct FaultLogEntry: Sendable, Equatable {
  public let instruction: UInt64
  public let pc: UInt64
  public let esr: ExceptionSyndrome
  public let far: UInt64
  /// The signal that it became, or 0.
  public let signal: Int32

  /// Nil where the record is no fault's.
  public init?(_ record: TraceRecord) {
    if record.kind != .fault { return nil }
    instruction = record.instruction
    pc = record.c
    esr = ExceptionSyndrome(rawValue: record.a)
    far = record.b
    signal = Int32(record.detail)
  }
}

/// Linux arm64 as a hosted EL1: the dispatch of exceptions, over the box that all state lives in.
public final class Kernel: Supervisor {
  public let configuration: KernelConfiguration
  let box: KernelBox
  public let mm: MemoryManager
  public let host: HostIO
  /// The files of the host that the program may see; nil where it sees none.
  public let hostFiles: HostFiles?
  let faults: FaultHandler
  let scheduler: Scheduler
  let signals: Signals
  /// What the kernel remembers, but for what `mm` does.
  #if DEBUG
    // Unoptimised code of Swift 6.3.1 frees what a `_read` of a large struct yields before a part of it has been used.
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

  /// Nil where RAM is too small for the kernel's own tables.
  public init?(_ el1: EL1Interface, configuration: KernelConfiguration, host: HostIO, hostFiles: HostFiles? = nil) {
    var memory = MemoryConfiguration(
      profile: configuration.profile, features: configuration.features, hugePages: configuration.hugePages)
    memory.accessFlagSetter = configuration.accessFlagSetter
    guard let state = MemoryState(el1, memory) else { return nil }
    self.configuration = configuration
    self.host = host
    self.hostFiles = hostFiles
    box = KernelBox(state)
    mm = MemoryManager(box, MemoryEnvironment(memory, pageSource: hostFiles))
    faults = FaultHandler(box: box, mm: mm, policy: configuration.policy)
    scheduler = Scheduler(box, mm, configuration.features)
    signals = Signals(box, scheduler)
    box.kernel.random = SplitMix64(seed: configuration.seed)
    mm.freeAllMemory(el1)
    mm.bootProcessor(el1)
    el1.write(.VBAR_EL1, HostedVectors.base)
  }

  public func exceptionTaken(_ el1: EL1Interface, vector: ExceptionVector) -> SupervisorVerdict {
    state.tasks.enter(processor: el1.processor, retired: el1[.retiredInstructions])
    if _slowPath(vector != .lowerA64Synchronous) {
      precondition(vector == .lowerA64IRQ, "a hosted kernel takes exceptions from EL0 only, and the timer's interrupt")
      scheduler.timerInterrupt()
      return returnToUser(el1)
    }
    let esr = ExceptionSyndrome(rawValue: el1[.ESR_EL1])
    switch esr.exceptionClass {
    case .dataAbortLower, .instructionAbortLower: memoryAbort(el1, esr)
    case .SVC64: systemCall(el1)
    case .pcAlignment:
      signals.force(SignalInfo(signal: Signal.SIGBUS, code: SignalCode.BUS_ADRALN, address: el1[.FAR_EL1]), faultCode: esr.rawValue)
    case .spAlignment:
      signals.force(SignalInfo(signal: Signal.SIGBUS, code: SignalCode.BUS_ADRALN, address: el1[.SP_EL0]), faultCode: esr.rawValue)
    case .BRK64:
      // The breakpoint handler leaves the sticky fault record alone.
      signals.force(SignalInfo(signal: Signal.SIGTRAP, code: SignalCode.TRAP_BRKPT, address: el1[.ELR_EL1]))
    case .trappedSystemRegister: trappedSystemRegister(el1, esr)
    case .pointerAuthentication:
      signals.force(SignalInfo(signal: Signal.SIGILL, code: SignalCode.ILL_ILLOPN, address: el1[.ELR_EL1]), faultCode: esr.rawValue)
    case .trappedWFx: el1[.ELR_EL1] &+= 4
    case .unknown:
      if !emulateUndefined(el1) { illegalInstruction(el1) }
    default: illegalInstruction(el1, faultCode: esr.rawValue)
    }
    return returnToUser(el1)
  }

  private func memoryAbort(_ el1: EL1Interface, _ esr: ExceptionSyndrome) {
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
      signals.force(info)
    }
    if el1.traces(.fault) { el1.record(.fault, detail: UInt8(signal), esr.rawValue, far, el1[.ELR_EL1]) }
  }

  /// SIGILL at the instruction. An undefined instruction leaves no ESR to see; a class that Linux does not expect from EL0 does.
  /// Linux: do_el0_undef(), bad_el0_sync().
  func illegalInstruction(_ el1: EL1Interface, faultCode: UInt64 = 0) {
    signals.force(SignalInfo(signal: Signal.SIGILL, code: SignalCode.ILL_ILLOPC, address: el1[.ELR_EL1]), faultCode: faultCode)
  }

  /// The way back to EL0: all that is to be done first, then ERET. Linux: exit_to_user_mode_loop().
  private func returnToUser(_ el1: EL1Interface) -> SupervisorVerdict {
    if _slowPath(state.hasWork), let verdict = doWork(el1) { return verdict }
    el1.exceptionReturn()
    return .resume
  }

  /// Until the running task has nothing left to do: the OOM kill, its end, a switch, what its call slept for, signals. A verdict
  /// means that the run is over.
  private func doWork(_ el1: EL1Interface) -> SupervisorVerdict? {
    while true {
      if let verdict = state.verdict { return verdict }
      if state.outOfMemory { killForMemory() }
      if state.currentTask.run != .running || state.tasks.needsReschedule {
        if scheduler.schedule(el1) { continue }
        state.verdict = .deadlock
      } else if state.currentTask.mustExit {
        exitTask(el1, code: state[state.currentProcess].groupExitCode ?? 0)
      } else if let resumption = state.currentTask.resumption {
        resume(el1, resumption)
      } else if state.currentTask.hasSignals || state.currentTask.restart != nil {
        deliverSignals(el1)
      } else {
        state.hasWork = false
        return nil
      }
    }
  }

  /// Ends the process with the most memory; the one that needed some tries again, once that is gone. Linux: out_of_memory().
  private func killForMemory() {
    func pages(_ process: ProcessSlot) -> Int {
      guard let thread = state[process].threads.first else { return -1 }
      return mm.oomBadness(state.tasks[thread].mm)
    }
    let candidates = state.tasks.processes.ids.filter { !state[$0].isZombie }
    var victim = state.currentProcess
    // One that is dying already only has to get its turn.
    if let dying = candidates.first(where: { state[$0].groupExitCode != nil }) {
      victim = dying
    } else {
      for candidate in candidates where pages(candidate) > pages(victim) { victim = candidate }
      signals.endGroup(victim, code: Signal.SIGKILL)
      if victim == .first { state.tasks.lastSignal = nil }
    }
    state.outOfMemory = victim == .first
    if victim != state.currentProcess { scheduler.needReschedule() }
  }
}
