// Owns execve: reading its arguments, ending the other threads, and starting the running task's new program. It does not know how a
// program's file is found or mapped. Linux: fs/exec.c.
import Architecture
import ELFFormat
import LinuxMM

extension Programs {
  /// MAX_ARG_STRLEN.
  private static var longestArgument: Int { 128 << 10 }
  /// ARG_MAX: the bytes that arguments and environment may take under any limit.
  private static var argumentRoom: UInt64 { 128 << 10 }

  /// execve(path, arguments, environment).
  func execve(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let path = try files.userPath(el1, a[0])
    if path.isEmpty { throw .ENOENT }
    return try execute(el1, ExecutedFile(path: path), arguments: a[1], environment: a[2])
  }

  /// execveat(directory, path, arguments, environment, flags).
  func execveat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(4)
    let path = try files.userPath(el1, a[1])
    if path.isEmpty && flags & AtFlags.EMPTY_PATH == 0 { throw .ENOENT }
    let check = profile.checksExecution ? Self.checkFlag : 0
    if flags & ~(AtFlags.SYMLINK_NOFOLLOW | AtFlags.EMPTY_PATH | check) != 0 { throw .EINVAL }
    let file = ExecutedFile(directory: a.int(0), path: path, followsLast: flags & AtFlags.SYMLINK_NOFOLLOW == 0)
    return try execute(el1, file, arguments: a[2], environment: a[3], isCheck: flags & check != 0)
  }

  /// AT_EXECVE_CHECK: the call only says whether the file may be executed, whatever is in it.
  private static var checkFlag: UInt32 { 0x1_0000 }

  /// Replaces the running task's program. If it answers an error, nothing has changed. Throws ENOENT, EACCES or ELOOP for the file, ENOEXEC
  /// if the file is not a static program, E2BIG. Linux: do_execveat_common(), load_elf_binary().
  private func execute(
    _ el1: EL1Interface, _ executed: ExecutedFile, arguments: UInt64, environment: UInt64, isCheck: Bool = false
  ) throws(Errno) -> SystemCallResult {
    let file = try files.openExecutable(el1, executed)
    var call = ProgramCall(path: executed.name, arguments: [], environment: [])
    let arguments = try strings(el1, arguments, room: argumentLimit)
    let environment = try strings(el1, environment, room: arguments.room)
    (call.arguments, call.environment) = (arguments.strings, environment.strings)
    if isCheck { return .done(0) }
    // A program always has an argument 0.
    if call.arguments.isEmpty { call.arguments = [[]] }
    let elf = try readProgramHeaders(el1, file.file)
    if let interpreter = elf.interpreter {
      _ = try files.openExecutable(el1, ExecutedFile(path: ELFFile.path(try readPiece(el1, file.file, interpreter))))
      throw .ENOEXEC
    }
    if let range = elf.properties {
      if range.count > ProgramProperties.longestNote { throw .ENOEXEC }
      let note = try readPiece(el1, file.file, range)
      do { call.hasLandingPads = try ProgramProperties.haveLandingPads(note) && features.bti } catch { throw .ENOEXEC }
    }
    let process = state.currentProcess
    if state[process].threads.count > 1 {
      signals.endThreads(process, but: state.current)
      return .sleep(on: .threads(process), until: nil, then: .execve)
    }
    noteHeaderReads(elf)
    let program: LoadedProgram
    do throws(ExecError) {
      let isLegacy = state.currentTask.personality & Personality.compatibleLayout != 0
      program = try load(el1, elf, file.file, call, for: state.currentTask.id, state[process].limits.memory, isLegacy: isLegacy)
    } catch {
      if case .argumentsTooLong = error { throw .E2BIG }
      // Linux has already dropped the old program at this point, so the error kills the process.
      signals.force(SignalInfo(signal: Signal.SIGSEGV, code: SignalCode.SI_KERNEL, address: 0, isForcedKill: true))
      return .registersSet
    }
    try replaceProgram(el1, program)
    state[process].executable = file.link
    // A program without a path was named by its descriptor once.
    let isNamedByFile = executed.path.isEmpty && profile.namesTasksByFile
    state.tasks[state.current].name = Programs.name(isNamedByFile ? file.link : executed.name)
    state.tasks[state.current].acceptsTags = false
    state[process].arguments = call.commandLine
    (state[process].auxiliary, state[process].environment) = (program.stack.auxiliary, program.stack.environment)
    return .registersSet
  }

  /// Counts what the kernel reads of a file before it maps it. Linux: prepare_binprm(), load_elf_phdrs(), parse_elf_properties().
  private func noteHeaderReads(_ elf: ELFFile) {
    let pieces = [min(256, elf.size), elf.programHeaders.count * ELFHeader.programHeaderSize, elf.properties?.count ?? 0]
    for piece in pieces where piece > 0 { state.currentTask.io.noteRead(UInt64(piece)) }
  }

  /// What a task is called that runs this program. Linux: kbasename(), __set_task_comm().
  static func name(_ path: [UInt8]) -> [UInt8] { Array((path.split(separator: slash).last ?? []).prefix(15)) }

  /// Linux: bprm_stack_limits(): a quarter of the stack, at most 6 MiB.
  private var argumentLimit: UInt64 {
    let stack = (try? state[state.currentProcess].limits.limit(ResourceLimits.stack).soft) ?? 0
    return max(min(stack / 4, 6 << 20), Self.argumentRoom)
  }

  /// Reads the strings of a null-terminated vector, and subtracts the size of the strings and their pointers in bytes from `room`. A null
  /// address is an empty vector.
  private func strings(
    _ el1: EL1Interface, _ vector: UInt64, room: UInt64
  ) throws(Errno) -> (strings: [[UInt8]], room: UInt64) {
    var strings: [[UInt8]] = []
    var room = room
    if vector == 0 { return (strings, room) }
    while true {
      let address = try user(el1).get(vector &+ UInt64(strings.count * 8), as: UInt64.self)
      if address == 0 { return (strings, room) }
      let string = try user(el1).getString(address, limit: Self.longestArgument, tooLong: .E2BIG)
      let size = UInt64(string.count + 1 + 8)
      if size > room { throw .E2BIG }
      room -= size
      strings.append(string)
    }
  }

  /// The point of no return: the only thread of a process leaves its old program. Linux: begin_new_exec().
  private func replaceProgram(_ el1: EL1Interface, _ program: LoadedProgram) throws(Errno) {
    let slot = state.current
    let process = state.currentProcess
    try files.closeOnExec(el1)
    processes.leaveMM(el1)
    timers.removePosixTimers(process)
    takeProcessID(slot)
    el1.block.pointee.task = state.tasks[slot].id.rawValue
    state.tasks[slot].mm = program.space
    mm.addUser(of: program.space)
    if state.handlers[state[process].handlers].users > 1 {
      let actions = state.handlers[state[process].handlers].actions
      processes.removeHandlers(state[process].handlers)
      state[process].handlers = processes.addHandlers(actions)
    }
    processes.resetHandlers(state[process].handlers)
    state[process].exitSignal = Signal.SIGCHLD
    state[process].hasExecuted = true
    state.tasks[slot].alternateStack = AlternateStack()
    state.tasks[slot].restartBlock = nil
    start(el1, program)
  }

  /// Gives the remaining thread the process's id, whichever thread it was. Linux: de_thread().
  private func takeProcessID(_ slot: TaskSlot) {
    let process = state.tasks[slot].process
    let id = state[process].id
    if state.tasks[slot].id == id { return }
    // The old address space is gone by then, so only its time and its faults are counted.
    scheduler.chargeTime()
    let faults = mm.taskFaults(state.tasks[slot].id)
    state[process].endedThreads.add(
      Usage(nanoseconds: state.tasks[slot].runTime, minorFaults: faults.minor, majorFaults: faults.major))
    state.tasks[slot].runTime = 0
    state.numbers.removeThread(state.tasks[slot].id, slot)
    state.tasks[slot].id = id
    state.numbers.setThread(id, slot)
    mm.forgetFaults(of: id)
  }
}
