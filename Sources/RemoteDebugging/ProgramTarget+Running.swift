// Owns how a program runs for a debugger: what stops it, single steps of one thread, and the signals that go with it. It does not know
// packets. The kernel's own schedule decides which thread runs, so that a run with a debugger is the run without one.
import Architecture
import Debugging
import GDBProtocol
import Laboratory
import LinuxKernel
import LinuxMM
import Machine

/// Asks the run order where a task is to be held.
final class OrderTracer: Tracer {
  private unowned let target: ProgramTarget
  init(_ target: ProgramTarget) { self.target = target }

  func holds(before signal: Int32, in process: TaskID) -> Bool {
    target.order.processes.contains(Int(process.rawValue)) && !target.order.passedSignals.contains(Int(signal))
  }
  func holds(around systemCall: UInt64, in process: TaskID) -> Bool {
    target.order.systemCalls[Int(process.rawValue)]?.includes(systemCall) ?? false
  }
  /// The protocol has no word for an abort that has not been handled.
  func holds(before abort: FaultLogEntry) -> Bool { false }
}

extension ProgramTarget {
  public func allows(_ point: StopPoint) -> Bool { point.isPossible }

  public func resume(_ order: RunOrder) -> RemoteStop {
    if let outcome = session.outcome { return ended(outcome) }
    self.order = order
    // A command of the shell may have let the program run with a tracer of its own.
    session.kernel.tracer = tracer
    defer { leaveRun() }
    sendSignals()
    let points = order.stopPoints.values.joined()
    session.breakpoints = Set(points.filter { $0.kind.isBreakpoint }.map(\.address))
    session.watches = Set(points.compactMap(\.watch)).sorted { ($0.start, $0.count) < ($1.start, $1.count) }
    events.begin(order, session)
    let stepper = threads.first { order.action(for: $0.id)?.isStep ?? false }
    if let stepper, let action = order.action(for: stepper.id) { return step(stepper.id, action) }
    while true {
      if let stop = meaning(of: resume(.freely)) { return stop }
    }
  }

  public func ending(runsOn: Bool) -> RemoteStop? {
    if !runsOn { return session.outcome.map(ended) }
    return resume(RunOrder([ResumeAction(.continue(signal: heldSignal))]))
  }

  /// GDB's number of the signal before which the running thread is held; 0 for none.
  private var heldSignal: Int {
    if case .signal(let info) = session.kernel.held { Int(SignalNumbers.debugger(linux: Int(info.signal))) } else { 0 }
  }

  private func leaveRun() {
    session.breakpoints = []
    session.watches = []
    session.traceMask = []
    session.catches = nil
  }

  private func resume(_ request: ResumeRequest, stepping thread: ThreadID? = nil) -> StopReason {
    session.traceMask = events.mask(stepping: thread, isRunning: thread == stoppedThread)
    session.catches = { [unowned self] record in events.takes(record, stepping: thread) }
    return session.resume(request)
  }

  /// Gives each thread the signal with which it goes on. A signal before which the running thread was held is dropped if it is not among
  /// them.
  private func sendSignals() {
    let kernel = session.kernel
    let running = stoppedThread
    for thread in threads {
      let number = order.action(for: thread.id).flatMap { SignalNumbers.linux(debugger: $0.signal) }
      let info = number.map { SignalInfo(signal: Int32($0), code: SignalCode.SI_USER, address: 0) }
      if thread.id != running {
        if let info { _ = kernel.send(info, toTask: TaskID(Int32(thread.id.thread))) }
      } else if case .signal(let held) = kernel.held {
        kernel.release(with: held.signal == info?.signal ? writtenSignal ?? held : info)
      } else {
        kernel.release(with: info)
      }
    }
    writtenSignal = nil
  }

  // MARK: Stops

