// Owns the layout of a PE's context block: the one piece of raw memory that handlers see.
// It does not know what any handler does with it.
import Architecture

typealias Raw = UnsafeMutableRawPointer

/// Where things are in a context block, in bytes.
enum Layout {
  @inline(__always) static var vectors: Int { 512 }
  /// 1024 entries of 32 bytes: {read tag, write tag, addend, unused}.
  @inline(__always) static var fastTable: Int { 1024 }
  @inline(__always) static var fastEntries: Int { 1024 }
  /// 256 entries of 32 bytes: {page VA, first op, host address of the page's words, unused}.
  @inline(__always) static var fetchTable: Int { fastTable + fastEntries * 32 }
  @inline(__always) static var fetchEntries: Int { 256 }
  @inline(__always) static var state: Int { fetchTable + fetchEntries * 32 }
  static var size: Int { state + MemoryLayout<CoreState>.size }
}

/// The machine's own register slots, above those that a supervisor sees.
enum Slot {
  /// How NZCV follows from the flag operands: `FlagKind`.
  @inline(__always) static var flagKind: Int { 44 }
  /// VA and first op of the page that runs, and the host address of its words.
  @inline(__always) static var pageVA: Int { 45 }
  @inline(__always) static var pageOps: Int { 46 }
  @inline(__always) static var pageWords: Int { 47 }
  /// 16 x retired - (address of the next op): retired instructions are exact at every op.
  @inline(__always) static var anchor: Int { 48 }
  /// 16 x retired beyond which a taken branch leaves. Written by other threads too.
  @inline(__always) static var softLimit: Int { 49 }
  /// The state at the last exit from the handlers.
  @inline(__always) static var exitPC: Int { 50 }
  @inline(__always) static var exitA: Int { 51 }
  @inline(__always) static var exitB: Int { 52 }
  @inline(__always) static var exitReason: Int { 53 }
  @inline(__always) static var retired: Int { RegisterSlot.retiredInstructions.rawValue }
  /// 64-bit immediates that fit no op.
  @inline(__always) static var literals: Int { 55 }
  /// Debug builds: the op to run next, 0 to stop.
  @inline(__always) static var nextOp: Int { 56 }
  /// Not zero: another thread asks the PE to stop.
  @inline(__always) static var stopRequest: Int { 58 }
  /// Not zero: FP and SIMD instructions trap. It spoils the tag that the fast vector handlers compare.
  @inline(__always) static var vectorTrap: Int { 59 }
  /// Not zero: host arithmetic does not stand in for FP instructions (see HostArithmetic.swift), or they trap.
  @inline(__always) static var hostFloatGuard: Int { 60 }
  /// FPCR and FPSR, where `RegisterSlot` has them.
  @inline(__always) static var floatControl: Int { RegisterSlot.FPCR.rawValue }
  @inline(__always) static var floatStatus: Int { RegisterSlot.FPSR.rawValue }
  /// SP_EL0 while EL1 runs on its own stack pointer.
  @inline(__always) static var bankedSP: Int { 57 }
}

/// How NZCV follows from the two flag operands (a, b) that travel with the handlers. 32-bit operands are kept shifted
/// left by 32, so that they need no kinds of their own; a logical result is `add` of the result and 0.
enum FlagKind {
  /// a holds NZCV in bits 3:0.
  @inline(__always) static var literal: UInt64 { 0 }
  @inline(__always) static var subtract: UInt64 { 1 }
  @inline(__always) static var add: UInt64 { 2 }
}

/// Why the handlers returned.
enum ExitReason: UInt64 {
  /// A taken branch or page end beyond the soft limit.
  case limit
  /// An exception was taken; `exitPC` is the vector.
  case exception
  /// The end of a single step.
  case step
  /// WFI, WFE, YIELD: the PE's turn is over.
  case yield
}

/// A handle on a context block.
struct Context {
  let c: Raw
  @inline(__always) init(_ c: Raw) { self.c = c }

