// Owns a machine with a memory manager and one address space, and a user that touches memory and whose faults are handled. It does
// not know programs, signals or policies: it handles faults as do_page_fault does, and nothing else.
import Architecture
import LinuxMM
import Machine

/// LinuxMM on a real machine, without the rest of a kernel.
public final class MemoryBench {
  public let machine: Emulator
  public let manager: MemoryManager
  public private(set) var mm = MMID(0)
  public var el1: EL1Interface { machine.processors[0].el1 }
  public let task = TaskID(1)
  public static let page: UInt64 = 0x1000

  /// The result of one user access.
  public enum Touch: Equatable, Sendable {
    /// The access was done after this many faults.
    case done(faults: Int)
    case noMapping
    case denied
    case failed(VMFault)
  }

  public init(
    memory: UInt64 = 64 << 20, profile: KernelProfile = .newest, features: ProcessorFeatures = ProcessorFeatures(),
    hugePages: HugePageMode = .never, accessFlagSetter: AccessFlagSetter = .compareAndSwap, processors: Int = 1
  ) throws {
    machine = try Emulator(MachineConfiguration(features: features, memorySize: memory, processorCount: processors))
    let configuration = MemoryConfiguration(
      profile: profile, features: features, hugePages: hugePages, accessFlagSetter: accessFlagSetter)
    manager = MemoryManager(machine.processors[0].el1, configuration: configuration)!
    for processor in machine.processors { manager.bootProcessor(processor.el1) }
    mm = try manager.createMM(el1)
    for processor in machine.processors { manager.switchMM(processor.el1, to: mm) }
  }

  /// The user continues in another address space.
  public func enter(_ other: MMID) {
    mm = other
    manager.switchMM(el1, to: other)
  }

  public var space: MM { manager.state[mm] }
  public var statistics: MemoryStatistics { manager.state.statistics }
  public var faults: TaskFaults { manager.taskFaults(task) }

  // MARK: System calls, without the registers

  public func mmap(
    _ address: UInt64, pages: UInt64, _ protection: UInt64 = 3, flags: UInt64 = 0x32, file: MappedFile? = nil
  ) throws(Errno) -> UInt64 {
    try manager.mmap(
      el1, mm, task: task, MapRequest(address: address, length: pages * Self.page, protection: protection, flags: flags, file: file))
  }
  public func munmap(_ address: UInt64, pages: UInt64) throws(Errno) {
    try manager.munmap(el1, mm, address: address, length: pages * Self.page)
  }
  public func mprotect(_ address: UInt64, pages: UInt64, _ protection: UInt64) throws(Errno) {
    try manager.mprotect(el1, mm, task: task, address: address, length: pages * Self.page, protection: protection)
  }
  public func madvise(_ address: UInt64, pages: UInt64, _ advice: UInt64) throws(Errno) {
    try manager.madvise(el1, mm, task: task, address: address, length: pages * Self.page, advice: advice)
  }
  public func mremap(_ address: UInt64, pages old: UInt64, to new: UInt64, flags: UInt64, at target: UInt64 = 0) throws(Errno) -> UInt64 {
    try manager.mremap(
      el1, mm, task: task,
      RemapRequest(address: address, oldLength: old * Self.page, newLength: new * Self.page, flags: flags, newAddress: target))
  }

  // MARK: The user

  /// Accesses one byte with EL0's permissions, and handles the faults that occur.
  public func touch(_ va: UInt64, write: Bool) -> Touch {
    for faults in 0..<8 {
      if el1.unprivilegedTranslate(VirtualAddress(va), write: write) != nil { return .done(faults: faults) }
      if let problem = serve(va, write: el1.lastFault.isWrite) { return problem }
    }
    preconditionFailure("a fault does not end")
  }

  /// Handles one fault as do_page_fault does: under the VMA lock, then under the mmap lock. Nil means that it was handled.
  public func serve(_ va: UInt64, write: Bool, on processor: Int = 0) -> Touch? {
    let el1 = machine.processors[processor].el1
    var flags: FaultFlags = write ? FaultFlags.DEFAULT.union([.USER, .WRITE]) : FaultFlags.DEFAULT.union(.USER)
    let needed: VMFlags = write ? .WRITE : [.READ, .WRITE, .EXEC]
    if let vma = manager.lockVMAUnderRCU(el1, mm, va) {
      if vma.flags.isDisjoint(with: needed) {
        manager.unlockVMA(el1, vma)
        return .denied
      }
      let fault = manager.handleMMFault(el1, mm, vma, address: va, flags: flags.union(.VMA_LOCK), task: task)
      if !fault.contains(.RETRY) {
        manager.unlockVMA(el1, vma)
        return fault.isDisjoint(with: .ERROR) ? nil : .failed(fault)
      }
      if fault.contains(.MAJOR) { flags.insert(.TRIED) }
    }
    while true {
      guard let vma = manager.lockMMAndFindVMA(el1, mm, va) else { return .noMapping }
      if vma.flags.isDisjoint(with: needed) {
        manager.unlockMM(el1, mm)
        return .denied
      }
      let fault = manager.handleMMFault(el1, mm, vma, address: va, flags: flags, task: task)
      if !fault.contains(.RETRY) {
        manager.unlockMM(el1, mm)
        return fault.isDisjoint(with: .ERROR) ? nil : .failed(fault)
      }
      precondition(!flags.contains(.TRIED), "a second try asks for a third")
      flags.insert(.TRIED)
    }
  }

  /// Writes a word, handles the faults, and returns the result.
  public func store(_ va: UInt64, _ value: UInt64) -> Touch {
    let touch = touch(va, write: true)
    if case .done = touch { precondition(el1.unprivilegedStore(VirtualAddress(va), size: 8, value)) }
    return touch
  }
  /// Reads a word and handles the faults; nil where that is not possible.
  public func load(_ va: UInt64) -> UInt64? {
    guard case .done = touch(va, write: false) else { return nil }
    return el1.unprivilegedLoad(VirtualAddress(va), size: 8)
  }

  // MARK: Inspection without faults

  /// The level 3 descriptor of a page as it is in RAM; nil where a table is missing.
  public func descriptor(_ va: UInt64) -> UInt64? {
    machine.processors[0].explainWalk(va).steps.first { $0.level == 3 }?.descriptor
  }
  /// The descriptors that a walk reads, from level 0 on.
  public func walk(_ va: UInt64) -> [(level: Int, address: UInt64, descriptor: UInt64)] {
    machine.processors[0].explainWalk(va).steps.map { ($0.level, $0.address, $0.descriptor) }
  }
  /// The pages in [start, end) that the architectural TLB holds.
  public func cachedPages(_ start: UInt64, _ end: UInt64) -> [UInt64] {
    machine.processors[0].tlbEntries().map(\.va).filter { $0 >= start && $0 < end }.sorted()
  }
  public func peek(_ va: UInt64) -> UInt64? {
    machine.processors[0].peek(va, count: 8)?.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
  }

  // MARK: Steps

  /// One announced step.
  public struct Step: Equatable, Sendable {
    public var kind: StepKind
    public var operand: UInt64
  }
  /// Runs `body` and returns every step that it announces.
  public func steps(_ body: () -> Void) -> [Step] {
    let processor = machine.processors[0]
    processor.traceMask = .el1Step
    body()
    processor.traceMask = []
    precondition(machine.trace.lost == 0, "more steps than a trace holds")
    var steps: [Step] = []
    while let record = machine.trace.next() { steps.append(Step(kind: StepKind(rawValue: record.detail)!, operand: record.a)) }
    return steps
  }
}
