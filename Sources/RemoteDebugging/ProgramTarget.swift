// Owns a program under a kernel as a debugger's target: its registers, memory and files, and starting it anew. It does not know packets,
// nor how a run is cut into steps.
import Architecture
import DebugShell
import Debugging
import GDBProtocol
import Laboratory
import LinuxKernel
import LinuxMM
import Machine
import Synchronization

public final class ProgramTarget: RemoteTarget {
  /// Makes a session with the program loaded, from its arguments and the changes of its environment.
  public typealias Start = (_ arguments: [String], _ environment: [EnvironmentChange]) throws(SessionError) -> Session

  public internal(set) var session: Session
  private let start: Start
  private let path: String
  private var arguments: [String]
  private let registers: RegisterSet
  private let running: RunningMachine
  private var shell: Shell?
  /// What the debugger asked for when the run began. Holds and catches look at it.
  var order = RunOrder([])
  var events = ProgramEvents()
  /// The signal before which the thread is held, as the debugger has changed it; nil if it has not.
  var writtenSignal: SignalInfo?
  private(set) lazy var tracer = OrderTracer(self)

  /// `path` is the program's name for the shell. `wake` ends a wait for the program's input.
  public init(
    path: String, arguments: [String], wake: @escaping @Sendable () -> Void = {}, start: @escaping Start
  ) throws(SessionError) {
    self.path = path
    self.arguments = arguments
    self.start = start
    session = try start(arguments, [])
    registers = RegisterSet(session.processor)
    running = RunningMachine(session.machine, wake)
    attach()
  }

  private func attach() {
    session.recordsFaults = true
    session.recordsMappings = true
  }

  public var registerFeatures: [RegisterFeature] { registers.features }
  public var commonRegisterCount: Int { registers.commonCount }
  public var osABI: String? { "GNU/Linux" }
  public var interrupt: @Sendable () -> Void { running.interrupt }

  // MARK: Threads

  public var stoppedThread: ThreadID { thread(of: session.kernel.state.currentTask) }
  func thread(of task: LinuxKernel.Task) -> ThreadID {
    ThreadID(process: Int(session.kernel.state[task.process].id.rawValue), thread: Int(task.id.rawValue))
  }

  func thread(of task: TaskSummary) -> ThreadID { ThreadID(process: Int(task.process.rawValue), thread: Int(task.id.rawValue)) }

  public var threads: [RemoteThread] {
    if session.outcome != nil { return [] }
    let tasks = session.kernel.tasks.sorted { ($0.process.rawValue, $0.id.rawValue) < ($1.process.rawValue, $1.id.rawValue) }
    return tasks.map { RemoteThread(id: thread(of: $0), name: $0.name, description: describe($0)) }
  }

  private func describe(_ task: TaskSummary) -> String {
    switch task.run {
    case .running: "runs"
    case .runnable: "waits for its turn"
    case .sleeping: "sleeps in system call \(task.systemCall ?? 0)"
    case .stopped: "stopped by a signal"
    case .dead: "has ended"
    }
  }

  /// The task of a thread; nil for one that has ended.
  private func task(_ thread: ThreadID) -> TaskSummary? { session.kernel.tasks.first { Int($0.id.rawValue) == thread.thread } }

  // MARK: Registers and memory

  public func readRegister(_ number: Int, of thread: ThreadID) -> [UInt8]? {
    if !registers.places.indices.contains(number) { return nil }
    if thread != stoppedThread {
      guard let saved = saved(thread) else { return nil }
      if let bytes = registers.read(number, in: saved) { return bytes }
    }
    return registers.read(number, on: session.processor, pc: session.programCounter, state: session.programState)
  }

  private func saved(_ thread: ThreadID) -> SavedRegisters? {
    session.kernel.registers(session.processor.el1, of: TaskID(Int32(truncatingIfNeeded: thread.thread)))
  }

  /// The bits of PSTATE that a debugger may change: NZCV, DIT, SSBS and BTYPE. Linux: valid_user_regs().
  private static let stateMask: UInt64 = 0xf100_1c00

  public func writeRegister(_ number: Int, of thread: ThreadID, _ bytes: [UInt8]) -> Bool {
    if !registers.places.indices.contains(number) || session.outcome != nil { return false }
    if thread != stoppedThread {
      guard var saved = saved(thread) else { return false }
      if registers.write(number, bytes, in: &saved, stateMask: Self.stateMask) {
        return session.kernel.setRegisters(of: TaskID(Int32(truncatingIfNeeded: thread.thread)), saved)
      }
    }
    if number == RegisterSet.programCounter { session.kernel.forgetRestart() }
    return registers.write(number, bytes, on: session.processor, stateMask: Self.stateMask)
  }

  public func readMemory(_ address: UInt64, count: Int, of thread: ThreadID) -> [UInt8] {
    guard let space = task(thread)?.space else { return readPieces(address, count: count) { session.peek($0, count: $1) } }
    let (kernel, el1) = (session.kernel, session.processor.el1)
    return readPieces(address, count: count) { address, count in
      if let bytes = kernel.peek(el1, space, address, count: count) { return bytes }
      let untagged = VirtualAddress(address).untagged.rawValue
      return kernel.mm.readsAsZero(el1, space, untagged) ? [UInt8](repeating: 0, count: count) : nil
    }
  }

