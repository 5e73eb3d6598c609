// Owns the parts of one emulated machine: its RAM, its decoded code and its processing elements.
// It does not know who supervises it: an exception to a hosted EL1 is a reason to stop.
import Architecture
import Decoding
import Synchronization

/// What a machine is made of.
public struct MachineConfiguration: Sendable {
  public var features: ProcessorFeatures
  /// Bytes of RAM, rounded up to 64 KiB; at most 1 TiB.
  public var memorySize: UInt64
  /// Physical address of RAM; 64 KiB aligned.
  public var ramBase: UInt64
  public var processorCount: Int
  /// What RNDR and RNDRRS read follows from it and the PE's number.
  public var seed: UInt64 = 0
  /// The fast table and fusion change no result; tests switch them off to show it.
  public var usesFastTable = true
  public var usesFusion = true
  /// Bytes of host memory that decoded code may take in all. Beyond them the pages that were entered longest ago are decoded anew
  /// when they run again; no result changes.
  public var codeBudget = 128 << 20
  /// How often the decoder asks Capstone. It changes no result.
  public var decodeMode = Decoder.Mode.everyForm
  /// Strict mode: report each change of a descriptor that needed break-before-make and did not get it, in
  /// `Emulator.breakBeforeMakeViolations`. It changes no result.
  public var reportsBreakBeforeMake = false

  public init(
    features: ProcessorFeatures = ProcessorFeatures(), memorySize: UInt64 = 1 << 30, ramBase: UInt64 = 0x4000_0000,
    processorCount: Int = 1
  ) {
    self.features = features
    self.memorySize = memorySize
    self.ramBase = ramBase
    self.processorCount = processorCount
  }
}

/// Why a machine cannot be built.
public enum MachineError: Error, CustomStringConvertible {
  case memorySize(UInt64, limit: UInt64)
  case hostMemory(UInt64)
  case decoder(String)

  public var description: String {
    switch self {
    case .memorySize(let size, let limit): "a machine cannot have \(size) bytes of memory: 1 to \(limit) are possible"
    case .hostMemory(let size): "the host gives no address space for \(size) bytes of guest memory"
    case .decoder(let reason): "the decoder cannot start: \(reason)"
    }
  }
}

/// One emulated machine.
public final class Emulator {
  public let configuration: MachineConfiguration
  public let memory: PhysicalMemory
  /// What answers outside RAM.
  public let bus = Bus()
  public private(set) var processors: [Processor] = []
  let code: CodePages
  /// What happened on the PEs, as far as their `traceMask` asks for it.
  public let trace = TraceBuffer()
  /// Only where the configuration asks for it.
  private(set) var strictTranslation: StrictTranslation?
  /// What stands behind HVC and SMC of EL1 (PSCI), and behind HLT of any EL (semihosting): see `PlatformCall.swift`.
  public var onCall: CallHook?
  public var onHalt: HaltHook?
  /// Number of the PE that ran last: a change of PE clears the leaving PE's exclusive monitor.
  var lastRun = 0

  public init(_ configuration: MachineConfiguration) throws(MachineError) {
    self.configuration = configuration
    memory = try PhysicalMemory(base: configuration.ramBase, size: configuration.memorySize)
    let decoder: Decoder
    do { decoder = try Decoder(configuration.decodeMode) } catch { throw .decoder("\(error)") }
    code = try CodePages(
      decoder: decoder, memory: memory, usesFusion: configuration.usesFusion, budget: configuration.codeBudget)
    for number in 0..<max(1, configuration.processorCount) {
      processors.append(Processor(number: number, machine: self))
    }
    if configuration.reportsBreakBeforeMake { strictTranslation = StrictTranslation(self) }
    code.isRunning = { [unowned self] page in processors[lastRun].context[Slot.pageOps] == UInt64(UInt(bitPattern: page.ops)) }
    code.willDrop = { [unowned self] page in
      for processor in processors { processor.context.state.pointee.fastTables.dropFetches(of: page) }
    }
    memory.door.code = code
    memory.door.onKept = { [unowned memory] frame in memory.clearFlag(.snapshot, frameOf: frame) }
    memory.door.onFlagged = { [unowned self] frame in
      let host = UInt64(UInt(bitPattern: memory.ram.bytes)) &+ (frame &- memory.base)
      for processor in processors { processor.context.state.pointee.fastTables.dropWrites(toFrame: host) }
    }
  }

  // MARK: Stop requests

  /// Not yet answered by `takeStopRequest()`.
  private let isAskedToStop = Atomic(false)

  /// Asks whichever PE runs to stop at its next taken branch, with `ProcessorStop.interrupted`. Another thread may call it.
  public func requestStop() {
    isAskedToStop.store(true, ordering: .sequentiallyConsistent)
    for processor in processors { processor.requestStop() }
  }

  /// Whether `requestStop()` was called since this was asked last: a PE may be interrupted for the platform's own reasons too.
  public func takeStopRequest() -> Bool { isAskedToStop.exchange(false, ordering: .sequentiallyConsistent) }

  /// It is this PE's turn.
  func beginTurn(_ processor: Processor) {
    if lastRun == processor.number { return }
    processors[lastRun].context.loseReservation()
    lastRun = processor.number
  }
}
