// Owns one program on one machine under one kernel: it loads the program, inspects it, and tells the loop that runs it what the
// kernel requires.
// It does not know the loop, nor how its caller displays anything.
import Architecture
import Debugging
import ELFFormat
import LinuxKernel
import LinuxMM
import Machine
import Symbols

/// A program in the laboratory.
public final class Session {
  public let configuration: SessionConfiguration
  public let machine: Emulator
  public let kernel: Kernel
  private let files: SessionFiles
  /// The one processor that runs the program.
  public let processor: Processor
  public private(set) var program: ELFFile?
  /// The program's file: the name it was given, its path on the host if it has one, and its bytes.
  private(set) var programFile: (name: String, path: String?, bytes: [UInt8]) = ("", nil, [])
  public var programBytes: [UInt8] { programFile.bytes }
  /// The file behind the program's mappings.
  private(set) var programContents = FileID.none
  /// Names, source lines and stacks of the programs that were asked for, because only debuggers need them.
  var readInformation = InformationCache()
  /// What is added to the file's addresses: 0, or the place where a static PIE was loaded.
  public private(set) var loadBias: UInt64 = 0
  /// The aborts that were taken while `recordsFaults` was on.
  public private(set) var faultHistory = FaultHistory()
  /// The changes of mappings that were made while `recordsMappings` was on.
  public internal(set) var mappingHistory = MappingHistory()
  let loop: TargetLoop
  /// Why the program ended; nil until it does.
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
    let absolute = HostFile.absolute(path)
    try load(bytes: try HostFile.read(path, as: .program), path: path, link: files.guestPath(absolute), arguments: arguments)
    programFile.path = absolute
  }

  /// Loads a program from its bytes. `path` is the name that the program is given. `link` is the absolute path to which
  /// /proc/self/exe leads.
  public func load(bytes: [UInt8], path: String, link: String? = nil, arguments: [String] = []) throws(SessionError) {
    let elf: ELFFile
    do { elf = try ELFFile(bytes) } catch { throw .file(path, "\(error)") }
    do {
      try kernel.exec(
        processor.el1, elf, bytes: bytes, path: path, link: link ?? path, programFile: files.add(bytes), arguments: arguments,
        environment: configuration.environment)
    } catch { throw .file(path, "\(error)") }
    program = elf
    programFile = (path, nil, bytes)
    programContents = kernel.mm.state[kernel.state.currentTask.mm].executable
    readInformation = InformationCache()
    loadBias = elf.kind == .shared ? Kernel.dynamicBase : 0
  }

  /// Runs until the program ends or something stops it.
  public func resume(_ request: ResumeRequest) -> StopReason { loop.resume(self, request) }

  public var instructionsRetired: UInt64 { processor.instructionsRetired }

  /// The address of the program's next instruction. After the end it is the address of the instruction at which the program
  /// ended.
  public var programCounter: UInt64 { outcome == nil ? processor.pc : processor.el1[.ELR_EL1] }

  /// The program's own PSTATE, which is also kept after its end.
  public var programState: ProcessorState {
    outcome == nil ? processor.pstate : ProcessorState(rawValue: processor.el1[.SPSR_EL1])
  }

  /// The VMAs of the running program's address space, in address order.
  public var vmas: VMATree { space.map { kernel.mm.state[$0].vmas } ?? VMATree() }

  /// The running task's address space. It is nil before there is a task, and once the last task to run has left its address
  /// space.
  var space: MMID? {
    if kernel.state.tasks.isEmpty { return nil }
    let space = kernel.state.currentTask.mm
    return kernel.mm.state.mms.contains(space) ? space : nil
  }

  /// The address space whose accesses `watches` stop; nil means every address space.
  public var watchedSpace: MMID?

  /// Reads the program's memory without a fault: mapped pages, and pages of its files that are in RAM although no access has
  /// mapped them yet. Nil where any of the bytes is in neither.
  public func peek(_ va: UInt64, count: Int) -> [UInt8]? {
    space.flatMap { kernel.peek(processor.el1, $0, va, count: count) }
  }

  /// Writes the program's memory as a debugger does under Linux: a private page becomes the program's own first, a missing page is brought
  /// in, and a page without the right to write is written if its mapping is private. False if not all bytes could be written.
  public func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool {
    guard let space else { return false }
    return kernel.poke(processor.el1, space, va, bytes)
  }

  // MARK: Events

  /// The events that are recorded for `catches`, beside those of the two histories.
  public var traceMask: TraceMask = [] { didSet { listen() } }
  public var catches: ((TraceRecord) -> Bool)? { didSet { listen() } }
  /// Whether every abort is kept in `faultHistory`.
  public var recordsFaults = false { didSet { listen() } }
  /// Whether every change of mappings by a system call is kept in `mappingHistory`.
  public var recordsMappings = false { didSet { listen() } }

  private func listen() {
    var histories: TraceMask = recordsFaults ? .fault : []
    if recordsMappings { histories.formUnion([.mapping, .programStarted, .taskCreated]) }
    loop.traceMask = traceMask.union(histories)
    if histories.isEmpty {
      loop.catches = catches
      return
    }
    loop.catches = { [unowned self, histories] record in
      if histories.contains(TraceMask(record.kind)) {
        if let fault = FaultLogEntry(record) { faultHistory.add(fault) } else { note(record) }
      }
      guard let catches, traceMask.contains(TraceMask(record.kind)) else { return false }
      return catches(record)
    }
  }
}

extension Session: Platform {
  /// The turn of the one PE, which lasts until the kernel's timer is due because a slice or a sleep ends. The timer's interrupt
  /// is taken before the next instruction.
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

  /// WFE and YIELD do nothing, because no other PE waits.
  func turnYielded() {}

  func watches(on processor: Processor, _ watch: Watch) -> Bool { watchedSpace == nil || watchedSpace == space }

  func actor(on processor: Processor) -> Int { kernel.state.current.rawValue }
}
