// Owns a bare-metal image on a board: the processors in turn, time between them, and what ends a run.
// It does not know instructions: the machine runs them; nor Linux: there is none.
import Architecture
import Decoding
import LinuxKernel
import Machine

/// A board with its processors.
public struct BoardConfiguration: Sendable {
  public var features = ProcessorFeatures()
  /// Bytes of RAM.
  public var memorySize: UInt64 = 256 << 20
  public var processorCount = 1
  /// Watches every change of a translation table for the break-before-make sequence; changes no result.
  public var reportsBreakBeforeMake = false
  /// The fast table and fusion change no result; tests switch them off to show it.
  public var usesFastTable = true
  public var usesFusion = true
  /// How often the decoder asks Capstone. It changes no result.
  public var decodeMode = Decoder.Mode.everyForm
  public init() {}
}

/// Why a board stopped.
public enum BoardStop: Equatable, Sendable {
  /// A semihosting exit with this status.
  case exited(Int32)
  /// PSCI SYSTEM_OFF, or SYSTEM_RESET, which ends a run too.
  case poweredOff
  /// Every processor waits or is off, and nothing can wake one.
  case deadlock
  /// A processor takes exceptions without end, because its vector cannot be fetched or faults itself.
  case lockedUp(processor: Int, pc: UInt64)
  /// Exactly the asked number of instructions has retired on all processors together.
  case instructionLimit
}

/// An image on a board.
public final class BoardSession {
  public let configuration: BoardConfiguration
  public let machine: Emulator
  public private(set) var outcome: BoardStop?
  private let host: HostIO
  private var power: PowerControl
  private var request: BoardStop?
  /// Each is complained of once.
  private var unsupportedOperations: Set<UInt64> = []
  /// The system counter at the start of the next round.
  private var now: UInt64 = 0

  /// How many instructions a processor runs before it is the next one's turn, where another is on.
  private static let turn: UInt64 = 10_000

  public init(_ configuration: BoardConfiguration, host: HostIO = StandardIO()) throws(SessionError) {
    self.configuration = configuration
    self.host = host
    var machineConfiguration = MachineConfiguration(
      features: configuration.features, memorySize: configuration.memorySize, ramBase: VirtBoard.ram.base,
      processorCount: configuration.processorCount)
    machineConfiguration.usesFastTable = configuration.usesFastTable
    machineConfiguration.usesFusion = configuration.usesFusion
    machineConfiguration.decodeMode = configuration.decodeMode
    machineConfiguration.reportsBreakBeforeMake = configuration.reportsBreakBeforeMake
    do { machine = try Emulator(machineConfiguration) } catch { throw .machine("\(error)") }
    power = PowerControl(processors: configuration.processorCount)
    machine.bus.attach(PL011 { [unowned self] in write([$0]) }, at: VirtBoard.uart.base, size: VirtBoard.uart.size)
    machine.onHalt = { [unowned self] processor, immediate in halt(processor, immediate) }
    machine.onCall = { [unowned self] processor, _, immediate in call(processor, immediate) }
  }

  /// Loads an image from a file of the host.
  public func load(path: String) throws(SessionError) { try load(bytes: try HostFile.read(path, as: .image), path: path) }

  /// Loads an image from its bytes; `path` is what it is called in messages.
  public func load(bytes: [UInt8], path: String) throws(SessionError) {
    let tree = VirtBoard.deviceTree(memory: configuration.memorySize, processors: configuration.processorCount)
    do throws(ImageError) {
      let image = try LoadedImage(bytes, deviceTree: tree.flattened, into: machine.memory)
      machine.processors[0].reset(entry: image.entry, x0: image.x0)
    } catch { throw .file(path, "\(error)") }
  }

  /// Instructions retired on all processors together.
  public var instructionsRetired: UInt64 { machine.processors.reduce(0) { $0 + $1.instructionsRetired } }

  // MARK: Running

  /// Runs until something stops the board; at most until `limit` instructions have retired in all.
  public func run(until limit: UInt64 = .max) -> BoardStop {
    while true {
      if let outcome { return outcome }
      if instructionsRetired >= limit { return .instructionLimit }
      var longest: UInt64 = 0
      var ran = false
      for processor in machine.processors where power.isOn[processor.number] {
        let left = limit - instructionsRetired
        if left == 0 { break }
        processor.systemCount = now
        processor.updateTimer()
        if processor.waiting != nil { continue }
        ran = true
        let before = processor.instructionsRetired
        let turn = power.isOn.count { $0 } > 1 ? Self.turn : .max
        let stop = processor.run(until: before + min(turn, left))
        longest = max(longest, processor.instructionsRetired - before)
        if let request { return end(request) }
        if case .exceptionLoop(let pc) = stop { return end(.lockedUp(processor: processor.number, pc: pc.rawValue)) }
      }
      now &+= longest
      // Nobody runs: time goes on to the next timer.
      if !ran {
        guard let deadline = machine.processors.compactMap({ power.isOn[$0.number] ? $0.timerDeadline : nil }).min() else {
          return end(.deadlock)
        }
        now = max(now, deadline)
      }
    }
  }

  private func end(_ stop: BoardStop) -> BoardStop {
    outcome = stop
    return stop
  }

  /// Ends the processor's run after this instruction.
  private func stop(_ processor: Processor, _ stop: BoardStop) {
    request = stop
    processor.requestStop()
  }

  // MARK: What firmware would do

  private func halt(_ processor: Processor, _ immediate: UInt16) -> Bool {
    if immediate != Semihosting.immediate { return false }
    switch Semihosting(output: write).call(processor) {
    case .done: break
    case .exit(let status): stop(processor, .exited(status))
    case .unsupported(let operation):
      if unsupportedOperations.insert(operation).inserted {
        complain("semihosting operation 0x\(String(operation, radix: 16)) is not supported; it answers -1")
      }
    }
    return true
  }

  private func call(_ processor: Processor, _ immediate: UInt16) -> Bool {
    if immediate != 0 { return false }
    let wasOn = power.isOn
    switch power.call(processor, machine.processors) {
    // A processor that was turned on has its turn before this one goes on.
    case .none: if power.isOn != wasOn { processor.requestStop() }
    case .suspend:
      processor.waitForInterrupt()
      processor.requestStop()
    case .off:
      power.turnOff(processor.number)
      processor.requestStop()
    case .systemOff, .systemReset: stop(processor, .poweredOff)
    }
    return true
  }

  private func write(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { host.write(1, $0) } }
  private func complain(_ what: String) { _ = Array("faultline: \(what)\n".utf8).withUnsafeBytes { host.write(2, $0) } }
}