  public func writeMemory(_ address: UInt64, _ bytes: [UInt8], of thread: ThreadID) -> Bool {
    guard let space = task(thread)?.space else { return session.poke(address, bytes) }
    return session.kernel.poke(session.processor.el1, space, address, bytes)
  }

  public func readPhysicalMemory(_ address: UInt64, count: Int) -> [UInt8] {
    readPieces(address, count: count) { session.peek(physical: $0, count: $1) }
  }
  public func writePhysicalMemory(_ address: UInt64, _ bytes: [UInt8]) -> Bool { session.poke(physical: address, bytes) }

  public func memoryRegion(around address: UInt64, of thread: ThreadID) -> (start: UInt64, end: UInt64, rights: String)? {
    var hole: (start: UInt64, end: UInt64) = (0, 1 << 48)
    for vma in session.vmas {
      if vma.contains(address) {
        let rights = [(VMFlags.READ, "r"), (.WRITE, "w"), (.EXEC, "x")].filter { vma.flags.contains($0.0) }.map(\.1).joined()
        return (vma.start, vma.end, rights)
      }
      if vma.end <= address { hole.start = max(hole.start, vma.end) } else { hole.end = min(hole.end, vma.start) }
    }
    return (hole.start, hole.end, "")
  }

  // MARK: Files

  public func contents(ofFile path: String, process: Int) throws(FileError) -> [UInt8] {
    if let bytes = session.kernel.syntheticContents(session.processor.el1, path: path) { return bytes }
    if path == executable(ofProcess: process) || path == "/proc/\(process)/exe" { return session.programBytes }
    throw .ENOENT
  }

  public func target(ofLink path: String, process: Int) throws(FileError) -> String {
    guard let target = session.kernel.syntheticLink(session.processor.el1, path: path) else { throw .EINVAL }
    return target
  }

  public func executable(ofProcess process: Int) -> String? {
    session.kernel.executablePath(of: TaskID(Int32(truncatingIfNeeded: process)))
  }

  public func auxiliaryVector(ofProcess process: Int) -> [UInt8]? {
    session.kernel.syntheticContents(session.processor.el1, path: "/proc/\(process)/auxv")
  }

  public func signalInformation(of thread: ThreadID) -> [UInt8]? {
    guard thread == stoppedThread, case .signal(let info) = session.kernel.held else { return nil }
    return (writtenSignal ?? info).bytes
  }

  public func writeSignalInformation(of thread: ThreadID, offset: Int, _ bytes: [UInt8]) -> Bool {
    guard thread == stoppedThread, case .signal(let info) = session.kernel.held,
      let written = (writtenSignal ?? info).replacing(bytes, at: offset)
    else { return false }
    writtenSignal = written
    return true
  }

  public var memoryMap: [MemoryRange]? { nil }

  // MARK: The program's life

  public func restart(arguments: [String]?, _ environment: [EnvironmentChange]) throws(RemoteRefusal) {
    let fresh: Session
    do throws(SessionError) { fresh = try start(arguments ?? self.arguments, environment) } catch { throw RemoteRefusal("\(error)") }
    if let arguments { self.arguments = arguments }
    session = fresh
    shell = nil
    writtenSignal = nil
    running.use(session.machine)
    events = ProgramEvents()
    attach()
  }

  public func execute(_ command: String) -> String {
    if shell == nil {
      let session = session
      shell = try? Shell(path: path, arguments: arguments) { _ throws(SessionError) in session }
    }
    guard let reply = shell?.execute(command, isScript: true) else { return "" }
    return reply.output + (reply.error.map { $0 + "\n" } ?? "")
  }
}

/// Reads page by page, up to the first page that cannot be read.
func readPieces(_ address: UInt64, count: Int, _ read: (_ address: UInt64, _ count: Int) -> [UInt8]?) -> [UInt8] {
  var bytes: [UInt8] = []
  while bytes.count < count {
    let at = address &+ UInt64(bytes.count)
    guard let piece = read(at, min(count - bytes.count, 4096 - Int(at & 0xfff))) else { break }
    bytes += piece
  }
  return bytes
}

/// The machine that runs, which another thread may stop.
final class RunningMachine: Sendable {
  /// Other threads use only `requestStop`, which is made for them.
  private struct Held: @unchecked Sendable {
    let machine: Emulator
  }
  private let machine: Mutex<Held>
  private let wake: @Sendable () -> Void

  init(_ machine: Emulator, _ wake: @escaping @Sendable () -> Void) {
    self.machine = Mutex(Held(machine: machine))
    self.wake = wake
  }

  func use(_ machine: Emulator) {
    let held = Held(machine: machine)
    self.machine.withLock { $0 = held }
  }

  var interrupt: @Sendable () -> Void {
    { [self] in
      machine.withLock { $0.machine.requestStop() }
      wake()
    }
  }
}
