// Owns the data about a stop: why the program stopped or ended, and where it stands. It does not know how the program was resumed.
import Architecture
import Debugging
import JSONDocuments
import Laboratory
import LinuxKernel

/// A fault that the kernel has handled, or has turned into a signal.
struct FaultData: Codable, Sendable {
  /// The number of instructions that had retired.
  let instruction: UInt64
  let task: Int32
  let access: FaultFilter.Access
  let address: HexadecimalText
  let esr: HexadecimalText
  let status: String
  /// The signal that it became; none if it was served.
  let signal: String?
  /// How it was served; none if it was not, or has not been yet.
  let how: String?
  let pc: HexadecimalText
  let symbol: String?
}

struct StopData: Codable, Sendable {
  enum Reason: String, Codable, CaseIterable, SchemaDescribed {
    /// The program has ended.
    case exited, killed, deadlock, panicked, noProgress, poweredOff, lockedUp
    /// It stands and can go on.
    case step, breakpoint, watchpoint, catchpoint, signal, systemCall, interrupted
  }
  let reason: Reason
  /// The exit status.
  var status: Int32?
  /// The signal that killed the program, or that is about to be delivered, and its si_code by name.
  var signal: String?
  var code: String?
  /// The system call at whose entry or return the program stands.
  var systemCall: String?
  /// What a call returned, at its return.
  var result: Int64?
  var fault: FaultData?
  /// The stop points that asked for the stop.
  let stopPoints: [Int]
  /// What they saw, in lines: the old and the new value of a watchpoint.
  let findings: [String]
  let task: Int32?
  /// The next instruction.
  let next: InstructionData
  /// The number of instructions that have retired.
  let instructions: UInt64
  /// Why a panic happened.
  var message: String?
}

extension FaultFilter.Access: Codable, SchemaDescribed {}

extension Shell {
  func faultData(_ entry: FaultLogEntry) -> FaultData {
    FaultData(
      instruction: entry.instruction, task: entry.task.rawValue, access: entry.access, address: HexadecimalText(entry.far),
      esr: HexadecimalText(entry.esr.rawValue), status: "\(entry.esr.faultStatus)",
      signal: entry.signal == 0 ? nil : Signal.name(entry.signal), how: entry.service?.text,
      pc: HexadecimalText(entry.pc), symbol: symbols.name(entry.pc))
  }

  func stopData(_ stop: ShownStop, _ target: any DebugTarget) -> StopData {
    var data = StopData(
      reason: reason(of: stop), stopPoints: stop.rows.map(\.number), findings: stop.findings.filter { !$0.isEmpty },
      task: session.map { $0.kernel.state.currentTask.id.rawValue } ?? board.map { Int32($0.processor.number) },
      next: instructionData(target.programCounter),
      instructions: target.instructionsRetired)
    switch stop.reason {
    case .exited(let status): data.status = status
    case .killed(let signal):
      data.signal = Signal.name(signal)
      data.code = session?.kernel.state.lastSignal.flatMap { $0.signal == signal ? $0.codeName : nil }
      data.fault = lastFault(signal, target)
    case .panicked(let message): data.message = message
    case .caught(let record): data.fault = FaultLogEntry(record).map(faultData)
    case .held:
      switch session?.kernel.held {
      case .signal(let info):
        data.signal = Signal.name(info.signal)
        data.code = info.codeName
        data.fault = lastFault(info.signal, target)
      case .systemCallEntry(let number): data.systemCall = SystemCallNames.name(number) ?? "\(number)"
      case .systemCallReturn(let number):
        data.systemCall = SystemCallNames.name(number) ?? "\(number)"
        data.result = Int64(bitPattern: target.processor[x: 0])
      case .abort(let entry): data.fault = faultData(entry)
      case nil: break
      }
    default: break
    }
    return data
  }

  /// The fault that became this signal at the place where the program stands.
  private func lastFault(_ signal: Int32, _ target: any DebugTarget) -> FaultData? {
    guard let last = session?.faultHistory.entries.last, last.signal == signal, last.pc == target.programCounter else { return nil }
    return faultData(last)
  }

  private func reason(of stop: ShownStop) -> StopData.Reason {
    switch stop.reason {
    case .exited: .exited
    case .killed: .killed
    case .poweredOff: .poweredOff
    case .deadlock: .deadlock
    case .panicked: .panicked
    case .lockedUp: .lockedUp
    case .noProgress: .noProgress
    case .instructionLimit: .step
    case .breakpoint: stop.rows.isEmpty ? .step : .breakpoint
    case .watched: .watchpoint
    case .caught: stop.rows.contains { $0.place != nil || $0.descriptor != nil } ? .watchpoint : .catchpoint
    case .interrupted: .interrupted
    case .held:
      switch session?.kernel.held {
      case .signal: .signal
      case .abort: .catchpoint
      default: .systemCall
      }
    }
  }
}
