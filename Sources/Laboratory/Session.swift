// Owns one program on one machine under one kernel: loading, and the loop that hands exceptions over.
// It does not know how its caller shows anything.
import Architecture
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
  /// Set once the program is over.
  public internal(set) var outcome: SessionStop?
  /// The latest aborts, oldest first, while `recordsFaults` is on; at most `faultLimit`.
  public var faults: ArraySlice<FaultLogEntry> { faultLog.suffix(Self.faultLimit) }
  public static let faultLimit = 1000
  /// Aborts taken while `recordsFaults` was on.
  public private(set) var faultCount = 0
  /// Up to twice the limit: dropping the older half now and then costs less than dropping one at each fault.
  private var faultLog: [FaultLogEntry] = []
  /// Decides which aborts stop the run.
  public var catches: ((FaultLogEntry) -> Bool)? { didSet { listen() } }
  public var recordsFaults = false { didSet { listen() } }
  private var caught: FaultLogEntry?

  public init(_ configuration: SessionConfiguration, host: HostIO = StandardIO()) throws(SessionError) {
    self.configuration = configuration
    var machineConfiguration = MachineConfiguration(features: configuration.features, memorySize: configuration.memorySize)
    machineConfiguration.seed = configuration.seed
    machineConfiguration.usesFastTable = configuration.usesFastTable
    machineConfiguration.usesFusion = configuration.usesFusion
    machineConfiguration.decodeMode = configuration.decodeMode
    machineConfiguration.reportsBreakBeforeMake = configuration.reportsBreakBeforeMake
    do { machine = try Emulator(machineConfiguration) } catch { throw .machine("\(error)") }
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

  /// Runs until the program ends or something stops it; at most until `limit` instructions have retired in all.
  ///
  /// Breakpoints are `processor.breakpoints`. While there are any, code in a page that holds one runs instruction by
  /// instruction (90 ns each, near a hundred times slower), and other code looks its page up whenever it leaves it. With
  /// none they cost nothing.
  public func run(until limit: UInt64 = .max) -> SessionStop {
    if let outcome { return outcome }
    let processor = self.processor
    let kernel = self.kernel
    let hasBreakpoints = !processor.breakpoints.isEmpty
    let begun = processor.instructionsRetired
    while true {
      // A turn that is over, or a sleep, ends by the timer's interrupt, which the processor takes before its next instruction.
      let turn = kernel.runLimit
      let isDue = turn <= processor.instructionsRetired && limit > processor.instructionsRetired
      if _slowPath(isDue) { processor.setInterrupt(.irq, asserted: true) }
      switch processor.run(until: isDue ? limit : min(limit, turn)) {
      case .exceptionTakenToEL1(let vector):
        if _slowPath(isDue) { processor.setInterrupt(.irq, asserted: false) }
        let running = hasBreakpoints ? kernel.state.current : nil
        var retried = hasBreakpoints ? unretiredInstruction : nil
        // Between instructions: nothing was tried but what the run was to start with.
        if _slowPath(isDue) { retried = processor.instructionsRetired == begun ? processor.el1[.ELR_EL1] : nil }
        switch kernel.exceptionTaken(processor.el1, vector: vector) {
        case .resume: break
        case .exited(let status): return end(.exited(status))
        case .killed(let signal): return end(.killed(signal))
        case .deadlock: return end(.deadlock)
        }
        if let caught {
          self.caught = nil
          return .caught(caught)
        }
        if hasBreakpoints && kernel.state.current != running { retried = nil }
        // The processor starts anew behind an exception, and never stops where it starts.
        if hasBreakpoints, isAtBreakpoint, processor.pc != retried { return .breakpoint(processor.pc) }
      case .instructionLimit: if processor.instructionsRetired >= limit { return .instructionLimit }
      case .breakpoint(let va): return .breakpoint(va.rawValue)
      case .yielded: if hasBreakpoints, isAtBreakpoint { return .breakpoint(processor.pc) }
      case .interrupted: return .interrupted
      case .exceptionLoop: preconditionFailure("a hosted EL1 fetches no vector")
      }
    }
  }

  /// Retires one instruction; a fault is served on the way, so the instruction may be that of a handler.
  public func step() -> SessionStop { run(until: processor.instructionsRetired + 1) }

  private var isAtBreakpoint: Bool { processor.breakpoints.contains(processor.pc) }

  /// The instruction that the last exception interrupted before it retired; nil after a system call, which does retire.
  private var unretiredInstruction: UInt64? {
    let el1 = processor.el1
    return ExceptionSyndrome(rawValue: el1[.ESR_EL1]).exceptionClass == .SVC64 ? nil : el1[.ELR_EL1]
  }

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

  private func end(_ stop: SessionStop) -> SessionStop {
    outcome = stop
    return stop
  }

  private func listen() {
    if catches == nil && !recordsFaults {
      kernel.onFault = nil
      return
    }
    kernel.onFault = { [unowned self] entry in
      if recordsFaults {
        faultCount += 1
        if faultLog.count == 2 * Self.faultLimit { faultLog.removeFirst(Self.faultLimit) }
        faultLog.append(entry)
      }
      if let catches, catches(entry) { caught = entry }
    }
  }
}

extension FaultLogEntry: Equatable {
  public static func == (a: Self, b: Self) -> Bool {
    a.instruction == b.instruction && a.pc == b.pc && a.esr == b.esr && a.far == b.far && a.signal == b.signal
  }
}
