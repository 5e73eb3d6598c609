// Owns the memory manager: its state, the setup of a PE for it, and the life of address spaces.
// It does not know tasks, signals or system call numbers.
import Architecture

/// The configuration of a memory manager.
public struct MemoryConfiguration: Sendable {
  public var profile: KernelProfile
  public var features: ProcessorFeatures
  /// transparent_hugepage/enabled at boot.
  public var hugePages: HugePageMode
  public var accessFlagSetter: AccessFlagSetter
  public init(
    profile: KernelProfile, features: ProcessorFeatures, hugePages: HugePageMode = .madvise,
    accessFlagSetter: AccessFlagSetter = .compareAndSwap
  ) {
    self.profile = profile
    self.features = features
    self.hugePages = hugePages
    self.accessFlagSetter = accessFlagSetter
  }
}

/// What a memory manager uses beside its state: its configuration, and the source of host files' bytes.
public final class MemoryEnvironment {
  public let configuration: MemoryConfiguration
  public internal(set) var pageSource: PageSource?
  public init(_ configuration: MemoryConfiguration, pageSource: PageSource? = nil) {
    self.configuration = configuration
    self.pageSource = pageSource
  }
}

/// Linux's memory management on arm64. It is a service over the box that holds its state. Every function that touches the machine
/// takes the PE's `EL1Interface`.
public struct MemoryManager {
  let box: MemoryBox
  let environment: MemoryEnvironment

  @inline(__always) public var configuration: MemoryConfiguration { environment.configuration }
  var pageSource: PageSource? {
    get { environment.pageSource }
    nonmutating set { environment.pageSource = newValue }
  }
  /// All of the manager's state as one value.
  public internal(set) var state: MemoryState {
    @inline(__always) _read { yield box.memory }
    @inline(__always) nonmutating _modify { yield &box.memory }
  }
  /// An address space in its place. Other modules read its fields through this, because to them a read of `state` is a copy of all of it.
  public subscript(id: MMID) -> MM { unsafeAddress { box.memory.mms.address(of: id) } }

  /// Makes a service over a box whose memory has been laid out.
  public init(_ box: MemoryBox, _ environment: MemoryEnvironment) {
    self.box = box
    self.environment = environment
  }

  /// Makes a memory manager with a box of its own, in which all of RAM is free. Nil if RAM is too small.
  public init?(_ el1: EL1Interface, configuration: MemoryConfiguration) {
    guard let memory = MemoryState(el1, configuration) else { return nil }
    self.init(MemoryBox(memory), MemoryEnvironment(configuration))
    freeAllMemory(el1)
  }

  /// Sets a PE up as Linux does: 48-bit halves of 4 KiB granule, 16-bit ASIDs from TTBR1, tagged user addresses, hardware AF and
  /// dirty state if the processor has them, E0PD, PAN. Linux: arch/arm64/mm/proc.S, INIT_SCTLR_EL1_MMU_ON.
  public func bootProcessor(_ el1: EL1Interface) {
    let features = configuration.features
    el1.use(box.lockMemory)
    var tcr: UInt64 = 16 | 16 << 16 | 2 << 30 | 5 << 32
    tcr |= 1 << 22 | 1 << 36 | 1 << 37
    tcr |= 0x1 << 8 | 0x1 << 10 | 0x3 << 12 | 0x1 << 24 | 0x1 << 26 | 0x3 << 28
    if features.hardwareUpdate != .off { tcr |= 1 << 39 }
    if features.hardwareUpdate.rawValue >= ProcessorFeatures.HardwareUpdate.accessFlagAndDirty.rawValue { tcr |= 1 << 40 }
    if features.e0pd { tcr |= 1 << 56 }
    el1.write(.MAIR_EL1, 0x0000_0004_0044_f0ff)
    el1.write(.TCR_EL1, tcr)
    el1.write(.TTBR1_EL1, state.frames.emptyTable)
    el1.write(.CPACR_EL1, 3 << 20)
    // EL0 may read the virtual counter, which the vDSO uses; the rest of the timer is the kernel's. Linux:
    // arch_counter_set_user_access().
    el1.write(.CNTKCTL_EL1, 1 << 1 | Self.eventStream(frequency: el1.read(.CNTFRQ_EL0), isScaled: features.ecv))
    // M, C, SA, SA0, SED, I, DZE, UCT, nTWE, IESB, EIS, UCI, TSCXT, nTLSMD, LSMAOE, EPAN; SPAN only if PAN is absent.
    var sctlr: UInt64 = 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 8 | 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15 | 1 << 18
    sctlr |= 1 << 20 | 1 << 22 | 1 << 26 | 1 << 28 | 1 << 29
    if features.epan { sctlr |= 1 << 57 }
    if !features.pan { sctlr |= 1 << 23 }
    // BT0 and BT1: only a branch through X16 or X17 may reach PACIASP as a call does. Linux: bti_enable().
    if features.bti { sctlr |= 3 << 35 }
    el1.write(.SCTLR_EL1, sctlr)
    el1.barrier(.ISB)
  }

