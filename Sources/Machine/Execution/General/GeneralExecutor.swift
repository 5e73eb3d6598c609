// Owns the general executor: one complete way to run any instruction that has no fast handler, and any access that the fast table cannot
// serve. It does not know ops, except for their addresses.
import Architecture
import Decoding

/// The reasons for which an instruction does not continue with the next one.
enum GeneralExit: Error {
  case fault(FaultRecord)
  /// An exception whose preferred return address is this instruction.
  case exception(ExceptionSyndrome, far: UInt64?)
  /// An exception whose preferred return address is the next instruction: SVC, HVC or SMC.
  case call(ExceptionSyndrome)
  case undefined
  /// A debugger watches an access of this instruction, which has not happened: `Processor.lastWatchHit`.
  case watched
  /// The instruction is done and the PE leaves the handlers.
  case leave(pc: UInt64, ExitReason)
}

/// Never inlined, so that the handlers that call it remain leaf functions.
@inline(never)
@c func h_general(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).runGeneral(p, fa, fb) { go(c, next(p), Context(c)[Slot.exitA], Context(c)[Slot.exitB]) }
}

/// The values that `execute` may use besides the registers: the instruction's address and NZCV. It may change NZCV.
struct GeneralState {
  let pc: UInt64
  let retired: UInt64
  let word: UInt32
  /// NZCV in bits 3:0, and whether the instruction wrote it.
  var nzcv: UInt64
  var wroteFlags = false
}

extension Context {
  /// Runs the instruction at `p`. False if the PE has left the handlers.
  @inline(never)
  func runGeneral(_ p: Raw, _ fa: UInt64, _ fb: UInt64) -> Bool {
    self[Slot.exitA] = fa
    self[Slot.exitB] = fb
    let word = word(at: p)
    var general = GeneralState(pc: pc(at: p), retired: retired(at: p), word: word, nzcv: nzcv(c, fa, fb))
    do {
      try execute(instruction(word), &general, at: p)
      if general.wroteFlags { setNZCV(general.nzcv) }
      if _fastPath(takeableInterrupt == nil && !state.pointee.debug.isActive) { return true }
      // The instruction unmasked an interrupt or, through a device, asserted one; or it unmasked debug exceptions.
      leave(c, next(p), self[Slot.exitA], self[Slot.exitB], pc: general.pc &+ 4, .limit)
      return false
    } catch {
      switch error {
      case .fault(let fault):
        deliver(fault, at: p, fa, fb)
      case .exception(let syndrome, let far):
        take(syndrome, far: far, returnTo: general.pc, at: p, fa, fb)
      case .call(let syndrome):
        take(syndrome, far: nil, returnTo: general.pc &+ 4, at: next(p), fa, fb)
      case .undefined:
        owner.recordUndefined(pc: general.pc, word: word)
        take(ExceptionSyndrome(.unknown), far: nil, returnTo: general.pc, at: p, fa, fb)
      case .watched:
        leave(c, p, fa, fb, pc: general.pc, .watched)
      case .leave(let pc, let reason):
        leave(c, next(p), self[Slot.exitA], self[Slot.exitB], pc: pc, reason)
      }
      return false
    }
  }

  /// The instruction of a word. It is undefined if the processor lacks its feature.
  func instruction(_ word: UInt32) -> Instruction {
    let instruction = owner.machine.code.decode(word)
    let features = state.pointee.features
    if case .hint = instruction, features.hasPAuth { return instruction.asPointerAuthentication }
    return features.allow(instruction) ? instruction : .undefined
  }

