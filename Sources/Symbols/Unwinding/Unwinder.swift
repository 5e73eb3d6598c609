// Owns going from each function to its caller: by call frame information, else by the function's instructions, else by the frame pointer;
// through signal frames; and noticing that a stack is damaged. It does not know names or lines.
import Architecture
import ELFFormat

/// Unwinds stacks of a program. Its input is the guest's: no contents of files, registers or memory may stop the host, or keep it long.
final class Unwinder {
  private let modules: [LoadedModule]
  /// The rows of callers by pc: a deep stack has the same few.
  private var rows: [UInt64: CallFrameRow] = [:]
  private static let mostRows = 1 << 14

  init(_ modules: [LoadedModule]) { self.modules = modules }

  func backtrace(
    _ registers: UnwindRegisters, _ limits: BacktraceLimits, read: (UInt64, Int) -> [UInt8]?
  ) -> Backtrace {
    withoutActuallyEscaping(read) { read in
      var memory = StackMemory(read)
      var collector = FrameCollector(limits)
      let kind: StackFrame.Kind = SignalFrames.isReturn(at: registers.pc, &memory) ? .signal : .innermost
      var walk = StackWalk(registers: registers, kind: kind)
      while true {
        if collector.isFull { return collector.result(.limit) }
        let (cfa, next) = step(walk, &memory)
        collector.add(walk.registers, walk.kind, cfa)
        switch next {
        case .end(let end): return collector.result(end)
        case .frame(let frame): walk = frame
        }
      }
    }
  }

  /// A frame of which the caller is looked for.
  private struct StackWalk {
    var registers: UnwindRegisters
    var kind: StackFrame.Kind
    /// Whether no register has been changed by a call: the code runs, or a signal interrupted it.
    var isLive: Bool { kind == .innermost || kind == .interrupted }
    var lookup: UInt64 { kind == .caller ? registers.pc &- 4 : registers.pc }
  }

  private enum Next {
    case frame(StackWalk)
    case end(Backtrace.End)
  }

  private func step(_ walk: StackWalk, _ memory: inout StackMemory) -> (cfa: UInt64, next: Next) {
    if walk.kind == .signal {
      let frame = walk.registers.sp
      guard let registers = SignalFrames.interrupted(frame: frame, &memory) else {
        return (frame, .end(.corrupt("the signal frame at \(hexadecimal(frame)) cannot be read")))
      }
      return (frame, .frame(StackWalk(registers: registers, kind: .interrupted)))
    }
    guard let row = row(walk, &memory) else { return (0, .end(.complete)) }
    do throws(DWARFDamage) {
      let cfa = try frameAddress(row, walk.registers, &memory)
      if row.rules[row.returnColumn] == .undefined { return (cfa, .end(.complete)) }
      guard let registers = try caller(row, walk.registers, cfa, &memory) else {
        return (cfa, .end(.corrupt("the stack at \(hexadecimal(cfa)) cannot be read")))
      }
      return (cfa, next(walk, row, registers, &memory))
    } catch { return (0, .end(.corrupt("the call frame information of \(hexadecimal(walk.registers.pc)) is damaged"))) }
  }

  /// The caller's frame, if it can be one.
  private func next(_ walk: StackWalk, _ row: CallFrameRow, _ registers: UnwindRegisters, _ memory: inout StackMemory) -> Next {
    if registers.pc == 0 { return .end(.complete) }
    if row.isSignal { return .frame(StackWalk(registers: registers, kind: .interrupted)) }
    if registers.pc == walk.registers.pc && registers.sp == walk.registers.sp {
      return .end(.corrupt("previous frame identical to this frame (corrupt stack?)"))
    }
    // Stacks grow down. Only a function that runs may have no frame of its own.
    if registers.sp < walk.registers.sp || registers.sp == walk.registers.sp && !walk.isLive {
      return .end(.corrupt("previous frame inner to this frame (corrupt stack?)"))
    }
    let kind: StackFrame.Kind = SignalFrames.isReturn(at: registers.pc, &memory) ? .signal : .caller
    return .frame(StackWalk(registers: registers, kind: kind))
  }

  // MARK: Rules

  /// The rules at a frame's pc; nil in the outermost function.
  private func row(_ walk: StackWalk, _ memory: inout StackMemory) -> CallFrameRow? {
    let pc = walk.registers.pc
    if !walk.isLive, let known = rows[pc] { return known }
    let module = modules.first { $0.containsCode(walk.lookup) }
    if let module, let entry = module.callFrames.entry(at: walk.lookup &- module.bias),
      let row = try? CallFrameProgram.row(entry, at: walk.lookup &- module.bias, module.callFrames.bytes)
    {
      keep(row, pc, walk)
      return row
    }
    let frameRecord: CallFrameRow? = walk.registers.x[CallFrameColumn.fp] == 0 ? nil : .frameRecord
    if walk.isLive && (pc & 3 != 0 || memory.instruction(pc) == nil) {
      // A jump to where no code is: the link register has the place behind the call.
      return isCode(stripped(walk.registers.x[CallFrameColumn.link])) ? .leaf : frameRecord
    }
    if walk.isLive, let row = FrameScan.epilogue(pc: pc, &memory) { return row }
    let start = module.flatMap { functionStart(walk.lookup, in: $0) } ?? FrameScan.start(before: walk.lookup, &memory)
    guard let start, let scan = FrameScan.prologue(start: start, pc: pc, &memory) else { return frameRecord }
    if scan.saves {
      keep(scan.row, pc, walk)
      return scan.row
    }
    if let module, module.isEntry(start) { return nil }
    return walk.isLive ? scan.row : frameRecord
  }

