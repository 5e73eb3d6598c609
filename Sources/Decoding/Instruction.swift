// Owns the one form of a decoded A64 instruction: families with orthogonal operands, aliases folded to their base form.
// It deliberately does not know the word it came from, which decoder read it, or what executing it does.
import Architecture

/// A decoded A64 instruction: plain data without references. Arm ARM C4 gives the classes, C6 and C7 the operations.
@frozen public enum Instruction: Hashable, Sendable {
  // Data processing, immediate and register (C4.1.92 and C4.1.95)
  /// ADD, ADDS, SUB, SUBS (CMP, CMN, NEG, MOV to/from SP are aliases).
  case addSubtract(AddSubtract)
  /// ADC, ADCS, SBC, SBCS.
  case addSubtractWithCarry(subtract: Bool, setsFlags: Bool, Width, d: Register, n: Register, m: Register)
  /// AND, ANDS, BIC, BICS, ORR, ORN, EOR, EON (MOV, MVN, TST are aliases).
  case logical(Logical)
  /// MOVN, MOVZ, MOVK: `shift` is 0, 16, 32 or 48.
  case moveWide(MoveWide, Width, d: Register, immediate: UInt16, shift: UInt8)
  /// ADR (`page` false: offset from the PC) or ADRP (offset from the PC's 4 KiB page, in bytes).
  case pcRelative(page: Bool, d: Register, offset: Int64)
  /// SBFM, BFM, UBFM (shifts by immediate, extends and bitfield moves are aliases).
  case bitfield(Bitfield, Width, d: Register, n: Register, immr: UInt8, imms: UInt8)
  /// EXTR.
  case extract(Width, d: Register, n: Register, m: Register, lsb: UInt8)
  /// CSEL, CSINC, CSINV, CSNEG.
  case conditionalSelect(ConditionalSelect, Width, d: Register, n: Register, m: Register, Condition)
  /// CCMP (`negative` false), CCMN: compare if the condition holds, else set NZCV to `nzcv`.
  case conditionalCompare(negative: Bool, Width, n: Register, CompareOperand, nzcv: UInt8, Condition)
  /// LSLV, LSRV, ASRV, RORV.
  case shiftVariable(ShiftType, Width, d: Register, n: Register, m: Register)
  /// UDIV, SDIV.
  case divide(signed: Bool, Width, d: Register, n: Register, m: Register)
  /// MADD, MSUB.
  case multiplyAdd(subtract: Bool, Width, d: Register, n: Register, m: Register, a: Register)
  /// SMADDL, SMSUBL, UMADDL, UMSUBL.
  case multiplyAddLong(signed: Bool, subtract: Bool, d: Register, n: Register, m: Register, a: Register)
  /// SMULH, UMULH.
  case multiplyHigh(signed: Bool, d: Register, n: Register, m: Register)
  /// RBIT, REV16, REV32, REV, CLZ, CLS.
  case unary(UnaryOperation, Width, d: Register, n: Register)
  /// ABS, CNT, CTZ (FEAT_CSSC).
  case commonUnary(CommonUnary, Width, d: Register, n: Register)
  /// SMAX, UMAX, SMIN, UMIN (FEAT_CSSC): of a register, or of an immediate extended to the width.
  case minMax(MinMax, Width, d: Register, n: Register, m: MinMaxOperand)
  /// CFINV, RMIF, SETF8, SETF16 (FEAT_FlagM), AXFLAG, XAFLAG (FEAT_FlagM2).
  case flagManipulation(FlagManipulation)
  /// CRC32B/H/W/X and CRC32CB/CH/CW/CX: `size` of the data in bytes.
  case crc32(castagnoli: Bool, size: AccessSize, d: Register, n: Register, m: Register)

  // Branches (C4.1.94): offsets in bytes from this instruction
  /// B, BL.
  case branch(link: Bool, offset: Int64)
  /// B.cond.
  case branchConditional(Condition, offset: Int64)
  /// CBZ, CBNZ.
  case compareAndBranch(nonzero: Bool, Width, t: Register, offset: Int64)
  /// TBZ, TBNZ.
  case testAndBranch(nonzero: Bool, bit: UInt8, t: Register, offset: Int64)
  /// BR, BLR, RET.
  case branchRegister(BranchRegister, n: Register)

