// Owns the requests that run the target or say where it stops, and how a stop is told. It does not know how the target runs.
import GDBProtocol

extension RemoteServer {
  // MARK: Stop points

  func stopping(_ request: Request) -> Reply {
    switch request {
    case .insert(let point):
      if !target.allows(point) { return .empty }
      stopPoints[selected.process, default: []].insert(point)
      return .ok
    case .remove(let point):
      if !target.allows(point) { return .empty }
      stopPoints[selected.process]?.remove(point)
      return .ok
    case .passSignals(let signals):
      passedSignals = Set(signals.compactMap { SignalNumbers.linux(debugger: $0) })
      return .ok
    case .catchSystemCalls(let choice):
      systemCalls[selected.process] = choice
      return .ok
    default: return .empty
    }
  }

  // MARK: Running

  func running(_ request: Request) {
    switch request {
    case .stopReason: tell(lastStop)
    case .knownActions: send(.text("vCont;c;C;s;S;t;r"))
    case .resume(let actions): resume(actions)
    case .resumeSelected(let action, let address):
      if let address, !setProgramCounter(address) { return send(.failure(.noSuchThread)) }
      let thread = thread(resumed) ?? target.stoppedThread
      var actions = [ResumeAction(action, ThreadSelection(process: .one(thread.process), thread: .one(thread.thread)))]
      if resumed.thread == .all || resumed.thread == .any { actions.append(ResumeAction(.continue(signal: 0))) }
      resume(actions)
    // Packets are answered between runs only, where there is nothing to interrupt.
    case .interrupt: send(.ok)
    default: send(.empty)
    }
  }

  private func setProgramCounter(_ address: UInt64) -> Bool {
    target.writeRegister(RegisterSet.programCounter, of: thread(resumed) ?? target.stoppedThread, RegisterSet.bytes(address, 8))
  }

  private func resume(_ actions: [ResumeAction]) {
    var order = RunOrder(actions)
    order.stopPoints = stopPoints.filter { processes.contains($0.key) }
    order.processes = processes
    order.passedSignals = passedSignals
    order.systemCalls = systemCalls
    for (feature, event) in [("fork-events+", RunOrder.EventKind.fork), ("vfork-events+", .vfork), ("exec-events+", .exec)]
    where features.contains(feature) { order.events.insert(event) }
    let stop = run(order)
    lastStop = stop
    tell(stop)
  }

  // MARK: Stops

  func tell(_ stop: RemoteStop) {
    switch stop {
    case .stopped(let thread, let signal, let event): send(.stop(.stopped(describe(thread, signal, event))))
    case .stuck(let thread, let text):
      sendConsole("\(text)\n")
      send(.stop(.stopped(describe(thread, SignalNumbers.interrupt, nil))))
    case .exited(let process, let status):
      forget(process)
      send(.stop(.exited(status: status, process: namesProcesses ? process : nil)))
    case .killed(let process, let signal):
      forget(process)
      send(.stop(.killed(signal: signal, process: namesProcesses ? process : nil)))
    }
  }

  private func describe(_ thread: ThreadID, _ signal: UInt8, _ event: RemoteEvent?) -> Stop {
    selected = thread
    var stop = Stop(signal: signal, thread: name(thread), event: event.flatMap(described))
    for number in [RegisterSet.framePointer, RegisterSet.stackPointer, RegisterSet.programCounter] {
      if let bytes = target.readRegister(number, of: thread) { stop.registers.append((number, bytes)) }
    }
    return stop
  }

  /// The event as the debugger can be told of it; nil if it does not know such events.
  private func described(_ event: RemoteEvent) -> StopEvent? {
    switch event {
    case .breakpoint(.hardwareBreakpoint): return features.contains("hwbreak+") ? .hardwareBreakpoint : nil
    case .breakpoint: return features.contains("swbreak+") ? .softwareBreakpoint : nil
    case .watchpoint(let kind, let address): return .watchpoint(kind, address: address)
    case .systemCallEntry(let number): return .systemCallEntry(number)
    case .systemCallReturn(let number): return .systemCallReturn(number)
    case .fork(let child):
      adopt(child, from: selected.process)
      return .fork(child: name(child))
    case .vfork(let child):
      adopt(child, from: selected.process)
      return .vfork(child: name(child))
    case .vforkDone: return .vforkDone
    case .exec(let path):
      stopPoints[selected.process] = nil
      return .exec(path: path)
    }
  }

  /// A child begins with the stop points of its parent.
  private func adopt(_ child: ThreadID, from parent: Int) {
    processes.insert(child.process)
    stopPoints[child.process] = stopPoints[parent]
  }

  /// Forgets a process that has ended, or that the debugger lets go.
  func forget(_ process: Int) {
    processes.remove(process)
    stopPoints[process] = nil
    systemCalls[process] = nil
  }
}
