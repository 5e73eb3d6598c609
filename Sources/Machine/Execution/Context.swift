// Owns the layout of a PE's context block, which is the one piece of raw memory that handlers see.
// It does not know what any handler does with it.
import Architecture

typealias Raw = UnsafeMutableRawPointer

/// The offsets in a context block, in bytes.
enum Layout {
  @inline(__always) static var vectors: Int { 512 }
  @inline(__always) static var state: Int { 1024 }
  static var size: Int { state + MemoryLayout<CoreState>.size }
}

/// The machine's own register slots, which follow those that a supervisor sees.
enum Slot: Int {
  /// How NZCV is computed from the flag operands: `FlagKind`.
  case flagKind = 45
  /// The VA and the first op of the running page. `pageOps` is 0 outside a run.
  case pageVA, pageOps
  /// 16 x retired - (address of the next op). So the number of retired instructions is exact at every op.
  case anchor
  /// 16 x the number of retired instructions above which a taken branch leaves. Other threads write it too.
  case softLimit
  /// The state at the last exit from the handlers.
  case exitPC, exitA, exitB, exitReason
  /// The host address of the fast table of the running context (see FastTables.swift).
  case fastTable
  /// Debug builds: the op to run next; 0 means to stop.
  case nextOp
  /// SP_EL0 while EL1 runs on its own stack pointer.
  case bankedSP
  /// Not zero if the run is to stop. `StopRequest` names the bits; another thread may set one.
  case stopRequest
  /// Not zero if FP and SIMD instructions trap. It then makes the tag that the fast vector handlers compare wrong.
  case vectorTrap
  /// Not zero if FP instructions trap, or if host arithmetic cannot stand in for them (see HostArithmetic.swift).
  case hostFloatGuard
  /// The time of the latest branch that set PSTATE.BTYPE to 1, 2 and 3 (see BranchTargets.swift).
  case branchType1, branchType2, branchType3
  /// The first of the ops to which indirect branches inside the running page go: `pageOps`, or the landing ops if the page is guarded.
  case targetOps

  /// The slot of the count of retired instructions, which is one of `RegisterSlot`.
  @inline(__always) static var retired: RegisterSlot { .retiredInstructions }
}

/// How NZCV is computed from the two flag operands (a, b) that are passed between handlers. 32-bit operands are kept shifted
/// left by 32, so they need no kinds of their own. A logical result is `add` of the result and 0.
enum FlagKind {
  /// a holds NZCV in bits 3:0.
  @inline(__always) static var nzcv: UInt64 { 0 }
  @inline(__always) static var subtract: UInt64 { 1 }
  @inline(__always) static var add: UInt64 { 2 }
}

/// Why the handlers returned.
enum ExitReason: UInt64 {
  /// A taken branch or the end of a page was reached above the soft limit.
  case limit
  /// An exception was taken; `exitPC` is the vector.
  case exception
  /// The end of a stretch was reached that was to run exactly that far.
  case stretchEnd
  /// WFI, WFE, YIELD: the PE's turn is over.
  case yield
  /// The instruction at `exitPC` was about to make an access that a debugger watches.
  case watched
}

/// A pointer to a context block.
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
  /// The object that owns this context. Only slow paths use it.
  var owner: Processor { Unmanaged<Processor>.fromOpaque(state.pointee.owner).takeUnretainedValue() }
  /// The host address of [pa, pa+count); nil if any of it is not RAM.
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
  /// The address of V`n`.
  @inline(__always) func vector(_ n: UInt8) -> Raw { c + (Layout.vectors + Int(n) * 16) }

  /// The number of retired instructions when the op at `p` is next.
  @inline(__always) func retired(at p: Raw) -> UInt64 { (UInt64(UInt(bitPattern: p)) &+ self[Slot.anchor]) &>> 4 }
  /// The PC of the op at `p` in the running page.
  @inline(__always) func pc(at p: Raw) -> UInt64 {
    self[Slot.pageVA] &+ ((UInt64(UInt(bitPattern: p)) &- self[Slot.pageOps]) &>> 2)
  }
  /// The running page of code.
  @inline(__always) var runningPage: CodePage { CodePage(ops: at(self[Slot.pageOps])) }
  /// The encoding of the op at `p` in the running page.
  @inline(__always) func word(at p: Raw) -> UInt32 { runningPage.word((p - runningPage.ops) &>> 4) }
}

/// The local exclusive monitor: one reservation, by physical address. Arm ARM B2.12.
struct ExclusiveMonitor {
  /// The physical address of the first byte, or all ones if there is no reservation.
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
  /// The events that are observed on this PE. The machine tests this copy.
  var trace = TraceMask()
  var monitor = ExclusiveMonitor()
  let usesFastTable: Bool
  var fastTables: FastTables
  /// PSTATE without NZCV, which is in the flag operands, and without BTYPE (see BranchTargets.swift).
  var processorState: ProcessorState
  var features: ProcessorFeatures
  var systemRegisters: SystemRegisterFile
  var statistics = CoreStatistics()
  /// Counts of exceptions: 64 by EC, 64 data aborts and 64 instruction aborts by fault status, and 3 kinds of interrupt.
  var exceptionCounts: UnsafeMutablePointer<UInt64>
  var interrupts = InterruptInputs()
  var debug = DebugUnits()
  /// The ops to which indirect branches inside a guarded page go.
  let landingOps: Raw
  var timer = GenericTimer()
  /// The generator for FEAT_RNG.
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