  // Loads and stores (C4.1.96)
  /// One general register from memory.
  case load(Load)
  /// One general register to memory.
  case store(Store)
  /// LDP, LDPSW, LDNP.
  case loadPair(LoadPair)
  /// STP, STNP.
  case storePair(StorePair)
  /// LDXR, LDAXR; LDXP, LDAXP where `t2` is not nil. `size` is that of one register.
  case loadExclusive(size: AccessSize, acquire: Bool, t: Register, t2: Register?, n: Register)
  /// STXR, STLXR; STXP, STLXP: `s` receives 0 when the store was done, else 1.
  case storeExclusive(size: AccessSize, release: Bool, s: Register, t: Register, t2: Register?, n: Register)
  /// LDADD and the rest of FEAT_LSE's read-modify-writes; the ST forms have t = XZR.
  case atomic(AtomicOperation, size: AccessSize, acquire: Bool, release: Bool, s: Register, t: Register, n: Register)
  /// CAS: compares memory with `s`, stores `t` if equal; `s` receives the old value.
  case compareAndSwap(size: AccessSize, acquire: Bool, release: Bool, s: Register, t: Register, n: Register)
  /// CASP: as CAS on the pairs s, s+1 and t, t+1; `size` (word or doubleword) is that of one register.
  case compareAndSwapPair(size: AccessSize, acquire: Bool, release: Bool, s: Register, t: Register, n: Register)
  /// PRFM, PRFUM: `operation` is the 5-bit prfop.
  case prefetch(operation: UInt8, Addressing)

  // Pointer authentication (FEAT_PAuth). A modifier of `.zero` is that of the Z forms.
  /// PACIA, PACIB, PACDA, PACDB: the pointer in `d` gets its code.
  case addPointerCode(PointerKey, d: Register, modifier: Register)
  /// AUTIA, AUTIB, AUTDA, AUTDB.
  case authenticatePointer(PointerKey, d: Register, modifier: Register)
  /// XPACI, XPACD (`data`).
  case stripPointerCode(data: Bool, d: Register)
  /// PACGA.
  case genericCode(d: Register, n: Register, m: Register)
  /// BRAA, BRAB, BLRAA, BLRAB, their Z forms, RETAA, RETAB.
  case branchAuthenticated(BranchRegister, PointerKey, n: Register, modifier: Register)
  /// ERETAA, ERETAB.
  case exceptionReturnAuthenticated(PointerKey)
  /// LDRAA, LDRAB: the base register is authenticated with modifier zero.
  case loadAuthenticated(PointerKey, t: Register, Addressing)

  // SIMD and FP registers: loads, stores, moves
  /// LDR, LDUR of a B, H, S, D or Q register (`log2Size` 0 to 4 of the bytes).
  case loadVector(log2Size: UInt8, t: VectorRegister, Addressing)
  case storeVector(log2Size: UInt8, t: VectorRegister, Addressing)
  /// LDP, LDNP of S, D or Q registers.
  case loadVectorPair(log2Size: UInt8, t: VectorRegister, t2: VectorRegister, Addressing)
  case storeVectorPair(log2Size: UInt8, t: VectorRegister, t2: VectorRegister, Addressing)
  /// MOVI, MVNI, ORR, BIC (vector, immediate) and FMOV (vector, immediate): the expanded 64-bit pattern goes to each half.
  case vectorImmediate(VectorImmediate, full: Bool, d: VectorRegister, immediate: UInt64)
  /// FMOV (register): `log2Size` 2 (S) or 3 (D); the rest of the register is cleared.
  case moveVectorScalar(log2Size: UInt8, d: VectorRegister, n: VectorRegister)
  /// FMOV (scalar, immediate): `bits` is the encoded value; `log2Size` 2 (S) or 3 (D).
  case moveVectorScalarImmediate(log2Size: UInt8, d: VectorRegister, bits: UInt64)
  /// FMOV (general) to a vector register: S (2), D (3), or the upper half D[1] (`upper`, rest kept).
  case moveGeneralToVector(log2Size: UInt8, upper: Bool, d: VectorRegister, n: Register)
  /// FMOV (general) from a vector register.
  case moveVectorToGeneral(log2Size: UInt8, upper: Bool, d: Register, n: VectorRegister)
  /// DUP (element to vector, `full`: 128 bits) and DUP (element, scalar) where `scalar`.
  case duplicateElement(log2Size: UInt8, full: Bool, scalar: Bool, d: VectorRegister, n: VectorRegister, index: UInt8)
  /// DUP (general).
  case duplicateGeneral(log2Size: UInt8, full: Bool, d: VectorRegister, n: Register)
  /// INS (element).
  case insertElement(log2Size: UInt8, d: VectorRegister, index: UInt8, n: VectorRegister, sourceIndex: UInt8)
  /// INS (general).
  case insertGeneral(log2Size: UInt8, d: VectorRegister, index: UInt8, n: Register)
  /// UMOV (`signed` false), SMOV: an element to a general register of `Width`.
  case moveElementToGeneral(signed: Bool, log2Size: UInt8, Width, d: Register, n: VectorRegister, index: UInt8)
  /// AND, BIC, ORR, ORN, EOR, BSL, BIT, BIF (vector, register); MOV is ORR with n = m.
  case vectorLogical(VectorLogical, full: Bool, d: VectorRegister, n: VectorRegister, m: VectorRegister)