  private func keep(_ row: CallFrameRow, _ pc: UInt64, _ walk: StackWalk) {
    if walk.isLive { return }
    if rows.count >= Self.mostRows { rows = [:] }
    rows[pc] = row
  }

  /// The start of the function at an address, by the symbols.
  private func functionStart(_ address: UInt64, in module: LoadedModule) -> UInt64? {
    module.symbols.nearest(address &- module.bias).map { $0.symbol.address &+ module.bias }
  }

  private func isCode(_ address: UInt64) -> Bool { modules.contains { $0.containsCode(address) } }

  // MARK: Values

  private func frameAddress(_ row: CallFrameRow, _ registers: UnwindRegisters, _ memory: inout StackMemory) throws(DWARFDamage) -> UInt64 {
    switch row.cfa {
    case .register(let register, let offset): Self.value(register, registers) &+ UInt64(bitPattern: offset)
    case .expression(let range): try CallFrameExpression.value(row.expressions, range, registers, initial: [], &memory)
    }
  }

  private static func value(_ register: Int, _ registers: UnwindRegisters) -> UInt64 {
    register == CallFrameColumn.sp ? registers.sp : registers.x[register]
  }

  /// The caller's registers; nil if memory that has one of them cannot be read.
  private func caller(
    _ row: CallFrameRow, _ registers: UnwindRegisters, _ cfa: UInt64, _ memory: inout StackMemory
  ) throws(DWARFDamage) -> UnwindRegisters? {
    var result = registers
    result.sp = cfa
    for register in 0...31 {
      let value: UInt64
      switch row.rules[register] {
      case .same, .undefined: continue
      case .offset(let offset):
        guard let loaded = memory.value(cfa &+ UInt64(bitPattern: offset)) else { return nil }
        value = loaded
      case .value(let offset): value = cfa &+ UInt64(bitPattern: offset)
      case .register(let other): value = Self.value(other, registers)
      case .expression(let range):
        let address = try CallFrameExpression.value(row.expressions, range, registers, initial: [cfa], &memory)
        guard let loaded = memory.value(address) else { return nil }
        value = loaded
      case .valueExpression(let range):
        value = try CallFrameExpression.value(row.expressions, range, registers, initial: [cfa], &memory)
      }
      if register == CallFrameColumn.sp { result.sp = value } else { result.x[register] = value }
    }
    let address = result.x[row.returnColumn]
    result.pc = row.isSigned ? Self.withoutCode(address) : stripped(address)
    result.x[CallFrameColumn.link] = result.pc
    return result
  }

  /// An address of code without its pointer authentication code, if it has one.
  private func stripped(_ address: UInt64) -> UInt64 {
    let plain = Self.withoutCode(address)
    return plain != address && isCode(plain) ? plain : address
  }

  /// An address with the bits of a pointer authentication code as they are in an unsigned pointer: bit 55 chooses the half of the address
  /// space. Arm ARM: AArch64.StripPAC.
  private static func withoutCode(_ address: UInt64) -> UInt64 {
    address & 1 << 55 == 0 ? address & (1 << 48 - 1) : address | ~(1 << 48 - 1)
  }
}

/// Keeps the first and the last frames of a stack, and counts those between.
private struct FrameCollector {
  private let limits: BacktraceLimits
  private var first: [StackFrame] = []
  /// The last frames, of which the oldest stands at `count` modulo their number.
  private var ring: [StackFrame] = []
  private var count = 0

  init(_ limits: BacktraceLimits) { self.limits = limits }

  var isFull: Bool { count >= limits.most }

  mutating func add(_ registers: UnwindRegisters, _ kind: StackFrame.Kind, _ cfa: UInt64) {
    let frame = StackFrame(level: count, kind: kind, registers: registers, cfa: cfa)
    if count < limits.first {
      first.append(frame)
    } else if ring.count < limits.last {
      ring.append(frame)
    } else if limits.last > 0 {
      ring[(count - limits.first) % limits.last] = frame
    }
    count += 1
  }

  func result(_ end: Backtrace.End) -> Backtrace {
    let oldest = ring.isEmpty ? 0 : (count - limits.first) % ring.count
    let last = Array(ring[oldest...] + ring[..<oldest])
    return Backtrace(first: first, omitted: count - first.count - last.count, last: last, end: end)
  }
}
