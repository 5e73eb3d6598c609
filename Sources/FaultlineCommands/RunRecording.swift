// Owns what `run` writes beside the program's own output while the program runs: system calls in strace's shape, Linux's log of unhandled
// faults, and a core file. It does not know the forms of the lines.
import Architecture
import ArgumentParser
import CallTrace
import KernelLog
import Laboratory
import LinuxKernel

/// The options of `run` for other tools.
struct RecordingOptions: ParsableArguments {
  @Flag(help: "Write system calls and signals to stderr, in strace's shape.")
  var strace = false

  @Option(help: ArgumentHelp("Write what --strace writes to this file.", valueName: "file"), completion: .file())
  var straceOutput: String?

  @Flag(help: "Write to stderr what Linux logs of faults that no handler takes, as with the sysctl debug.exception-trace.")
  var dmesg = false

  @Option(help: ArgumentHelp("Write an ELF core to this file if a signal ends the program.", valueName: "file"), completion: .file())
  var core: String?

  init() {}

  /// Begins to record what the options ask for. The program must be loaded. It throws one line of text if a file cannot be written.
  func start(_ session: Session) throws -> RunRecording { try RunRecording(self, session) }
}

/// What is recorded of one run. Nothing that the options do not ask for costs anything.
final class RunRecording {
  private unowned let session: Session
  private let isLogging: Bool
  private var tracer: CallTracer?

  fileprivate init(_ options: RecordingOptions, _ session: Session) throws {
    self.session = session
    isLogging = options.dmesg
    if options.strace || options.straceOutput != nil {
      let file = try options.straceOutput.map { try HostWriter.make($0) }
      traceCalls { line in if let file { file.append(line) } else { Standard.error(line) } }
    }
    if let path = options.core {
      // The file is made only if there is a core.
      var file: HostWriter?
      session.kernel.coreListener = { offset, bytes in
        file = file ?? HostWriter.makeOrLeave(path)
        file?.put(bytes, at: offset)
      }
    }
  }

  // MARK: System calls

  private func traceCalls(_ write: @escaping (String) -> Void) {
    let kernel = session.kernel
    let tracer = CallTracer(first: kernel.state.currentTask.id.rawValue, write: write)
    self.tracer = tracer
    traceStart(tracer)
    kernel.callListener = { [unowned self] el1 in
      let task = kernel.state.currentTask.id.rawValue
      if el1[x: 8] & 0xffff_ffff == Self.signalReturn { return returnFromHandler(el1, task) }
      tracer.began(task, number: el1[x: 8] & 0xffff_ffff, arguments: (0..<6).map { el1[x: $0] }, memory: memory(of: task))
    }
    session.traceMask = [.systemCall, .systemCallResult, .signal, .taskCreated, .taskEnded, .programStarted]
    session.catches = { [unowned self] record in
      take(record, tracer)
      return false
    }
  }

  /// The execve that has begun the program: its words stand on the stack, where Linux leaves argc, argv, envp and the auxiliary vector.
  private func traceStart(_ tracer: CallTracer) {
    let task = session.kernel.state.currentTask.id.rawValue
    let memory = memory(of: task)
    func word(_ address: UInt64) -> UInt64 { memory(address, 8).map { $0.reversed().reduce(0) { $0 << 8 | UInt64($1) } } ?? 0 }
    let arguments = session.processor.sp &+ 8
    let environment = arguments &+ 8 &* (word(session.processor.sp) &+ 1)
    var entry = environment
    while word(entry) != 0 { entry &+= 8 }
    entry &+= 8
    while word(entry) != 0 && word(entry) != Self.executedPath { entry &+= 16 }
    tracer.began(task, number: Self.execve, arguments: [word(entry &+ 8), arguments, environment, 0, 0, 0], memory: memory)
    tracer.returned(task, result: 0, memory: memory)
  }

  /// AT_EXECFN.
  private static let executedPath: UInt64 = 31
  private static let execve: UInt64 = 221
  private static let signalReturn: UInt64 = 139

  private func take(_ record: TraceRecord, _ tracer: CallTracer) {
    switch record.kind {
    case .systemCallResult: tracer.returned(record.task, result: record.b, memory: memory(of: record.task))
    // execve succeeds by beginning another program.
    case .programStarted: tracer.returned(record.task, result: 0) { _, _ in nil }
    case .signal:
      let code = Int32(truncatingIfNeeded: record.a)
      tracer.signalled(record.task, TracedSignal(signal: Int32(record.detail), code: code, address: record.b))
    case .taskCreated: tracer.created(Int32(truncatingIfNeeded: record.a), by: record.task)
    case .taskEnded: tracer.ended(Int32(truncatingIfNeeded: record.a), status: record.b)
    default: break
    }
  }

  /// The mask and X0 in the frame at SP. Linux: struct rt_sigframe of arch/arm64.
  private func returnFromHandler(_ el1: EL1Interface, _ task: Int32) {
    let memory = memory(of: task)
    func word(_ offset: UInt64) -> UInt64 {
      memory(el1[.SP_EL0] &+ offset, 8).map { $0.reversed().reduce(0) { $0 << 8 | UInt64($1) } } ?? 0
    }
    tracer?.returnedFromHandler(task, mask: word(168), result: word(312))
  }

  private func memory(of task: Int32) -> MemoryReader {
    guard let space = session.kernel.tasks.first(where: { $0.id.rawValue == task })?.space else { return { _, _ in nil } }
    return { [unowned session] address, count in session.kernel.peek(session.processor.el1, space, address, count: count) }
  }

  // MARK: Faults

  /// A process dies by a signal, and the PE still has the registers of the task that took it.
  func died(_ info: SignalInfo?) {
    guard isLogging, let info, info.code > 0 else { return }
    let el1 = session.processor.el1
    let task = session.kernel.state.currentTask
    let esr = ExceptionSyndrome(rawValue: el1[.ESR_EL1])
    let isAbort = esr.isDataAbort || esr.isInstructionAbort
    var report = KernelReport(
      kind: .program, message: isAbort ? LinuxNames.fault(esr.faultStatus) : LinuxNames.other(esr.rawValue))
    report.task = String(decoding: task.name, as: UTF8.self)
    report.process = UInt64(task.id.rawValue)
    report.esr = task.faultCode
    report.release = session.configuration.kernel.release
    report.general = (0..<31).map { session.processor[x: $0] }
    report.sp = el1[.SP_EL0]
    report.pc = el1[.ELR_EL1]
    report.pstate = el1[.SPSR_EL1]
    report.mapping = mapping(of: el1[.ELR_EL1])
    let nanoseconds = session.instructionsRetired + session.kernel.state.tasks.idleNanoseconds
    Standard.error(report.linuxLines.map { KernelReport.time(nanoseconds) + $0 + "\n" }.joined())
  }

  private func mapping(of pc: UInt64) -> LoggedMapping? {
    guard let area = session.vmas.first(where: { $0.contains(pc) }), let name = session.kernel.fileName(area) else { return nil }
    let file = name.split(separator: UInt8(ascii: "/")).last ?? []
    return LoggedMapping(
      file: String(decoding: file, as: UTF8.self), offset: pc - area.start + area.pageOffset << 12, start: area.start,
      size: area.end - area.start)
  }

  /// The run is over.
  func finish() { tracer?.finish() }
}