  /// What a stop means to the debugger; nil if the program is to run on.
  private func meaning(of reason: StopReason) -> RemoteStop? {
    let thread = stoppedThread
    switch reason {
    case .breakpoint(let address):
      let points = order.stopPoints[thread.process] ?? []
      guard let point = points.first(where: { $0.kind.isBreakpoint && $0.address == address }) else { return nil }
      return .stopped(thread, signal: SignalNumbers.trap, .breakpoint(point.kind))
    case .watched(let hit):
      let points = order.stopPoints[thread.process] ?? []
      guard let point = points.filter({ $0.watch == hit.watch }).min(by: { $0.kind.rawValue < $1.kind.rawValue }) else { return nil }
      return .stopped(thread, signal: SignalNumbers.trap, .watchpoint(point.kind, address: hit.address))
    case .held: return held(thread)
    case .interrupted: return .stopped(thread, signal: SignalNumbers.interrupt, nil)
    case .caught: return events.takeStop()
    case .instructionLimit: return nil
    default: return ended(reason)
    }
  }

  private func held(_ thread: ThreadID) -> RemoteStop? {
    switch session.kernel.held {
    case .signal(let info): .stopped(thread, signal: SignalNumbers.debugger(linux: Int(info.signal)), nil)
    case .systemCallEntry(let number): .stopped(thread, signal: SignalNumbers.trap, .systemCallEntry(number))
    case .systemCallReturn(let number): .stopped(thread, signal: SignalNumbers.trap, .systemCallReturn(number))
    case .abort, nil: nil
    }
  }

  func ended(_ reason: StopReason) -> RemoteStop {
    let thread = stoppedThread
    let process = Int(TaskID.firstProgram.rawValue)
    switch reason {
    case .exited(let status): return .exited(process: process, status: UInt8(truncatingIfNeeded: status))
    case .killed(let signal): return .killed(process: process, signal: SignalNumbers.debugger(linux: Int(signal)))
    case .deadlock: return .stuck(thread, "Every thread waits, and nothing can wake one.")
    default: return .stuck(thread, "The same exception comes again without end, whatever the kernel does.")
    }
  }

  // MARK: Steps

  private func step(_ thread: ThreadID, _ action: Action) -> RemoteStop {
    while true {
      if let stop = stepOnce(thread) { return stop }
      guard case .stepRange(let start, let end) = action, thread == stoppedThread, start <= session.programCounter,
        session.programCounter < end
      else { return .stopped(thread, signal: SignalNumbers.trap, nil) }
    }
  }

  /// Lets the target run until a thread has retired one instruction, or a handler of a signal is about to begin in it; returns a stop that
  /// came before.
  private func stepOnce(_ thread: ThreadID) -> RemoteStop? {
    events.beginStep()
    while true {
      let isAlive = threads.contains { $0.id == thread }
      let reason = thread == stoppedThread ? resume(.steps(1), stepping: thread) : resume(.freely, stepping: isAlive ? thread : nil)
      // What has happened to another thread meanwhile is told first.
      if let stop = meaning(of: reason) { return stop }
      if events.hasStepped { return nil }
    }
  }
}

extension StopPoint.Kind {
  var isBreakpoint: Bool { self == .softwareBreakpoint || self == .hardwareBreakpoint }
}

extension StopPoint {
  /// The watch of a watchpoint; nil for a breakpoint, and for a range that is none.
  var watch: Watch? {
    let start = VirtualAddress(address).untagged.rawValue
    if kind.isBreakpoint || size == 0 || size > 1 << 30 || start &+ (size - 1) < start { return nil }
    return Watch(start: start, count: size, reads: kind != .writeWatchpoint, writes: kind != .readWatchpoint)
  }
  /// Whether a machine can stop there.
  var isPossible: Bool { kind.isBreakpoint ? address & 3 == 0 : watch != nil }
}

extension Action {
  var isStep: Bool {
    switch self {
    case .step, .stepRange: true
    case .continue, .stop: false
    }
  }
}
