// Owns an image on a board as a debugger's target: its PEs are the threads of one process. It does not know packets.
import Architecture
import DebugShell
import Debugging
import GDBProtocol
import Laboratory
import Machine

public final class BoardTarget: RemoteTarget {
  public typealias Start = () throws(SessionError) -> BoardSession

  public private(set) var session: BoardSession
  private let start: Start
  private let registers: RegisterSet
  private let running: RunningMachine
  private static let process = 1

  private let path: String
  private var shell: Shell?

  /// `path` is the image's name for the shell.
  public init(path: String = "image", start: @escaping Start) throws(SessionError) {
    self.path = path
    self.start = start
    session = try start()
    registers = RegisterSet(session.processor)
    running = RunningMachine(session.machine) {}
  }

  public var registerFeatures: [RegisterFeature] { registers.features }
  public var commonRegisterCount: Int { registers.commonCount }
  public var osABI: String? { nil }
  public var interrupt: @Sendable () -> Void { running.interrupt }

  // MARK: Threads

  private func thread(_ processor: Processor) -> ThreadID { ThreadID(process: Self.process, thread: processor.number + 1) }
  private func processor(_ thread: ThreadID) -> Processor {
    let index = thread.thread - 1
    return session.machine.processors.indices.contains(index) ? session.machine.processors[index] : session.processor
  }

  public var stoppedThread: ThreadID { thread(session.processor) }
  public var threads: [RemoteThread] {
    if session.outcome != nil { return [] }
    return session.machine.processors.map { processor in
      RemoteThread(
        id: thread(processor), name: "PE \(processor.number)",
        description: "EL\(processor.pstate.exceptionLevel), \(processor.instructionsRetired) instructions retired")
    }
  }

  // MARK: Registers and memory

  public func readRegister(_ number: Int, of thread: ThreadID) -> [UInt8]? {
    if !registers.places.indices.contains(number) { return nil }
    let processor = processor(thread)
    return registers.read(number, on: processor, pc: processor.pc, state: processor.pstate)
  }

  /// A debugger may change PSTATE without M, whose change needs an exception or its return.
  private static let stateMask: UInt64 = 0xffff_ffe0

  public func writeRegister(_ number: Int, of thread: ThreadID, _ bytes: [UInt8]) -> Bool {
    if !registers.places.indices.contains(number) { return false }
    return registers.write(number, bytes, on: processor(thread), stateMask: Self.stateMask)
  }

  public func readMemory(_ address: UInt64, count: Int, of thread: ThreadID) -> [UInt8] {
    readPieces(address, count: count) { processor(thread).peek($0, count: $1) }
  }
  public func writeMemory(_ address: UInt64, _ bytes: [UInt8], of thread: ThreadID) -> Bool { processor(thread).poke(address, bytes) }
  public func readPhysicalMemory(_ address: UInt64, count: Int) -> [UInt8] {
    readPieces(address, count: count) { session.peek(physical: $0, count: $1) }
  }
  public func writePhysicalMemory(_ address: UInt64, _ bytes: [UInt8]) -> Bool { session.poke(physical: address, bytes) }
  public func memoryRegion(around address: UInt64, of thread: ThreadID) -> (start: UInt64, end: UInt64, rights: String)? { nil }

  /// RAM and the devices, and between them what only translation leads to: GDB refuses addresses that no range has, and looks at virtual
  /// ones too. The last range ends where addresses end.
  public var memoryMap: [MemoryRange]? {
    var ranges: [MemoryRange] = []
    var end: UInt64 = 0
    for place in session.places {
      if place.start > end { ranges.append(MemoryRange(start: end, size: place.start - end)) }
      ranges.append(MemoryRange(start: place.start, size: place.size))
      end = place.start + place.size
    }
    return ranges + [MemoryRange(start: end, size: 0 &- end)]
  }

  // MARK: Running

  public func allows(_ point: StopPoint) -> Bool { point.isPossible }