  /// The rest of Advanced SIMD and floating point, cryptography included.
  case simd(SIMDInstruction)
  /// LD1 to LD4 and ST1 to ST4, multiple and single structures, and LD1R to LD4R.
  case structures(StructureAccess)

  // Memory tagging (FEAT_MTE)
  /// ADDG, SUBG: `offset` in bytes; `tagOffset` is not used without tag storage.
  case addTag(subtract: Bool, d: Register, n: Register, offset: UInt16, tagOffset: UInt8)
  /// IRG: `m` excludes tags.
  case insertRandomTag(d: Register, n: Register, m: Register)
  /// GMI.
  case insertTagMask(d: Register, n: Register, m: Register)
  /// SUBP, SUBPS.
  case subtractPointer(setsFlags: Bool, d: Register, n: Register, m: Register)
  /// STG, STZG, ST2G, STZ2G: the tag in `t` to one or two granules of 16 bytes, whose data become zero where `zeroes`.
  case storeTag(granules: UInt8, zeroes: Bool, t: Register, Addressing)
  /// LDG.
  case loadTag(t: Register, Addressing)
  /// STGP.
  case storeTagPair(t: Register, t2: Register, Addressing)

  // System (C4.1.94)
  /// SVC, HVC, SMC, BRK, HLT.
  case exceptionGeneration(ExceptionGeneration, immediate: UInt16)
  /// ERET.
  case exceptionReturn
  /// HINT: NOP, YIELD, WFE, WFI, SEV, SEVL and every hint-space instruction, by its 7-bit number CRm:op2.
  case hint(UInt8)
  /// WFET, WFIT (FEAT_WFxT): until the virtual counter reaches `t`.
  case waitWithTimeout(event: Bool, t: Register)
  /// CLREX, DSB, DMB, ISB, SB: `option` is CRm.
  case barrier(BarrierInstruction, option: UInt8)
  /// MRS.
  case readSystemRegister(t: Register, SystemRegister)
  /// MSR (register).
  case writeSystemRegister(SystemRegister, t: Register)
  /// MSR (immediate): op1 and op2 name the PSTATE field, `immediate` is CRm.
  case writeProcessorState(op1: UInt8, op2: UInt8, immediate: UInt8)
  /// SYS (AT, DC, IC, TLBI are aliases): a `SystemRegister` with op0 = 1.
  case system(SystemRegister, t: Register)
  /// SYSL.
  case systemRead(SystemRegister, t: Register)

  /// Not allocated, or not supported: executing it is UNDEFINED.
  case undefined
}

/// A general register operand as its role reads it: 0 to 30 are X0 to X30, `.zero` is XZR/WZR, `.sp` the stack pointer.
@frozen public struct Register: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public static var zero: Register { Register(31) }
  @inlinable public static var sp: Register { Register(33) }
}

/// A SIMD&FP register number, 0 to 31.
@frozen public struct VectorRegister: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt8) { self.rawValue = rawValue }
}

/// The operand width of a general instruction: W (32 bits) or X (64).
@frozen public enum Width: UInt8, Hashable, Sendable { case w = 32, x = 64 }

/// The bytes that one access moves.
@frozen public enum AccessSize: UInt8, Hashable, Sendable, CaseIterable {
  case byte = 1, half = 2, word = 4, double = 8
  /// 1, 2, 4 or 8.
  @inlinable public var bytes: UInt64 { UInt64(rawValue) }
}

