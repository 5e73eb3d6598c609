// Owns the report about a process that a signal has killed: the signal, the instruction with its registers, what the address is and who
// changed it, and the stack. It does not know where the report is shown.
import Architecture
import Debugging
import Decoding
import LinuxKernel
import LinuxMM
import Symbols

/// The report, in lines without their ends.
public struct DeathReport {
  public private(set) var lines: [String] = []
  /// The address that an access or a jump used, and what it is; nil for other signals.
  public private(set) var address: AddressStory?
  public private(set) var backtrace: [FrameDescription] = []

  private let scene: Scene
  private let syndrome: ExceptionSyndrome
  private let faultAddress: UInt64
  private var pc: UInt64 { scene.registers.pc }

  /// The frames that are printed from each end of the stack.
  private static let shown = BacktraceLimits(first: 12, last: 3)

  /// The report about the first process, which ended the run by this signal. Nil if nothing can be said beside the signal.
  public init?(_ session: Session, signal: Int32) {
    let last = session.kernel.state.lastSignal
    self.init(session, signal: signal, last?.signal == signal ? last : nil, who: "", isOutOfMemory: session.kernel.state.outOfMemory)
  }

  /// The report about another process, which the rest of the program outlives.
  public init?(_ session: Session, _ death: ProcessDeath) {
    let parent = death.parent.map { " (child of \($0.rawValue))" } ?? ""
    self.init(
      session, signal: death.signal, death.info, who: "process \(death.process.rawValue)\(parent) ", isOutOfMemory: death.isOutOfMemory)
  }

  /// The report about the running task, which a debugger holds before this signal.
  public init?(heldIn session: Session, _ info: SignalInfo) {
    self.init(session, signal: info.signal, info, who: "about to be ", isOutOfMemory: false)
  }

  private init?(_ session: Session, signal: Int32, _ info: SignalInfo?, who: String, isOutOfMemory: Bool) {
    let el1 = session.processor.el1
    guard !isOutOfMemory, let scene = Scene(session, pc: el1[.ELR_EL1]) else { return nil }
    self.scene = scene
    syndrome = ExceptionSyndrome(rawValue: el1[.ESR_EL1])
    faultAddress = el1[.FAR_EL1]
    let code = info.map { " (\($0.codeName))" } ?? ""
    let head = who + Self.thread(session) + "killed by \(Signal.name(signal))\(code)"
    guard let info, info.code > 0 else {
      lines = [head + sender(info), "  at \(scene.place(pc))"] + stack()
      return
    }
    if syndrome.isDataAbort || syndrome.isInstructionAbort || syndrome.exceptionClass == .pcAlignment {
      let story = AddressStory(scene: scene, address: VirtualAddress(faultAddress).untagged.rawValue)
      address = story
      lines = ["\(head): \(access) at \(hexadecimal(faultAddress))\(alignment(info, story))"]
      lines += isJump ? [jump] : [instruction]
      lines += story.details.map { "  \($0)" }
      if syndrome.exceptionClass != .pcAlignment { lines.append("  ESR \(syndrome): \(syndrome.faultStatus)") }
    } else {
      lines = ["\(head): \(exception)", instruction, "  ESR \(syndrome)"]
    }
    lines += stack()
  }

  /// Which thread died, if its process has several.
  private static func thread(_ session: Session) -> String {
    let task = session.kernel.state.currentTask
    return session.kernel.tasks.count { $0.space == task.mm } > 1 ? "thread \(task.id.rawValue) " : ""
  }

  // MARK: The first line

  private var access: String {
    if syndrome.exceptionClass == .pcAlignment { return "jump to a misaligned address" }
    if syndrome.isInstructionAbort { return "fetch of an instruction" }
    let size = memoryAccess.map { $0.size > 0 ? " of \($0.size == 1 ? "1 byte" : "\($0.size) bytes")" : "" } ?? ""
    if memoryAccess?.direction == .readAndWrite { return "atomic access" + size }
    return (syndrome.isWrite ? "write" : "read") + size
  }

  /// What the address is, and for an alignment fault why it is the wrong one.
  private func alignment(_ info: SignalInfo, _ story: AddressStory) -> String {
    if syndrome.exceptionClass == .pcAlignment { return ", which is no multiple of 4" }
    guard info.signal == Signal.SIGBUS, info.code == SignalCode.BUS_ADRALN else { return ", \(story.summary)" }
    let size = memoryAccess?.size ?? 0
    return (size > 1 ? ", which is no multiple of \(size)" : ", which is not aligned") + ": \(story.summary)"
  }

