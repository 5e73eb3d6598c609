// Owns the layout of a PE's context block: the one piece of raw memory that handlers see.
// It does not know what any handler does with it.
import Architecture

typealias Raw = UnsafeMutableRawPointer

/// Where things are in a context block, in bytes.
enum Layout {
  @inline(__always) static var vectors: Int { 512 }
  @inline(__always) static var state: Int { 1024 }
  static var size: Int { state + MemoryLayout<CoreState>.size }
}

/// The machine's own register slots, above those that a supervisor sees.
enum Slot: Int {
  /// How NZCV follows from the flag operands: `FlagKind`.
  case flagKind = 45
  /// VA and first op of the page that runs; `pageOps` is 0 outside a run.
  case pageVA, pageOps
  /// 16 x retired - (address of the next op): retired instructions are exact at every op.
  case anchor
  /// 16 x retired beyond which a taken branch leaves. Written by other threads too.
  case softLimit
  /// The state at the last exit from the handlers.
  case exitPC, exitA, exitB, exitReason
  /// Host address of the fast table of the context that runs (see FastTables.swift).
  case fastTable
  /// Debug builds: the op to run next, 0 to stop.
  case nextOp
  /// SP_EL0 while EL1 runs on its own stack pointer.
  case bankedSP
  /// Not zero: the run is to stop. `StopRequest` has the bits; another thread may set one.
  case stopRequest
  /// Not zero: FP and SIMD instructions trap. It spoils the tag that the fast vector handlers compare.
  case vectorTrap
  /// Not zero: host arithmetic does not stand in for FP instructions (see HostArithmetic.swift), or they trap.
  case hostFloatGuard

  /// The count of retired instructions, where `RegisterSlot` has it.
  @inline(__always) static var retired: RegisterSlot { .retiredInstructions }
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
  /// The end of a stretch that runs exactly so far.
  case stretchEnd
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
  /// The object that owns this context. Only slow paths ask.
  var owner: Processor { Unmanaged<Processor>.fromOpaque(state.pointee.owner).takeUnretainedValue() }
  /// Host address of [pa, pa+count), or nil where it is not RAM.
  @inline(__always) func host(_ pa: UInt64, count: UInt64) -> Raw? { state.pointee.ram.host(pa, count: count) }
  /// X0 to X30 by number.
  @inline(__always) subscript(x n: Int) -> UInt64 {
    get { registers[n] }
    nonmutating set { registers[n] = newValue }
  }
  @inline(__always) subscript(slot: Slot) -> UInt64 {
    get { registers[slot.rawValue] }
    nonmutating set { registers[slot.rawValue] = newValue }
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
  /// The page of code that runs.
  @inline(__always) var runningPage: CodePage { CodePage(ops: at(self[Slot.pageOps])) }
  /// The instruction word of the op at `p` in the page that runs.
  @inline(__always) func word(at p: Raw) -> UInt32 { runningPage.word((p - runningPage.ops) &>> 4) }
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
  let ram: RAM
  // Translation
  var regime: TranslationRegime
  var tlb: TLB
  var walkCache = WalkCache()
  var usesWalkCache: Bool
  /// What is heard of on this PE: the copy that the machine tests.
  var trace = TraceMask()
  var monitor = ExclusiveMonitor()
  let usesFastTable: Bool
  var fastTables: FastTables
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