@frozen public enum ShiftType: UInt8, Hashable, Sendable { case lsl, lsr, asr, ror }
/// How a register operand is extended, as the option field encodes it.
@frozen public enum Extend: UInt8, Hashable, Sendable { case uxtb, uxth, uxtw, uxtx, sxtb, sxth, sxtw, sxtx }
@frozen public enum LogicalOperation: UInt8, Hashable, Sendable { case and, orr, eor }
@frozen public enum MoveWide: UInt8, Hashable, Sendable { case movn, movz, movk }
@frozen public enum Bitfield: UInt8, Hashable, Sendable { case sbfm, bfm, ubfm }
@frozen public enum ConditionalSelect: UInt8, Hashable, Sendable { case csel, csinc, csinv, csneg }
@frozen public enum UnaryOperation: UInt8, Hashable, Sendable { case rbit, rev16, rev32, rev, clz, cls }
@frozen public enum CommonUnary: UInt8, Hashable, Sendable { case abs, cnt, ctz }
@frozen public enum MinMax: UInt8, Hashable, Sendable { case smax, umax, smin, umin }
@frozen public enum MinMaxOperand: Hashable, Sendable {
  case register(Register)
  case immediate(Int64)
}
@frozen public enum FlagManipulation: Hashable, Sendable {
  case cfinv, axflag, xaflag
  /// `mask` says which of NZCV become bits 3:0 of `n` rotated right.
  case rmif(n: Register, rotation: UInt8, mask: UInt8)
  /// SETF8 and SETF16: the flags of the low `bits` (8 or 16) of `n`.
  case setf(n: Register, bits: UInt8)
}
@frozen public enum BranchRegister: UInt8, Hashable, Sendable { case br, blr, ret }
/// The four keys of addresses: bit 1 is data rather than instruction, bit 0 is B rather than A.
@frozen public enum PointerKey: UInt8, Hashable, Sendable, CaseIterable {
  case ia, ib, da, db
  @inlinable public var isData: Bool { rawValue & 2 != 0 }
  @inlinable public var isB: Bool { rawValue & 1 != 0 }
}
@frozen public enum AtomicOperation: UInt8, Hashable, Sendable, CaseIterable { case add, clr, eor, set, smax, smin, umax, umin, swap }
@frozen public enum VectorImmediate: UInt8, Hashable, Sendable {
  /// MOVI, MVNI, FMOV of single and double precision.
  case move
  /// FMOV of half precision, which is a feature of its own.
  case moveHalf
  case or, bitClear
}
@frozen public enum VectorLogical: UInt8, Hashable, Sendable { case and, bic, orr, orn, eor, bsl, bit, bif }
@frozen public enum ExceptionGeneration: UInt8, Hashable, Sendable { case svc, hvc, smc, brk, hlt }
@frozen public enum BarrierInstruction: UInt8, Hashable, Sendable { case clrex, dsb, dmb, isb, sb }

/// The second operand of an arithmetic or logical instruction.
@frozen public enum Operand: Hashable, Sendable {
  /// Already shifted (add/subtract) or expanded (logical) to its full value.
  case immediate(UInt64)
  case shifted(Register, ShiftType, amount: UInt8)
  /// The register extended, then shifted left by `amount` (0 to 4).
  case extended(Register, Extend, amount: UInt8)
}

/// The second operand of CCMP and CCMN.
@frozen public enum CompareOperand: Hashable, Sendable {
  case immediate(UInt8)
  case register(Register)
}

@frozen public struct AddSubtract: Hashable, Sendable {
  public var subtract: Bool
  public var setsFlags: Bool
  public var width: Width
  public var d: Register
  public var n: Register
  public var operand: Operand
  public init(subtract: Bool, setsFlags: Bool, width: Width, d: Register, n: Register, operand: Operand) {
    self.subtract = subtract
    self.setsFlags = setsFlags
    self.width = width
    self.d = d
    self.n = n
    self.operand = operand
  }
}

@frozen public struct Logical: Hashable, Sendable {
  public var operation: LogicalOperation
  /// The second operand is inverted first: BIC, ORN, EON.
  public var invert: Bool
  public var setsFlags: Bool
  public var width: Width
  public var d: Register
  public var n: Register
  public var operand: Operand
  public init(
    operation: LogicalOperation, invert: Bool, setsFlags: Bool, width: Width, d: Register, n: Register, operand: Operand
  ) {
    self.operation = operation
    self.invert = invert
    self.setsFlags = setsFlags
    self.width = width
    self.d = d
    self.n = n
    self.operand = operand
  }
}

