// Owns the requests about the life of programs: running anew, killing, detaching. It does not know how a program is loaded.
import GDBProtocol

extension RemoteServer {
  func life(_ request: Request) {
    switch request {
    case .run(_, let arguments):
      // The target has one program, so the file that the debugger names is not looked at.
      restart(arguments: arguments.isEmpty ? nil : arguments.map { String(decoding: $0, as: UTF8.self) })
    // This request has no answer.
    case .restart: do { try start(nil) } catch { sendConsole("\(error)\n") }
    case .attach(let process):
      send(
        .refusal("process \(process) cannot be attached to: Faultline debugs the program that it was started with; 'run' starts it anew"))
    case .kill(let process):
      if let process {
        guard processes.contains(process) else { return send(.failure(.noSuchThread)) }
        forget(process)
        lastStop = .killed(process: process, signal: SignalNumbers.debugger(linux: 9))
        send(.ok)
        if processes.isEmpty && !isExtended { finish(.killed) }
      } else {
        finish(.killed)
      }
    case .detach(let process):
      hasDetached = true
      if let process {
        guard processes.contains(process) else { return send(.failure(.noSuchThread)) }
        forget(process)
      } else {
        for process in processes { forget(process) }
      }
      send(.ok)
      if processes.isEmpty && !isExtended { finish(.detached) }
    case .environment(let change):
      environment.append(change)
      send(.ok)
    // The program is started without a shell and at fixed addresses in any case.
    case .startupPreference: send(.ok)
    default: send(.empty)
    }
  }

  private func restart(arguments: [String]?) {
    do {
      try start(arguments)
      tell(lastStop)
    } catch { send(.refusal("\(error)")) }
  }

  private func start(_ arguments: [String]?) throws(RemoteRefusal) {
    try target.restart(arguments: arguments, environment)
    stopPoints = [:]
    systemCalls = [:]
    selected = target.stoppedThread
    processes = [selected.process]
    lastStop = .stopped(selected, signal: SignalNumbers.trap, nil)
  }

  /// What lldb asks at first: the machine and the process, as keys and values.
  func lldb(_ request: Request) -> Reply {
    let system = target.osABI == nil ? "none-elf" : "unknown-linux-gnu"
    let triple = Hexadecimal.text("aarch64-\(system)".utf8)
    var fields = ["triple:\(triple)", "ptrsize:8", "endian:little"]
    // LLDB takes a trap at the program's entry, where it puts a breakpoint of its own, for a hit of that, and runs on.
    if lastStop == .stopped(selected, signal: SignalNumbers.trap, nil) { lastStop = .stopped(selected, signal: SignalNumbers.stop, nil) }
    if request == .processInformation {
      if shownThreads.isEmpty { return .failure(.noSuchThread) }
      fields.append("pid:" + String(selected.process, radix: 16))
    }
    if target.osABI != nil { fields.append("ostype:linux") }
    return .text(fields.joined(separator: ";") + ";")
  }
}