  static func allocate() -> Context {
    let block = Raw.allocate(byteCount: Layout.size, alignment: 4096)
    block.initializeMemory(as: UInt8.self, repeating: 0, count: Layout.size)
    return Context(block)
  }

  @inline(__always) var registers: UnsafeMutablePointer<UInt64> { c.assumingMemoryBound(to: UInt64.self) }
  @inline(__always) var state: UnsafeMutablePointer<CoreState> {
    (c + Layout.state).assumingMemoryBound(to: CoreState.self)
  }
  @inline(__always) subscript(slot: Int) -> UInt64 {
    get { registers[slot] }
    nonmutating set { registers[slot] = newValue }
  }
  @inline(__always) subscript(slot: RegisterSlot) -> UInt64 {
    get { registers[slot.rawValue] }
    nonmutating set { registers[slot.rawValue] = newValue }
  }
  /// Address of V`n`.
  @inline(__always) func vector(_ n: UInt8) -> Raw { c + (Layout.vectors + Int(n) * 16) }

  /// Retired instructions when the op at `p` is next.
  @inline(__always) func retired(at p: Raw) -> UInt64 { (UInt64(UInt(bitPattern: p)) &+ self[Slot.anchor]) &>> 4 }
  /// The PC of the op at `p` in the page that runs.
  @inline(__always) func pc(at p: Raw) -> UInt64 {
    self[Slot.pageVA] &+ ((UInt64(UInt(bitPattern: p)) &- self[Slot.pageOps]) &>> 2)
  }
  /// The instruction word of the op at `p`.
  @inline(__always) func word(at p: Raw) -> UInt32 {
    let offset = (UInt64(UInt(bitPattern: p)) &- self[Slot.pageOps]) &>> 2
    return UnsafeRawPointer(bitPattern: UInt(self[Slot.pageWords] &+ offset)).unsafelyUnwrapped.load(as: UInt32.self)
  }
}

/// The local exclusive monitor: one reservation, by physical address. Arm ARM B2.12.
struct ExclusiveMonitor {
  /// Physical address of the first byte, or all ones.
  var address: UInt64 = ~0
  var size: UInt64 = 0
  mutating func clear() { address = ~0 }
}

/// What the slow paths of one PE need, as plain data.
struct CoreState {
  var owner: UnsafeRawPointer
  // RAM
  var ram: Raw
  var ramBase: UInt64
  var ramSize: UInt64
  var frameFlags: UnsafeMutablePointer<UInt8>
  // Translation
  var regime: TranslationRegime
  var tlb: TLB
  var walkCache = WalkCache()
  let usesWalkCache: Bool
  /// A strict run remembers what every entry was made from.
  let isStrict: Bool
  var monitor = ExclusiveMonitor()
  var usesFastTable: Bool
  /// PSTATE without NZCV, which is in the flag operands.
  var processorState: ProcessorState
  var features: ProcessorFeatures
  var systemRegisters: SystemRegisterFile
  var statistics = CoreStatistics()
  /// Counts of exceptions: 64 by EC, then 64 data aborts and 64 instruction aborts by fault status, then 3 kinds of interrupt.
  var exceptionCounts: UnsafeMutablePointer<UInt64>
  var interrupts = InterruptInputs()
  var debug = DebugUnits()
  /// FEAT_BTI: whether the page that runs is guarded, and PSTATE.BTYPE after the instruction that runs.
  var pageIsGuarded = false
  var branchTypeNext: UInt64 = 0
  var timer = GenericTimer()
  /// FEAT_RNG.
  var random: SplitMix64
  /// Guest nanoseconds that pass without instructions (idle time). With several PEs it may wrap below zero.
  var idleNanoseconds: UInt64 = 0
}

/// Counters that `--stats` prints.
struct CoreStatistics {
  var walks: UInt64 = 0
  var refills: UInt64 = 0
  var invalidations: UInt64 = 0
}
