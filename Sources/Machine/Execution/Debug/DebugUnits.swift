// Owns the self-hosted debug state of a PE: MDSCR_EL1, the OS locks, and the registers of its breakpoints and watchpoints.
// It does not know when an instruction is fetched or memory is accessed.
import Architecture

/// The debug registers of one PE. Arm ARM D2, D23.3.
struct DebugUnits {
  /// The numbers of breakpoints, of which the last two are context-aware, and of watchpoints, as in ID_AA64DFR0_EL1.
  static var breakpointCount: Int { 6 }
  static var contextAwareCount: Int { 2 }
  static var watchpointCount: Int { 4 }

  var mdscr: UInt64 = 0
  /// OSLSR_EL1.OSLK. A cold reset sets the lock.
  var osLock = true
  var osDoubleLock = false
  /// DBGPRCR_EL1.CORENPDRQ. While it is set, the double lock has no effect.
  var noPowerdown = false
  var claims: UInt64 = 0
  /// DBGBVR, DBGBCR, DBGWVR and DBGWCR: 16 of each.
  let registers: UnsafeMutablePointer<UInt64>

  // `update()` computes the following.
  /// Whether the run goes instruction by instruction for a trace.
  var isTraced = false
  /// Whether a debugger of this host watches memory (`Processor.watches`), and whether the instruction that runs may pass its watches.
  var hasWatches = false
  var passesWatches = false
  /// Whether single steps, breakpoints or watchpoints may take effect in some state, or the run is traced.
  private(set) var isActive = false
  private(set) var hasBreakpoints = false
  private(set) var hasWatchpoints = false
  /// Whether a data access must be compared with watchpoints or with watches.
  private(set) var watchesMemory = false

  // Software step: what the last instruction was.
  var didStep = false
  var steppedExclusive = false

  init() {
    registers = .allocate(capacity: 64)
    registers.initialize(repeating: 0, count: 64)
    resetRegisters()
  }
  /// BAS of a breakpoint's control is RES1, because no level has AArch32. Arm ARM D23.3.2.
  private func resetRegisters() {
    registers.update(repeating: 0, count: 64)
    for number in 0..<Self.breakpointCount { registers[16 + number] = 0x1e0 }
  }
  /// Does a cold reset, which disables everything and sets the OS lock.
  mutating func reset() {
    let (registers, isTraced, hasWatches) = (self.registers, self.isTraced, self.hasWatches)
    self = DebugUnits(registers: registers)
    resetRegisters()
    self.isTraced = isTraced
    self.hasWatches = hasWatches
    update()
  }
  private init(registers: UnsafeMutablePointer<UInt64>) { self.registers = registers }
  func deallocate() { registers.deallocate() }

  /// The breakpoint and watchpoint registers, for a snapshot.
  var contents: [UInt64] { (0..<64).map { registers[$0] } }
  func restore(_ contents: [UInt64]) { for (number, value) in contents.enumerated() { registers[number] = value } }

  /// Whether neither OS lock is in effect. Arm ARM: DoubleLockStatus.
  @inline(__always) var isUnlocked: Bool { !osLock && !(osDoubleLock && !noPowerdown) }
  /// MDSCR_EL1.SS, KDE, MDE, TDCC.
  @inline(__always) var stepEnabled: Bool { mdscr & 1 != 0 }
  @inline(__always) var kernelEnabled: Bool { mdscr & 1 &<< 13 != 0 }
  @inline(__always) var monitorEnabled: Bool { mdscr & 1 &<< 15 != 0 }
  @inline(__always) var trapsChannel: Bool { mdscr & 1 &<< 12 != 0 }

  /// Must be called after any of the registers was written.
  mutating func update() {
    hasBreakpoints = isUnlocked && monitorEnabled && (0..<Self.breakpointCount).contains { control($0).isEnabled }
    hasWatchpoints = isUnlocked && monitorEnabled && (0..<Self.watchpointCount).contains { watchControl($0).isEnabled }
    watchesMemory = hasWatchpoints || hasWatches
    isActive = isTraced || isUnlocked && (stepEnabled || hasBreakpoints || hasWatchpoints)
  }

  func value(_ n: Int) -> UInt64 { registers[n] }
  func control(_ n: Int) -> DebugControl { DebugControl(rawValue: registers[16 &+ n]) }
  func watchValue(_ n: Int) -> UInt64 { registers[32 &+ n] }
  func watchControl(_ n: Int) -> DebugControl { DebugControl(rawValue: registers[48 &+ n]) }

  /// Whether debug exceptions are generated from a state. At EL0 PSTATE.D has no effect. Arm ARM:
  /// AArch64.GenerateDebugExceptionsFrom.
  @inline(__always)
  func generates(from state: ProcessorState) -> Bool {
    isUnlocked && (state.exceptionLevel == 0 || (kernelEnabled && state.daif & 8 == 0))
  }
}

/// DBGBCR<n>_EL1 or DBGWCR<n>_EL1. Arm ARM D23.3.
struct DebugControl: RawRepresentable {
  var rawValue: UInt64

  var isEnabled: Bool { rawValue & 1 != 0 }
  /// PMC or PAC, bits 2:1: EL1, EL0.
  var levels: UInt64 { rawValue &>> 1 & 3 }
  /// HMC:SSC.
  var security: UInt64 { rawValue &>> 14 & 3 | (rawValue &>> 13 & 1) &<< 2 }
  var linkedTo: Int { Int(rawValue &>> 16 & 15) }
  // Breakpoints
  /// BT, bits 23:20.
  var type: UInt64 { rawValue &>> 20 & 15 }
  // Watchpoints
  /// LSC, bits 4:3: loads, stores.
  var accesses: UInt64 { rawValue &>> 3 & 3 }
  /// BAS, bits 12:5.
  var bytes: UInt64 { rawValue &>> 5 & 0xff }
  /// WT, bit 20.
  var isLinked: Bool { rawValue & 1 &<< 20 != 0 }
  /// MASK, bits 28:24.
  var mask: UInt64 { rawValue &>> 24 & 31 }

  /// Whether the level matches. Without EL2 and EL3 every HMC:SSC except 0b000 is reserved, and so is PMC = 0b00. A unit with a
  /// reserved value is disabled (CONSTRAINED UNPREDICTABLE: it is disabled, or behaves as a type that is not reserved). Arm ARM:
  /// AArch64.StateMatch.
  func matches(level: UInt64) -> Bool { security == 0 && levels & (level == 0 ? 2 : 1) != 0 }
}
