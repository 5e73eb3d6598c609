// Owns exec: the steps from an ELF file to an address space, a stack and the first registers. It does not know where the file came from.
// Linux: fs/binfmt_elf.c, fs/exec.c.
import Architecture
import ELFFormat
import LinuxMM

/// Why a program cannot be started.
public enum ExecError: Error, CustomStringConvertible {
  case dynamic(interpreter: String)
  case argumentsTooLong(bytes: Int, limit: Int)
  case memory(Errno, String)
  case properties(String)

  public var description: String {
    switch self {
    case .dynamic(let interpreter):
      "it is dynamically linked (it asks for \(interpreter)); only static programs can be run: link it with -static or -static-pie"
    case .argumentsTooLong(let bytes, let limit): "its arguments and environment take \(bytes) bytes; \(limit) are possible"
    case .properties(let text): text
    case .memory(let errno, let what):
      errno == .ENOMEM
        ? "\(what) does not fit into guest memory; give more with --memory"
        : "\(what) cannot be mapped where the file asks (error \(errno.rawValue))"
    }
  }
}

/// The arguments of a program: the path for AT_EXECFN, argv and envp.
struct ProgramCall {
  var path: [UInt8]
  var arguments: [[UInt8]]
  var environment: [[UInt8]]
  /// Whether the program's code has landing pads for indirect branches.
  var hasLandingPads = false
  /// The contents of /proc/PID/cmdline: each argument with its terminating zero.
  var commandLine: [UInt8] { arguments.flatMap { $0 + [0] } }
}

/// The first register values of a loaded program.
struct LoadedProgram {
  var space: MMID
  var stack: InitialStack
  var entry: UInt64
}

extension Programs {
  /// Starts a program as the first task. See `Kernel.exec`.
  func exec(
    _ el1: EL1Interface, _ elf: ELFFile, bytes: [UInt8], path: String, link: String, programFile: Int32, arguments: [String],
    environment: [String]
  ) throws(ExecError) {
    precondition(state.isEmpty, "one program at a time")
    precondition(elf.size == bytes.count, "the file is these bytes")
    if let interpreter = elf.interpreter {
      throw .dynamic(interpreter: String(decoding: ELFFile.path(bytes[interpreter]), as: UTF8.self))
    }
    let id = TaskID.firstProgram
    var call = ProgramCall(
      path: Array(path.utf8), arguments: ([path] + arguments).map { Array($0.utf8) }, environment: environment.map { Array($0.utf8) })
    if let range = elf.properties {
      do { call.hasLandingPads = try ProgramProperties.haveLandingPads(Array(bytes[range])) && features.bti } catch {
        throw .properties("\(error)")
      }
    }
    let (files, context) = files.setUpFiles(el1)
    let file = programContents(el1, bytes, link, programFile)
    let program = try load(el1, elf, file, call, for: id, MemoryLimits())
    mm.releaseFile(el1, file)
    var process = Process(
      id: id, parent: .initial, group: id, session: id,
      handlers: processes.addHandlers([SignalAction](repeating: SignalAction(), count: 65)))
    process.executable = Array(link.utf8)
    process.arguments = call.commandLine
    (process.auxiliary, process.environment) = (program.stack.auxiliary, program.stack.environment)
    let first = state.add(process)
    precondition(first == .first, "the first process has the first slot")
    var task = Task(id: id, mm: program.space, process: .first)
    task.run = .running
    task.name = Programs.name(call.path)
    (task.files, task.fs) = (files, context)
    state.lastID = id.rawValue
    mm.addUser(of: program.space)
    state.current = processes.addTask(task)
    el1.block.pointee.task = id.rawValue
    do { try processes.addInit(el1, files: self.files.setUpNoFiles()) } catch { throw .memory(error, "the first page table") }
    start(el1, program)
    el1.exceptionReturn()
  }

  /// Loads a program into a new address space with a new stack. If that fails, the new address space is freed again.
  func load(
    _ el1: EL1Interface, _ elf: ELFFile, _ file: FileID, _ call: ProgramCall, for id: TaskID, _ limits: MemoryLimits, isLegacy: Bool = false
  ) throws(ExecError) -> LoadedProgram {
    let space: MMID
    do { space = try mm.createMM(el1) } catch { throw .memory(error, "the first page table") }
    mm.setLimits(space, limits)
    mm.chooseLayout(space, isLegacy: isLegacy)
    mm.setExecutable(space, file)
    do { return try load(el1, elf, file, call, for: id, into: space) } catch {
      mm.destroyMM(el1, space)
      throw error
    }
  }

