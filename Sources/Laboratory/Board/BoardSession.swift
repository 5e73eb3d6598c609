// Owns a bare-metal image on a board: how it is loaded, the processors' turns, the time between the turns, and what firmware
// would do.
// It does not know instructions, which the machine runs, nor the loop. There is no Linux.
import Architecture
import Debugging
import Decoding
import LinuxKernel
import LinuxMM
import Machine
import Symbols

/// A board with its processors.
public struct BoardConfiguration: Sendable {
  public var features = ProcessorFeatures()
  /// RAM in bytes.
  public var memorySize: UInt64 = 256 << 20
  public var processorCount = 1
  /// Whether every change of a translation table is checked against the break-before-make sequence. It changes no result.
  public var reportsBreakBeforeMake = false
  /// Whether the fast table and fusion are used. They change no result; tests turn them off to show that.
  public var usesFastTable = true
  public var usesFusion = true
  /// How often the decoder asks Capstone. It changes no result.
  public var decodeMode = Decoder.Mode.everyForm
  public init() {}
}

/// An image on a board.
public final class BoardSession {
  public let configuration: BoardConfiguration
  public let machine: Emulator
  let loop: TargetLoop
  public var outcome: StopReason? { loop.outcome }
  private let host: HostIO
  /// The operations that were reported as unsupported. Each is reported once.
  private var unsupportedOperations: Set<UInt64> = []
  /// The host's first error at the UART's or at semihosting's output, which has no way to tell the image; nil while there is none.
  public private(set) var outputError: Errno?
  /// The image's file, as messages name it, and its bytes.
  private(set) var imageFile: (path: String, bytes: [UInt8]) = ("", [])
  /// Names, source lines and stacks of the image. They are read when they are first asked for.
  public private(set) lazy var debugInformation = DebugInformation(loadedModules())
  /// Which processors are on, and whose turn it is.
  struct Turns {
    fileprivate var power: PowerControl
    fileprivate var round = Round()
  }
  var turns: Turns
  private var power: PowerControl {
    get { turns.power }
    set { turns.power = newValue }
  }
  private var round: Round {
    get { turns.round }
    set { turns.round = newValue }
  }

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
    loop = TargetLoop(machine)
    turns = Turns(power: PowerControl(processors: configuration.processorCount))
    machine.bus.attach(PL011 { [unowned self] in write([$0]) }, at: VirtBoard.uart.base, size: VirtBoard.uart.size)
    machine.onHalt = { [unowned self] processor, immediate in halt(processor, immediate) }
    machine.onCall = { [unowned self] processor, _, immediate in call(processor, immediate) }
  }

  /// Loads an image from a file of the host.
  public func load(path: String) throws(SessionError) { try load(bytes: try HostFile.read(path, as: .image), path: path) }

  /// Loads an image from its bytes. `path` is the image's name in messages.
  public func load(bytes: [UInt8], path: String) throws(SessionError) {
    let tree = VirtBoard.deviceTree(memory: configuration.memorySize, processors: configuration.processorCount)
    do throws(ImageError) {
      let image = try LoadedImage(bytes, deviceTree: tree.flattened, into: machine.memory)
      machine.processors[0].reset(entry: image.entry, x0: image.x0)
      imageFile = (path, bytes)
    } catch { throw .file(path, "\(error)") }
  }

  // MARK: The target

  public var processor: Processor { loop.processor }
  public var instructionsRetired: UInt64 { machine.processors.reduce(0) { $0 + $1.instructionsRetired } }
  public var programCounter: UInt64 { processor.pc }
  public var programState: ProcessorState { processor.pstate }
  public func peek(_ va: UInt64, count: Int) -> [UInt8]? { processor.peek(va, count: count) }
  public func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool { processor.poke(va, bytes) }
  public var traceMask: TraceMask {
    get { loop.traceMask }
    set { loop.traceMask = newValue }
  }
  public var catches: ((TraceRecord) -> Bool)? {
    get { loop.catches }
    set { loop.catches = newValue }
  }

  /// The physical addresses at which a device or RAM answers, in order.
  public var places: [(name: String, start: UInt64, size: UInt64)] {
    VirtBoard.places.filter(\.isPresent).map { ($0.name, $0.base, $0.size == 0 ? configuration.memorySize : $0.size) }
  }
  /// Whether PSCI has turned a processor on.
  public func isOn(_ processor: Int) -> Bool { power.isOn[processor] }

  /// Runs until something stops the board.
  public func resume(_ request: ResumeRequest) -> StopReason { loop.resume(self, request) }

  /// Ends the run after the straight-line code that the processor is in.
  private func end(_ processor: Processor, _ stop: StopReason) {
    loop.outcome = stop
    processor.requestStop()
  }

  // MARK: The work of firmware

  private func halt(_ processor: Processor, _ immediate: UInt16) -> Bool {
    if immediate != Semihosting.immediate { return false }
    switch Semihosting(output: write).call(processor) {
    case .done: break
    case .exit(let status): end(processor, .exited(status))
    case .unsupported(let operation):
      if unsupportedOperations.insert(operation).inserted {
        complain("semihosting operation \(hexadecimal(operation)) is not supported; it answers -1")
      }
    }
    return true
  }

  private func call(_ processor: Processor, _ immediate: UInt16) -> Bool {
    if immediate != 0 { return false }
    let wasOn = power.isOn
    switch power.call(processor, machine.processors) {
    // A processor that was turned on gets its turn before this one goes on.
    case .none: if power.isOn != wasOn { endTurn(processor) }
    case .suspend:
      processor.waitForInterrupt()
      endTurn(processor)
    case .off:
      power.turnOff(processor.number)
      endTurn(processor)
    case .systemOff, .systemReset: end(processor, .poweredOff)
    }
    return true
  }

  /// Gives away the rest of the processor's turn, after the straight-line code that it is in.
  private func endTurn(_ processor: Processor) {
    round.turn = nil
    processor.requestStop()
  }

  /// Writes all of the bytes, also where the host takes some of them at a time.
  private func write(_ bytes: [UInt8]) {
    if outputError != nil { return }
    bytes.withUnsafeBytes { bytes in
      do throws(Errno) {
        var done = 0
        while done < bytes.count { done += try host.write(1, UnsafeRawBufferPointer(rebasing: bytes[done...])) }
      } catch { outputError = error }
    }
  }
  private func complain(_ what: String) { _ = Array("faultline: \(what)\n".utf8).withUnsafeBytes { try? host.write(2, $0) } }
}