  /// The bits of CNTKCTL_EL1 for an event stream near 10 kHz: EVNTEN, EVNTI, and EVNTIS where the bit lies too high. The bit is that of
  /// the power of two that is nearest to half the stream's period in counts. Linux: arch_timer_configure_evtstream().
  static func eventStream(frequency: UInt64, isScaled: Bool) -> UInt64 {
    let half = frequency / 10_000 / 2
    var bit = half == 0 ? 0 : 63 - half.leadingZeroBitCount
    if bit > 0 && half >> (bit - 1) & 1 != 0 { bit += 1 }
    let scale = isScaled && bit > 15
    return 1 << 2 | UInt64(min(scale ? bit - 8 : bit, 15)) << 4 | (scale ? 1 << 17 : 0)
  }

  /// Makes an address space without mappings. ENOMEM. Linux: mm_init.
  public func createMM(_ el1: EL1Interface) throws(Errno) -> MMID {
    guard let pgd = allocateTable(el1) else { throw .ENOMEM }
    return state.mms.insert(MM(pgd: pgd))
  }

  /// Counts one more task that uses the address space.
  public func addUser(of mm: MMID) { state[mm].users += 1 }
  /// Counts one task less; true if no task uses the address space any more.
  public func removeUser(of mm: MMID) -> Bool {
    precondition(state[mm].users > 0, "a task leaves an address space that has no users")
    state[mm].users -= 1
    return state[mm].users == 0
  }

  /// Switches the PE to an address space. Linux: cpu_switch_mm.
  public func switchMM(_ el1: EL1Interface, to mm: MMID) {
    prepareASID(el1, mm)
    el1.write(.TTBR1_EL1, state.frames.emptyTable | UInt64(state[mm].asid) << 48)
    el1.write(.TTBR0_EL1, state[mm].pgd)
    el1.barrier(.ISB)
  }

  /// Switches the PE to no address space, for instance before the current one is destroyed. Linux: cpu_set_reserved_ttbr0().
  public func leaveMM(_ el1: EL1Interface) {
    el1.write(.TTBR0_EL1, state.frames.emptyTable)
    el1.barrier(.ISB)
  }

  /// Unmaps everything and frees the tables. No PE may use the address space. Linux: exit_mmap.
  public func destroyMM(_ el1: EL1Interface, _ mm: MMID) {
    mmapWriteLock(el1, mm)
    unmapRange(el1, mm, 0, Layout48.taskSize, wholeSpace: true)
    mmapWriteUnlock(el1, mm)
    precondition(state[mm].residentPages == 0 && state[mm].pageTables == 0, "exit_mmap left memory")
    precondition(state[mm].hugetlbPages == 0, "exit_mmap left pages of the pool")
    flushAll(el1, mm)
    releaseHugeZeroPage(el1, mm)
    putPage(el1, state[mm].pgd)
    let executable = state[mm].executable
    state.mms.remove(mm)
    if executable != .none { releaseFile(el1, executable) }
  }

  /// Whether a call since the last check ran out of memory while it populated a range. Linux: out_of_memory() in the allocator.
  public func takeOOMRequest() -> Bool {
    defer { state.wantsOOMKill = false }
    return state.wantsOOMKill
  }

  /// Why a call since the last check demands a panic.
  public func takePanicReason() -> String? {
    defer { state.panicReason = nil }
    return state.panicReason
  }

  /// A copy of every VMA, for messages and tests.
  public func vmas(_ mm: MMID) -> [VMArea] { Array(state[mm].vmas) }

  /// The VMA that holds a virtual address, without a lock, for callers that only ask for the kind of memory. It changes nothing, not even
  /// which VMA the address space remembers.
  public func vma(_ mm: MMID, containing address: UInt64) -> VMArea? {
    let index = state[mm].vmas.firstPosition(endingAbove: address)
    guard index < state[mm].vmas.count, state[mm].vmas[index].start <= address else { return nil }
    return state[mm].vmas[index]
  }

  /// min_flt and maj_flt of a task.
  public func taskFaults(_ task: TaskID) -> TaskFaults {
    let index = Int(task.rawValue)
    return state.taskFaults.indices.contains(index) ? state.taskFaults[index] : TaskFaults()
  }

  /// Clears the fault counts of a new task. Linux: copy_process() clears min_flt and maj_flt.
  public func forgetFaults(of task: TaskID) {
    let index = Int(task.rawValue)
    if state.taskFaults.indices.contains(index) { state.taskFaults[index] = TaskFaults() }
  }

  /// The protection with which a VMA's pages are first mapped. Linux: vm_page_prot.
  @inline(__always)
  func protection(_ flags: VMFlags) -> UInt64 { Protection.of(flags, epan: configuration.features.epan) }
}
