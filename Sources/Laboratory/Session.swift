// Owns one program on one machine under one kernel: loading, looking at it, and what the loop that runs it must know of the kernel.
// It does not know the loop, nor how its caller shows anything.
import Architecture
import Debugging
import ELFFormat
import LinuxKernel
import LinuxMM
import Machine

/// A program in the laboratory.
public final class Session {
  public let configuration: SessionConfiguration
  public let machine: Emulator
  public let kernel: Kernel
  private let files: SessionFiles
  /// The one processor that runs the program.
  public let processor: Processor
  public private(set) var program: ELFFile?
  /// The file's bytes.
  private var programBytes: [UInt8] = []
  /// The program's symbols at the file's own addresses, read when they are first asked for: only debuggers do.
  public var symbols: SymbolTable {
    if readSymbols == nil { readSymbols = SymbolTable(programBytes) }
    return readSymbols!
  }
  private var readSymbols: SymbolTable?
  /// Where the program's addresses are: 0, or where a static PIE was put.
  public private(set) var loadBias: UInt64 = 0
  /// The aborts that were taken while `recordsFaults` was on.
  public private(set) var faultHistory = FaultHistory()
  let loop: TargetLoop
  /// Set once the program is over.
  public var outcome: StopReason? { loop.outcome }

  public init(_ configuration: SessionConfiguration, host: HostIO = StandardIO()) throws(SessionError) {
    self.configuration = configuration
    var machineConfiguration = MachineConfiguration(features: configuration.features, memorySize: configuration.memorySize)
    machineConfiguration.seed = configuration.seed
    machineConfiguration.usesFastTable = configuration.usesFastTable
    machineConfiguration.usesFusion = configuration.usesFusion
    machineConfiguration.decodeMode = configuration.decodeMode
    machineConfiguration.reportsBreakBeforeMake = configuration.reportsBreakBeforeMake
    do { machine = try Emulator(machineConfiguration) } catch { throw .machine("\(error)") }
    loop = TargetLoop(machine)
    var kernelConfiguration = KernelConfiguration(
      profile: configuration.kernel, policy: configuration.policy, features: configuration.features, seed: configuration.seed,
      hugePages: configuration.hugePages)
    kernelConfiguration.accessFlagSetter = configuration.accessFlagSetter
    processor = machine.processors[0]
    let processor = self.processor
    files = try SessionFiles(root: configuration.root)
    guard let kernel = Kernel(processor.el1, configuration: kernelConfiguration, host: host, hostFiles: files) else {
      throw .machine("\(configuration.memorySize) bytes of guest memory do not hold the kernel's own tables; give more with --memory")
    }
    self.kernel = kernel
  }

  /// Loads a program from a file of the host.
  public func load(path: String, arguments: [String] = []) throws(SessionError) {
    try load(bytes: try HostFile.read(path, as: .program), path: path, link: files.guestPath(HostFile.absolute(path)), arguments: arguments)
  }

  /// Loads a program from its bytes. `path` is what it is told it is called, `link` where /proc/self/exe leads: an absolute path.
  public func load(bytes: [UInt8], path: String, link: String? = nil, arguments: [String] = []) throws(SessionError) {
    let elf: ELFFile
    do { elf = try ELFFile(bytes) } catch { throw .file(path, "\(error)") }
    do {
      try kernel.exec(
        processor.el1, elf, bytes: bytes, path: path, link: link ?? path, programFile: files.add(bytes), arguments: arguments,
        environment: configuration.environment)
    } catch { throw .file(path, "\(error)") }
    program = elf
    programBytes = bytes
    readSymbols = nil
    loadBias = elf.kind == .shared ? Kernel.dynamicBase : 0
  }

  /// Runs until the program ends or something stops it.
  public func resume(_ request: ResumeRequest) -> StopReason { loop.resume(self, request) }

  public var instructionsRetired: UInt64 { processor.instructionsRetired }

  /// Where the program is: its next instruction, and after its end the one it ended at.
  public var programCounter: UInt64 { outcome == nil ? processor.pc : processor.el1[.ELR_EL1] }

  /// The program's own PSTATE, also after its end.
  public var programState: ProcessorState {
    outcome == nil ? processor.pstate : ProcessorState(rawValue: processor.el1[.SPSR_EL1])
  }

  /// The address space of the running program: its VMAs in address order.
  public var vmas: VMATree { space.map { kernel.mm.state[$0].vmas } ?? VMATree() }

  /// The running task's address space; nil before there is one, and where the last task to run has left its own.
  private var space: MMID? {
    if kernel.state.tasks.isEmpty { return nil }
    let space = kernel.state.currentTask.mm
    return kernel.mm.state.mms.contains(space) ? space : nil
  }

  /// Reads the program's memory without a fault: what is mapped, and what its files have in RAM that no access has mapped yet. Nil
  /// where neither has all of it.
  public func peek(_ va: UInt64, count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let at = va &+ UInt64(bytes.count)
      let piece = min(count - bytes.count, 4096 - Int(at & 0xfff))
      if let mapped = processor.peek(at, count: piece) {
        bytes += mapped
        continue
      }
      guard let space else { return nil }
      let el1 = processor.el1
      guard let page = kernel.mm.unmappedPage(el1, space, VirtualAddress(at).untagged.rawValue) else { return nil }
      let address = el1.hostAddress(PhysicalAddress(page + at & 0xfff), size: UInt64(piece))
      bytes += UnsafeRawBufferPointer(start: address, count: piece)
    }
    return bytes
  }

  /// Writes the program's memory as `peek` reads it, but only where an access has mapped it.
  public func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool { processor.poke(va, bytes) }

  // MARK: Events

  /// What is recorded beside the faults of `recordsFaults`.
  public var traceMask: TraceMask = [] { didSet { listen() } }
  public var catches: ((TraceRecord) -> Bool)? { didSet { listen() } }
  /// Keeps every abort in `faultHistory`.
  public var recordsFaults = false { didSet { listen() } }

  private func listen() {
    loop.traceMask = recordsFaults ? traceMask.union(.fault) : traceMask
    if !recordsFaults {
      loop.catches = catches
      return
    }
    loop.catches = { [unowned self] record in
      if let fault = FaultLogEntry(record) { faultHistory.add(fault) }
      guard let catches, traceMask.contains(TraceMask(record.kind)) else { return false }
      return catches(record)
    }
  }
}

extension Session: Platform {
  /// The one PE, until the kernel's timer is due: a slice or a sleep that ends. Its interrupt is taken before the next instruction.
  func nextTurn() -> Turn? {
    let end = kernel.runLimit
    if _fastPath(end > processor.instructionsRetired) { return Turn(processor: 0, end: end) }
    processor.setInterrupt(.irq, asserted: true)
    return Turn(processor: 0, end: .max)
  }

  func exceptionTaken(_ processor: Processor, _ vector: ExceptionVector) -> SupervisorVerdict {
    if _slowPath(vector == .lowerA64IRQ) { processor.setInterrupt(.irq, asserted: false) }
    return kernel.exceptionTaken(processor.el1, vector: vector)
  }

  /// WFE and YIELD give nothing away: no other PE waits.
  func turnYielded() {}

  func actor(on processor: Processor) -> Int { kernel.state.current.rawValue }
}