  /// Runs an instruction. The switch has a case for every instruction.
  private func execute(_ instruction: Instruction, _ general: inout GeneralState, at p: Raw) throws(GeneralExit) {
    if _slowPath(self[Slot.vectorTrap] != 0) && instruction.usesVectorRegisters { throw vectorTrap }
    switch instruction {
    case .load(let load): try execute(load, general)
    case .store(let store): try execute(store, general)
    case .loadPair(let pair): try execute(pair, general)
    case .storePair(let pair): try execute(pair, general)
    case .loadExclusive(let size, _, let t, let t2, let n): try loadExclusive(size, t, t2, n)
    case .storeExclusive(let size, _, let s, let t, let t2, let n): try storeExclusive(size, s, t, t2, n)
    case .atomic(let operation, let size, _, _, let s, let t, let n): try atomic(operation, size, s, t, n)
    case .compareAndSwap(let size, _, _, let s, let t, let n): try compareAndSwap(size, s, t, n)
    case .compareAndSwapPair(let size, _, _, let s, let t, let n): try compareAndSwapPair(size, s, t, n)
    case .prefetch: break
    case .loadVector(let log2Size, let t, let addressing): try loadVector(log2Size, t, addressing, general)
    case .storeVector(let log2Size, let t, let addressing): try storeVector(log2Size, t, addressing, general)
    case .loadVectorPair(let log2Size, let t, let t2, let addressing): try loadVectorPair(log2Size, t, t2, addressing, general)
    case .storeVectorPair(let log2Size, let t, let t2, let addressing): try storeVectorPair(log2Size, t, t2, addressing, general)
    case .crc32(let castagnoli, let size, let d, let n, let m):
      let crc = checksum(UInt32(truncatingIfNeeded: x(c, n.rawValue)), x(c, m.rawValue), bytes: size.bytes, castagnoli: castagnoli)
      write(d, UInt64(crc))
    case .commonUnary(let operation, let width, let d, let n): write(d, commonUnary(operation, read(n), bits: UInt64(width.rawValue)))
    case .minMax(let operation, let width, let d, let n, let m):
      let operand =
        switch m {
        case .register(let m): read(m)
        case .immediate(let value): UInt64(bitPattern: value)
        }
      write(d, minMax(operation, read(n), operand, bits: UInt64(width.rawValue)))
    case .flagManipulation(let operation):
      general.nzcv = manipulateFlags(operation, general.nzcv, read)
      general.wroteFlags = true
    case .waitWithTimeout(let event, let t): try wait(event: event, until: t, general)
    case .addTag(let subtract, let d, let n, let offset, _): addTag(subtract: subtract, d, n, offset)
    case .insertRandomTag(let d, let n, _): write(d, withTag0(read(n)))
    case .insertTagMask(let d, let n, let m): write(d, read(m) | 1 &<< (read(n) &>> 56 & 15))
    case .subtractPointer(let setsFlags, let d, let n, let m): subtractPointer(setsFlags: setsFlags, d, n, m, &general)
    case .storeTag(let granules, let zeroes, _, let addressing): try storeTag(granules, zeroes: zeroes, addressing, general)
    case .loadTag(let t, let addressing): try loadTag(t, addressing, general)
    case .storeTagPair(let t, let t2, let addressing): try storeTagPair(t, t2, addressing, general)
    case .exceptionGeneration(let kind, let immediate): try generateException(kind, immediate, at: p)
    case .exceptionReturn: try returnFromException(at: general.retired)
    case .addPointerCode(let key, let d, let modifier): addPointerCode(key, d, modifier)
    case .authenticatePointer(let key, let d, let modifier): try authenticatePointer(key, d, modifier)
    case .stripPointerCode(let data, let d): stripPointerCode(isData: data, d)
    case .genericCode(let d, let n, let m): genericCode(d, n, m)
    case .branchAuthenticated(let kind, let key, let n, let modifier): try branchAuthenticated(kind, key, n, modifier, general)
    case .exceptionReturnAuthenticated(let key): try returnAuthenticated(key, at: general.retired)
    case .loadAuthenticated(let key, let t, let addressing): try loadAuthenticated(key, t, addressing)
    case .hint(let number): try hint(number, general)
    case .barrier(let barrier, let option):
      if barrier == .clrex { state.pointee.monitor.clear() }
      if barrier == .dsb, let type = DataBarrier(option: option) { owner.machine.strictTranslation?.barrier(type, by: owner.number) }
    case .readSystemRegister(let t, let register): try readSystemRegister(t, register, &general)
    case .writeSystemRegister(let register, let t): try writeSystemRegister(register, t, &general)
    case .writeProcessorState(let op1, let op2, let immediate): try writeProcessorState(op1, op2, immediate, general)
    case .system(let register, let t): try system(register, t, general)
    case .systemRead: throw .undefined
    case .structures(let structures): try execute(structures)
    // The handlers of these instructions call the general executor only if FP and SIMD instructions trap.
    case .simd, .vectorImmediate, .moveVectorScalarImmediate, .moveVectorScalar, .moveGeneralToVector, .moveVectorToGeneral,
      .duplicateElement, .duplicateGeneral, .insertElement,
      .insertGeneral, .moveElementToGeneral, .vectorLogical:
      preconditionFailure("every SIMD and FP data-processing instruction has a handler")
    case .addSubtract, .addSubtractWithCarry, .logical, .moveWide, .pcRelative, .bitfield, .extract, .conditionalSelect,
      .conditionalCompare, .shiftVariable, .divide, .multiplyAdd, .multiplyAddLong, .multiplyHigh, .unary,
      .branch, .branchConditional, .compareAndBranch, .testAndBranch, .branchRegister:
      preconditionFailure("every data-processing instruction and branch has a handler")
    case .undefined: throw .undefined
    }
  }

  /// Writes a general register operand. A write to XZR is discarded.
  @inline(__always)
  func write(_ d: Register, _ value: UInt64) {
    setX(c, d == .zero ? UInt8(RegisterSlot.discard.rawValue) : d.rawValue, value)
  }
  @inline(__always) func read(_ n: Register) -> UInt64 { x(c, n.rawValue) }
}
