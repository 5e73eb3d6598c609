// Owns one processing element (PE): its context block, its public registers, and its counters.
// It does not know who supervises it.
import Architecture

/// One processing element.
public final class Processor {
  public let number: Int
  unowned(unsafe) let machine: Emulator
  let context: Context
  private let block: UnsafeMutablePointer<EL1Block>
  /// The virtual addresses before which a run stops.
  public var breakpoints: Set<UInt64> = [] {
    didSet { context.flushFastTables() }
  }
  /// Whether a run stops behind each exception to a guest's vector that `traceMask` records, before the vector's first instruction. It
  /// changes no result.
  public var stopsAtExceptions = false
  var currentWatches: [Watch] = []
  /// The access for which the last run stopped, if it stopped for a watch.
  var lastWatchHit: WatchHit?
  /// The words that were UNDEFINED when executed, by place, in the order of their first execution. Only the latest 64 places
  /// are kept.
  public internal(set) var undefinedInstructions: [UndefinedInstruction] = []
  var currentStepper: ((StepKind, UInt64) -> Void)?

  /// The number of elements in `CoreState.exceptionCounts`.
  static var exceptionCountCount: Int { 195 }

  init(number: Int, machine: Emulator) {
    self.number = number
    self.machine = machine
    context = Context.allocate()
    let features = machine.configuration.features
    let memory = machine.memory
    let counts = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.exceptionCountCount)
    counts.initialize(repeating: 0, count: Self.exceptionCountCount)
    let regime = Self.resetRegime(features)
    let c = context.c
    block = .allocate(capacity: 1)
    block.initialize(
      to: EL1Block(
        ram: memory.ram, registers: context.registers, vectors: c + Layout.vectors, context: c, entryPoints: .machine,
        processor: number))
    context.state.initialize(
      to: CoreState(
        owner: UnsafeRawPointer(c), ram: memory.ram, regime: regime,
        tlb: TLB(entryCount: features.tlbEntries, ways: features.tlbWays, blockCapacity: features.tlbBlockEntries),
        usesWalkCache: machine.configuration.allowsWalkCache,
        usesFastTable: machine.configuration.usesFastTable, fastTables: FastTables(), processorState: .EL1hMasked, features: features,
        systemRegisters: SystemRegisterFile(), exceptionCounts: counts, landingOps: allocateLandingOps(),
        random: SplitMix64(seed: machine.configuration.seed &+ UInt64(number) &<< 56)))
    context.state.pointee.owner = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    context[Slot.fastTable] = UInt64(UInt(bitPattern: context.state.pointee.fastTables.table(0)))
    context.clearBranchType()
    if machine.configuration.reportsBreakBeforeMake { hear(of: .strictRun) }
  }

  deinit {
    context.state.pointee.tlb.deallocate()
    context.state.pointee.debug.deallocate()
    context.state.pointee.exceptionCounts.deallocate()
    context.state.pointee.landingOps.deallocate()
    block.deallocate()
    context.state.pointee.fastTables.deallocate()
    context.c.deallocate()
  }

  /// The seam for a hosted supervisor.
  public var el1: EL1Interface { EL1Interface(block) }
  var lastFault: FaultRecord {
    get { block.pointee.lastFault }
    set { block.pointee.lastFault = newValue }
  }

  // MARK: Registers

  /// The number of instructions that have retired since the PE was made.
  public internal(set) var instructionsRetired: UInt64 {
    get { context[Slot.retired] }
    set { context[Slot.retired] = newValue }
  }
  /// The next instruction's address. After a stop for a hosted supervisor this is the vector, and ELR_EL1 holds the program's
  /// address.
  public var pc: UInt64 {
    get { context[Slot.exitPC] }
    set { context[Slot.exitPC] = newValue }
  }
  public var pstate: ProcessorState {
    get {
      var state = context.state.pointee.processorState
      state.nzcv = nzcv(context.c, context[Slot.exitA], context[Slot.exitB])
      state.branchType = context.branchType(at: instructionsRetired)
      return state
    }
    set {
      context.setNZCV(newValue.nzcv)
      context.setBranchType(newValue.branchType, at: instructionsRetired)
      var state = newValue
      state.nzcv = 0
      state.branchType = 0
      context.state.pointee.processorState = state
      context.updateVectorTrap()
    }
  }
  /// X0 to X30.
  public subscript(x n: Int) -> UInt64 {
    get { context[x: n] }
    set {
      precondition((0..<31).contains(n))
      context[x: n] = newValue
    }
  }
  /// The stack pointer in use.
  public var sp: UInt64 {
    get { context[.SP_EL0] }
    set { context[.SP_EL0] = newValue }
  }
  public func vector(_ n: Int) -> (low: UInt64, high: UInt64) {
    let halves = context.vector(UInt8(n & 31)).load(as: (UInt64, UInt64).self)
    return (halves.0, halves.1)
  }
  public func setVector(_ n: Int, low: UInt64, high: UInt64) {
    context.vector(UInt8(n & 31)).storeBytes(of: (low, high), as: (UInt64, UInt64).self)
  }
  /// A system register as EL1 reads it; nil if it is not implemented.
  public func read(_ register: SystemRegister) -> UInt64? {
    register == .NZCV ? pstate.nzcv << 28 : context.systemRegister(register, retired: instructionsRetired)
  }
  /// Writes a system register as EL1 does. Returns false if the register does not exist or is read-only.
  @discardableResult
  public func write(_ register: SystemRegister, _ value: UInt64) -> Bool {
    if register == .NZCV {
      context.setNZCV(value >> 28)
      return true
    }
    return context.setSystemRegister(register, value)
  }

  /// Resets the PE to EL1 with the MMU off and all exceptions masked, as a cold reset without EL2 and EL3 does. General registers except X0
  /// keep their values, and the count of retired instructions goes on. Arm ARM: AArch64.ResetControlRegisters.
  public func reset(entry: UInt64, x0: UInt64) {
    let s = context.state
    s.pointee.processorState = .EL1hMasked
    context.clearBranchType()
    s.pointee.systemRegisters = SystemRegisterFile()
    s.pointee.systemRegisters.cpacr = 0
    s.pointee.debug.reset()
    s.pointee.interrupts.endWait()
    context.updateVectorTrap()
    s.pointee.timer = GenericTimer()
    s.pointee.regime = Self.resetRegime(s.pointee.features)
    s.pointee.walkCache.clear()
    s.pointee.monitor.clear()
    s.pointee.tlb.invalidateAll()
    context.flushFastTables()
    context.setNZCV(0)
    self[x: 0] = x0
    pc = entry
  }

  /// Turns the MMU off; SCTLR_EL1 keeps only its RES1 bits.
  private static func resetRegime(_ features: ProcessorFeatures) -> TranslationRegime {
    var regime = TranslationRegime()
    regime.features = features
    regime.detectsConflicts = features.tlbBlockEntries > 0 && features.blockChange != .level2
    regime.sctlr = SystemControl(rawValue: 0x30d0_0800)
    regime.update()
    return regime
  }

  func recordUndefined(pc: UInt64, word: UInt32) {
    if let index = undefinedInstructions.lastIndex(where: { $0.pc == pc && $0.word == word }) {
      undefinedInstructions[index].count &+= 1
      return
    }
    if undefinedInstructions.count == 64 { undefinedInstructions.removeFirst() }
    undefinedInstructions.append(UndefinedInstruction(pc: pc, word: word, count: 1))
  }
}