/// One turn of each processor that is on. The processors share the time: a round lasts as long as its longest turn.
struct Round {
  /// The system counter at the start of the round.
  var now: UInt64 = 0
  /// The number of instructions in the longest turn so far.
  var longest: UInt64 = 0
  /// Whether some processor has had a turn.
  var hasRun = false
  /// The number of the processor that may have the next turn.
  var next = 0
  /// The turn that is not finished, and the count of retired instructions at which it began.
  var turn: Turn?
  var begun: (processor: Int, retired: UInt64)?

  /// How many instructions a processor runs before another that is on gets its turn.
  static let length: UInt64 = 10_000
}

extension BoardSession: Platform {
  func nextTurn() -> Turn? {
    if let turn = round.turn, machine.processors[turn.processor].instructionsRetired < turn.end { return turn }
    round.turn = nil
    while true {
      noteEnd()
      if round.next == machine.processors.count && !endRound() { return nil }
      let processor = machine.processors[round.next]
      round.next += 1
      if !power.isOn[processor.number] { continue }
      processor.systemCount = round.now
      processor.updateTimer()
      if processor.waiting != nil { continue }
      let begun = processor.instructionsRetired
      let isAlone = power.isOn.count { $0 } == 1
      round.hasRun = true
      round.begun = (processor.number, begun)
      round.turn = Turn(processor: processor.number, end: isAlone ? .max : begun + Round.length)
      return round.turn
    }
  }

  /// Measures the turn that has ended.
  private func noteEnd() {
    guard let begun = round.begun else { return }
    round.longest = max(round.longest, machine.processors[begun.processor].instructionsRetired - begun.retired)
    round.begun = nil
  }

  /// Begins a round. If every processor waits, time advances to the next timer; returns false if there is none.
  private func endRound() -> Bool {
    round.now &+= round.longest
    if !round.hasRun {
      guard let deadline = machine.processors.compactMap({ power.isOn[$0.number] ? $0.timerDeadline : nil }).min() else { return false }
      round.now = max(round.now, deadline)
    }
    round = Round(now: round.now)
    return true
  }

  func exceptionTaken(_ processor: Processor, _ vector: ExceptionVector) -> SupervisorVerdict {
    // There is no hosted EL1 here. If an image names its vectors, the fetch of the vector faults.
    .resume
  }

  func turnYielded() { round.turn = nil }

  /// A board has one address space for each PE, and its kernel knows which; a watch is meant for all of them.
  func watches(on processor: Processor, _ watch: Watch) -> Bool { true }

  func actor(on processor: Processor) -> Int { processor.number }
}
