// Owns the events of a program that a debugger hears of: new processes, other programs, ends, and the progress of a step. It does not know
// how a run is resumed.
import Architecture
import Debugging
import GDBProtocol
import Laboratory
import LinuxKernel
import LinuxMM

/// What the records of a run mean to a debugger.
struct ProgramEvents {
  private var order = RunOrder([])
  private var executable: (Int) -> String? = { _ in nil }
  /// The process of each thread that is or was there.
  private var processes: [Int: Int] = [:]
  /// The threads that wait for their vfork child.
  private var vforkParents: Set<Int> = []
  private var stops: [RemoteStop] = []
  /// Whether the thread that steps has done its step.
  private(set) var hasStepped = false

  private static let CLONE_VFORK: UInt64 = 0x4000

  mutating func begin(_ order: RunOrder, _ session: Session) {
    self.order = order
    for task in session.kernel.tasks { processes[Int(task.id.rawValue)] = Int(task.process.rawValue) }
    executable = { [unowned session] in session.kernel.executablePath(of: TaskID(Int32($0))) }
    hasStepped = false
  }

  mutating func beginStep() { hasStepped = false }

  /// The stop that a caught record means; nil if it only tells of a step's progress.
  mutating func takeStop() -> RemoteStop? { stops.isEmpty ? nil : stops.removeFirst() }

  /// The records that are needed while a thread steps, or none does. `isRunning` tells whether the stepping thread has the PE.
  func mask(stepping: ThreadID?, isRunning: Bool) -> TraceMask {
    var mask: TraceMask = [.taskCreated, .programStarted, .taskEnded]
    if order.systemCalls.values.contains(where: { $0 != .none }) { mask.insert(.systemCall) }
    if !vforkParents.isEmpty || order.events.contains(.vfork) { mask.insert(.systemCallResult) }
    if stepping != nil { mask.formUnion(isRunning ? [.instruction, .signal] : [.taskSwitch]) }
    return mask
  }

  /// Whether a record stops the run.
  mutating func takes(_ record: TraceRecord, stepping: ThreadID?) -> Bool {
    let task = Int(record.task)
    switch record.kind {
    case .instruction:
      if let stepping, stepping.thread == task { hasStepped = true }
      return false
    case .signal:
      // A handler begins behind the frame, and a step ends there.
      guard let stepping, stepping.thread == task, record.c != 0 else { return false }
      hasStepped = true
      return true
    case .taskSwitch: return stepping.map { record.b == UInt64($0.thread) } ?? false
    case .taskCreated: return created(record, by: task)
    case .programStarted:
      let process = Int(record.a)
      guard order.events.contains(.exec), order.processes.contains(process), let path = executable(process) else { return false }
      return stop(ThreadID(process: process, thread: process), .exec(path: path))
    case .systemCallResult:
      guard vforkParents.remove(task) != nil, let process = processes[task], order.processes.contains(process) else { return false }
      return stop(ThreadID(process: process, thread: task), .vforkDone)
    case .taskEnded: return ended(record)
    default: return false
    }
  }

  private mutating func stop(_ thread: ThreadID, _ event: RemoteEvent) -> Bool {
    stops.append(.stopped(thread, signal: SignalNumbers.trap, event))
    return true
  }

  private mutating func created(_ record: TraceRecord, by parent: Int) -> Bool {
    let (child, process) = (Int(record.a), Int(record.c))
    processes[child] = process
    // A child that is a thread of the same process is found in the list of threads.
    guard child == process, let parentProcess = processes[parent], order.processes.contains(parentProcess) else { return false }
    let isVfork = record.b & Self.CLONE_VFORK != 0
    if !order.events.contains(isVfork ? .vfork : .fork) { return false }
    if isVfork { vforkParents.insert(parent) }
    let id = ThreadID(process: process, thread: child)
    return stop(ThreadID(process: parentProcess, thread: parent), isVfork ? .vfork(child: id) : .fork(child: id))
  }

  /// The end of a process's last thread. The end of the first process is the end of the run, which needs no record.
  private mutating func ended(_ record: TraceRecord) -> Bool {
    guard record.c == 1, let process = processes[Int(record.a)], process != Int(TaskID.firstProgram.rawValue),
      order.processes.contains(process)
    else { return false }
    let status = Int(record.b)
    if status & 0x7f != 0 {
      stops.append(.killed(process: process, signal: SignalNumbers.debugger(linux: status & 0x7f)))
    } else {
      stops.append(.exited(process: process, status: UInt8(truncatingIfNeeded: status >> 8)))
    }
    return true
  }
}