/// A word that was UNDEFINED at an address, and how often it was executed there.
public struct UndefinedInstruction: Sendable, Equatable {
  public let pc: UInt64
  public let word: UInt32
  public internal(set) var count: UInt64
}

/// Counters of one PE.
public struct ProcessorStatistics: Sendable {
  public var instructions: UInt64 = 0
  /// The number of translation table walks, and of the TLB entries that they filled.
  public var walks: UInt64 = 0
  public var tlbRefills: UInt64 = 0
  /// The number of TLBI instructions that reached this PE.
  public var tlbInvalidations: UInt64 = 0
  /// The number of exceptions taken, by EC.
  public var exceptions: [UInt64] = []
  /// The number of interrupts taken, by `InterruptKind`.
  public var interrupts: [UInt64] = []
  /// The number of data and instruction aborts, by fault status code.
  public var dataAborts: [UInt64] = []
  public var instructionAborts: [UInt64] = []
}

extension Processor {
  public var statistics: ProcessorStatistics {
    let counts = context.state.pointee.exceptionCounts
    let core = context.state.pointee.statistics
    return ProcessorStatistics(
      instructions: instructionsRetired, walks: core.walks, tlbRefills: core.refills, tlbInvalidations: core.invalidations,
      exceptions: (0..<64).map { counts[$0] },
      interrupts: (192..<195).map { counts[$0] }, dataAborts: (64..<128).map { counts[$0] },
      instructionAborts: (128..<192).map { counts[$0] })
  }
}