  public func resume(_ order: RunOrder) -> RemoteStop {
    if let outcome = session.outcome { return meaning(of: outcome) }
    let points = order.stopPoints[Self.process] ?? []
    session.breakpoints = Set(points.filter { $0.kind.isBreakpoint }.map(\.address))
    session.watches = Set(points.compactMap(\.watch)).sorted { ($0.start, $0.count) < ($1.start, $1.count) }
    defer {
      session.breakpoints = []
      session.watches = []
    }
    let stepper = threads.first { order.action(for: $0.id)?.isStep ?? false }?.id
    guard let stepper, let action = order.action(for: stepper) else { return meaning(of: session.resume(.freely), points) }
    while true {
      let reason = stepOnce(processor(stepper))
      if reason != .instructionLimit { return meaning(of: reason, points) }
      if case .stepRange(let start, let end) = action, (start..<max(start, end)).contains(processor(stepper).pc) { continue }
      return .stopped(stepper, signal: SignalNumbers.trap, nil)
    }
  }

  public func ending(runsOn: Bool) -> RemoteStop? {
    runsOn ? meaning(of: session.resume(.freely)) : session.outcome.map { meaning(of: $0) }
  }

  /// Lets the board run until a PE has retired one instruction, or another reason stops it.
  private func stepOnce(_ processor: Processor) -> StopReason {
    let before = processor.instructionsRetired
    while true {
      let reason = session.resume(.steps(1))
      if reason != .instructionLimit || processor.instructionsRetired != before { return reason }
    }
  }

  private func meaning(of reason: StopReason, _ points: Set<StopPoint> = []) -> RemoteStop {
    let thread = stoppedThread
    switch reason {
    case .breakpoint(let address):
      let kind = points.first { $0.kind.isBreakpoint && $0.address == address }?.kind ?? .softwareBreakpoint
      return .stopped(thread, signal: SignalNumbers.trap, .breakpoint(kind))
    case .watched(let hit):
      let point = points.filter { $0.watch == hit.watch }.min { $0.kind.rawValue < $1.kind.rawValue }
      return .stopped(thread, signal: SignalNumbers.trap, .watchpoint(point?.kind ?? .accessWatchpoint, address: hit.address))
    case .interrupted: return .stopped(thread, signal: SignalNumbers.interrupt, nil)
    case .exited(let status): return .exited(process: Self.process, status: UInt8(truncatingIfNeeded: status))
    case .poweredOff: return .exited(process: Self.process, status: 0)
    case .deadlock: return .stuck(thread, "Every PE waits or is off, and nothing can wake one.")
    default: return .stuck(thread, "The PE is locked up: its exception vector faults itself.")
    }
  }

  // MARK: What a board does not have

  public func contents(ofFile path: String, process: Int) throws(FileError) -> [UInt8] { throw .ENOENT }
  public func target(ofLink path: String, process: Int) throws(FileError) -> String { throw .ENOENT }
  public func executable(ofProcess process: Int) -> String? { nil }
  public func signalInformation(of thread: ThreadID) -> [UInt8]? { nil }
  public func writeSignalInformation(of thread: ThreadID, offset: Int, _ bytes: [UInt8]) -> Bool { false }
  public func auxiliaryVector(ofProcess process: Int) -> [UInt8]? { nil }

  public func restart(arguments: [String]?, _ environment: [EnvironmentChange]) throws(RemoteRefusal) {
    shell = nil
    do throws(SessionError) { session = try start() } catch { throw RemoteRefusal("\(error)") }
    running.use(session.machine)
  }

  public func execute(_ command: String) -> String {
    if shell == nil {
      let session = session
      shell = try? Shell(image: path) { () throws(SessionError) in session }
    }
    guard let reply = shell?.execute(command, isScript: true) else { return "" }
    return reply.output + (reply.error.map { $0 + "\n" } ?? "")
  }
}
