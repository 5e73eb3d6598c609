// Owns the parts of one emulated machine: its RAM, its decoded code and its processing elements.
// It does not know who supervises it. An exception to a hosted EL1 is only a reason to stop.
import Architecture
import Decoding
import Synchronization

/// What a machine is made of.
public struct MachineConfiguration: Sendable {
  public var features: ProcessorFeatures
  /// RAM in bytes, rounded up to 64 KiB; at most 1 TiB.
  public var memorySize: UInt64
  /// The physical address of RAM, which is a multiple of 64 KiB.
  public var ramBase: UInt64
  public var processorCount: Int
  /// The values that RNDR and RNDRRS read follow from this and the PE's number.
  public var seed: UInt64 = 0
  /// Whether the fast table and fusion are used. They change no result; tests turn them off to show that.
  public var usesFastTable = true
  public var usesFusion = true
  /// The bytes of host memory that all decoded code may take. Above that, the pages that were entered longest ago are dropped
  /// and decoded anew when they run again. It changes no result.
  public var codeBudget = 128 << 20
  /// How often the decoder asks Capstone. It changes no result.
  public var decodeMode = Decoder.Mode.everyForm
  /// Strict mode: whether each change of a descriptor that needed break-before-make and did not get it is reported in
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
  /// The devices that answer outside RAM.
  public let bus = Bus()
  public private(set) var processors: [Processor] = []
  let code: CodePages
  /// The events on the PEs that each PE's `traceMask` asks for.
  public let trace = TraceBuffer()
  /// The check of break-before-make; nil unless the configuration asks for it.
  private(set) var strictTranslation: StrictTranslation?
  /// Handles HVC and SMC of EL1 (PSCI), and HLT of any EL (semihosting): see `PlatformCall.swift`.
  public var onCall: CallHook?
  public var onHalt: HaltHook?
  /// The number of the PE that ran last. A change of PE clears the exclusive monitor of the PE that leaves.
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

  /// Whether a stop was requested that `takeStopRequest()` has not yet returned.
  private let isAskedToStop = Atomic(false)

  /// Asks whichever PE runs to stop at its next taken branch, with `ProcessorStop.interrupted`. Another thread may call it.
  public func requestStop() {
    isAskedToStop.store(true, ordering: .sequentiallyConsistent)
    for processor in processors { processor.requestStop() }
  }

  /// Returns whether `requestStop()` was called since the last call of this. A PE may also be interrupted for the platform's
  /// own reasons.
  public func takeStopRequest() -> Bool { isAskedToStop.exchange(false, ordering: .sequentiallyConsistent) }

  /// Notes that this PE has its turn.
  func beginTurn(_ processor: Processor) {
    if lastRun == processor.number { return }
    processors[lastRun].context.loseReservation()
    lastRun = processor.number
  }
}