/// How an instruction forms its address.
@frozen public enum Addressing: Hashable, Sendable {
  /// [n, #offset]: scaled and unscaled forms look alike here.
  case offset(n: Register, Int64)
  /// [n, #offset]!
  case preIndex(n: Register, Int64)
  /// [n], #offset
  case postIndex(n: Register, Int64)
  /// [n, m, extend #shift]
  case register(n: Register, m: Register, Extend, shift: UInt8)
  /// PC-relative, in bytes from this instruction.
  case literal(Int64)
}

/// What a load or store asks for beside its address.
@frozen public enum AccessOrdering: UInt8, Hashable, Sendable {
  case plain
  /// LDTR, STTR: EL0's permissions at EL1.
  case unprivileged
  /// LDAR, STLR.
  case acquireRelease
  /// LDAPR.
  case acquirePC
  /// LDAPUR (FEAT_LRCPC2).
  case acquirePCUnscaled
  /// STLUR (FEAT_LRCPC2).
  case releaseUnscaled
  /// LDLAR, STLLR.
  case limitedOrdering
  /// LDNP, STNP.
  case nonTemporal
}

@frozen public struct Load: Hashable, Sendable {
  public var size: AccessSize
  /// Nil: zero-extended; else sign-extended to this width.
  public var signExtendTo: Width?
  public var t: Register
  public var addressing: Addressing
  public var ordering: AccessOrdering
  public init(size: AccessSize, signExtendTo: Width? = nil, t: Register, addressing: Addressing, ordering: AccessOrdering = .plain) {
    self.size = size
    self.signExtendTo = signExtendTo
    self.t = t
    self.addressing = addressing
    self.ordering = ordering
  }
}

@frozen public struct Store: Hashable, Sendable {
  public var size: AccessSize
  public var t: Register
  public var addressing: Addressing
  public var ordering: AccessOrdering
  public init(size: AccessSize, t: Register, addressing: Addressing, ordering: AccessOrdering = .plain) {
    self.size = size
    self.t = t
    self.addressing = addressing
    self.ordering = ordering
  }
}

@frozen public struct LoadPair: Hashable, Sendable {
  /// Word or double: the size of one register's memory.
  public var size: AccessSize
  /// LDPSW: both words are sign-extended to 64 bits.
  public var signed: Bool
  public var t: Register
  public var t2: Register
  public var addressing: Addressing
  public var nonTemporal: Bool
  public init(size: AccessSize, signed: Bool = false, t: Register, t2: Register, addressing: Addressing, nonTemporal: Bool = false) {
    self.size = size
    self.signed = signed
    self.t = t
    self.t2 = t2
    self.addressing = addressing
    self.nonTemporal = nonTemporal
  }
}

@frozen public struct StorePair: Hashable, Sendable {
  public var size: AccessSize
  public var t: Register
  public var t2: Register
  public var addressing: Addressing
  public var nonTemporal: Bool
  public init(size: AccessSize, t: Register, t2: Register, addressing: Addressing, nonTemporal: Bool = false) {
    self.size = size
    self.t = t
    self.t2 = t2
    self.addressing = addressing
    self.nonTemporal = nonTemporal
  }
}

/// LD1 to LD4, ST1 to ST4 and LD1R to LD4R. Arm ARM C4.1.96.
@frozen public struct StructureAccess: Hashable, Sendable {
  /// Which lanes of the registers take part.
  @frozen public enum Selection: Hashable, Sendable {
    /// All lanes of `repeats` times `elements` registers. LD1 of several registers has one element and several repeats.
    case multiple(repeats: UInt8, Arrangement)
    /// One lane of each register.
    case lane(UInt8, log2Size: UInt8)
    /// One element to all lanes of each register (loads only).
    case replicate(Arrangement)
  }
  /// How the base register changes afterwards.
  @frozen public enum WriteBack: Hashable, Sendable {
    case none
    /// By the bytes transferred.
    case transferSize
    case register(Register)
  }
  public var load: Bool
  /// Elements of a structure, 1 to 4: consecutive registers from `t`, modulo 32.
  public var elements: UInt8
  public var selection: Selection
  public var t: VectorRegister
  public var n: Register
  public var writeBack: WriteBack
  public init(load: Bool, elements: UInt8, selection: Selection, t: VectorRegister, n: Register, writeBack: WriteBack) {
    self.load = load
    self.elements = elements
    self.selection = selection
    self.t = t
    self.n = n
    self.writeBack = writeBack
  }
}