  private func load(
    _ el1: EL1Interface, _ elf: ELFFile, _ file: FileID, _ call: ProgramCall, for id: TaskID, into space: MMID
  ) throws(ExecError) -> LoadedProgram {
    let bias = elf.kind == .shared ? Kernel.dynamicBase : 0
    var brk: UInt64 = 0
    for segment in elf.segments {
      do { try map(el1, space, id, file, segment, bias, hasLandingPads: call.hasLandingPads) } catch {
        throw .memory(error, "the segment at 0x\(String(segment.address, radix: 16))")
      }
      brk = max(brk, (segment.end &+ bias &+ 0xfff) & ~0xfff)
    }
    // Linux leaves a random number of pages between a program and its heap. One page is enough to make them two mappings.
    let data = elf.segments.max { $0.address < $1.address }
    mm.setBrk(space, start: brk &+ 0x1000, dataSize: data?.fileSize ?? 0)
    do { try mapVDSO(el1, space) } catch { throw .memory(error, "the vDSO") }
    let stack = InitialStack(
      elf: elf, bias: bias, call: call, features: features, profile: profile, random: random.bytes(16), vdso: mm[space].vdso)
    let limit = Int(min(mm[space].limits.stack / 4, 6 << 20))
    if stack.bytes.count > limit { throw .argumentsTooLong(bytes: stack.bytes.count, limit: limit) }
    do {
      // Linux leaves 128 KiB of the stack mapped below the part that it filled.
      let low = (stack.pointer & ~0xfff) - (128 << 10)
      try mm.mapFixed(
        el1, space, start: low, end: Layout48.stackTop, flags: [.READ, .WRITE, .GROWSDOWN], purpose: .stack)
      try mm.pokeUser(el1, space, task: id, address: stack.pointer, stack.bytes)
    } catch { throw .memory(error, "the stack") }
    return LoadedProgram(space: space, stack: stack, entry: elf.entry &+ bias)
  }

  /// Maps the vDSO and its data where mmap would put them. Linux: arch_setup_additional_pages().
  private func mapVDSO(_ el1: EL1Interface, _ space: MMID) throws(Errno) {
    if vdso == nil {
      let (image, signalReturn) = VDSO.image(profile)
      let pages = stride(from: 0, to: image.count, by: 4096).map { Array(image[$0..<$0 + 4096]) }
      let file = try mm.createSpecialFile(el1, pages)
      vdso = VDSO(image: file, data: try mm.createSpecialFile(el1, VDSO.data(profile)), signalReturn: signalReturn)
    }
    guard let vdso else { return }
    let data = UInt64(VDSO.dataPages(profile)) << 12
    guard let start = mm.unmappedArea(space, bytes: data + UInt64(VDSO.imagePages) << 12) else { throw .ENOMEM }
    mm.mapSpecial(el1, space, at: start, vdso.data, flags: VDSO.dataFlags(profile), purpose: .vvar)
    let code: VMFlags = [.READ, .EXEC, .MAYREAD, .MAYWRITE, .MAYEXEC]
    mm.mapSpecial(el1, space, at: start + data, vdso.image, flags: code, purpose: .vdso)
  }

  /// Puts the running task at a program's first instruction, with all registers zero. Linux: start_thread(), flush_thread().
  func start(_ el1: EL1Interface, _ program: LoadedProgram) {
    scheduler.activate(el1, program.space)
    pointerAuthentication.startPointerKeys(el1)
    SavedRegisters().load(el1)
    el1[.SP_EL0] = program.stack.pointer
    el1[.ELR_EL1] = program.entry
    // Speculative store bypassing is allowed unless a program asks otherwise. Linux: spectre_v4_enable_task_mitigation().
    var start = ProcessorState.EL0t
    start.ssbs = features.ssbs
    el1[.SPSR_EL1] = start.rawValue
    if el1.traces(.programStarted) {
      el1.record(.programStarted, UInt64(state[state.currentProcess].id.rawValue), 0, UInt64(program.space.rawValue))
    }
  }
}