  /// Another exception than an abort.
  private var exception: String {
    if syndrome.exceptionClass == .unknown {
      return scene.session.processor.undefinedInstructions.last { $0.pc == pc }
        .map { "the instruction \(bareHexadecimal(UInt64($0.word), digits: 8)) is undefined" } ?? "an undefined instruction"
    }
    return syndrome.exceptionClass?.name ?? "exception class \(syndrome.rawValue >> 26 & 0x3f)"
  }

  /// Who sent a signal that no instruction caused.
  private func sender(_ info: SignalInfo?) -> String {
    guard let info, info.code <= 0 else { return "" }
    let process = Int32(truncatingIfNeeded: info.address)
    let isOwn = scene.session.kernel.tasks.first { $0.isCurrent }?.process.rawValue == process
    return isOwn ? ", which it sent to itself" : ", sent by process \(process)"
  }

  // MARK: The instruction

  private var word: UInt32? { scene.word(at: pc) }
  private var memoryAccess: MemoryAccess? { word.flatMap { try? Decoder().decode($0) }.flatMap { MemoryAccess($0) } }

  private var instruction: String {
    guard let word else { return "  at \(scene.place(pc))" }
    let text = InstructionText.describe(word, at: pc)
    // What a load was to set is of no interest.
    let used = memoryAccess.flatMap { $0.direction == .read ? $0.registers.map { $0 == .sp ? "sp" : "x\($0.rawValue)" } : nil }
    let values = (used ?? Self.registerNames(in: text)).map { "\($0) = \(label(value(of: $0)))" }.joined(separator: ", ")
    return "  at \(scene.place(pc)): \(text)" + (values.isEmpty ? "" : "    \(values)")
  }

  /// The general registers in an instruction's text, each once, as 64-bit registers.
  static func registerNames(in text: String) -> [String] {
    var names: [String] = []
    for part in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).dropFirst() {
      var name = String(part)
      if name.first == "w", name.count > 1, name.dropFirst().allSatisfy(\.isNumber) { name = "x" + name.dropFirst() }
      let isNumbered = name.first == "x" && name.count > 1 && name.dropFirst().allSatisfy(\.isNumber)
      if (isNumbered || name == "sp") && !names.contains(name) { names.append(name) }
    }
    return names
  }

  private func label(_ value: UInt64) -> String { scene.debug.symbols.label(value) }

  private func value(of name: String) -> UInt64 {
    name == "sp" ? scene.registers.sp : Int(name.dropFirst()).map { scene.registers.x[min($0, 30)] } ?? 0
  }

  // MARK: A bad jump

  /// Whether the program could not fetch at the PC: how it came there is then what matters.
  private var isJump: Bool { syndrome.isInstructionAbort || syndrome.exceptionClass == .pcAlignment }

  private var jump: String {
    let link = scene.registers.x[30]
    if link == pc { return "  x30 holds this address too, so a ret led there: the return address was overwritten" }
    let call = link &- 4
    if let word = scene.word(at: call), let instruction = try? Decoder().decode(word) {
      switch instruction {
      case .branchRegister(.blr, let n):
        return "  called from \(scene.place(call)): blr x\(n.rawValue)    x\(n.rawValue) = \(label(value(of: "x\(n.rawValue)")))"
      case .branch(link: true, let offset) where call &+ UInt64(bitPattern: offset) == pc:
        return "  called from \(scene.place(call)): bl \(label(pc))"
      default: break
      }
    }
    return "  a branch or a return led there; the last call returns to \(scene.place(link))"
  }

  // MARK: The stack

  private mutating func stack() -> [String] {
    let stack = scene.backtrace(Self.shown)
    let (first, last) = (stack.first.flatMap(scene.debug.describe), stack.last.flatMap(scene.debug.describe))
    backtrace = first + last
    func text(_ frame: FrameDescription) -> String { "  #\(frame.frame.level) \(frame.text)" }
    var lines = first.map(text)
    if stack.omitted > 0 { lines.append("  ... \(stack.omitted) more frames") }
    lines += last.map(text)
    if case .corrupt(let reason) = stack.end { lines.append("  (\(reason))") }
    return lines
  }
}
