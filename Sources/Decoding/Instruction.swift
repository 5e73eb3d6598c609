// Owns the decoded A64 instruction: families with orthogonal operands, with aliases folded to their base form.
// It does not know the word that it came from, which decoder read the word, or what executing the instruction does.
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
  /// MOVN, MOVZ, MOVK; `shift` is 0, 16, 32 or 48.
  case moveWide(MoveWide, Width, d: Register, immediate: UInt16, shift: UInt8)
  /// ADR, or ADRP if `page`. The offset is in bytes, from the PC or from the start of the PC's 4 KiB page.
  case pcRelative(page: Bool, d: Register, offset: Int64)
  /// SBFM, BFM, UBFM (shifts by immediate, extends and bitfield moves are aliases).
  case bitfield(Bitfield, Width, d: Register, n: Register, immr: UInt8, imms: UInt8)
  /// EXTR.
  case extract(Width, d: Register, n: Register, m: Register, lsb: UInt8)
  /// CSEL, CSINC, CSINV, CSNEG.
  case conditionalSelect(ConditionalSelect, Width, d: Register, n: Register, m: Register, Condition)
  /// CCMP, or CCMN if `negative`: compares if the condition holds, and otherwise sets NZCV to `nzcv`.
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
  /// SMAX, UMAX, SMIN, UMIN (FEAT_CSSC). The second operand is a register, or an immediate extended to the width.
  case minMax(MinMax, Width, d: Register, n: Register, m: MinMaxOperand)
  /// CFINV, RMIF, SETF8, SETF16 (FEAT_FlagM), AXFLAG, XAFLAG (FEAT_FlagM2).
  case flagManipulation(FlagManipulation)
  /// CRC32B/H/W/X and CRC32CB/CH/CW/CX; `size` is that of the data in bytes.
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
  /// LDXR, LDAXR, or LDXP, LDAXP if `t2` is not nil. `size` is that of one register.
  case loadExclusive(size: AccessSize, acquire: Bool, t: Register, t2: Register?, n: Register)
  /// STXR, STLXR, or STXP, STLXP if `t2` is not nil. `s` receives 0 if the store was done, and 1 if not.
  case storeExclusive(size: AccessSize, release: Bool, s: Register, t: Register, t2: Register?, n: Register)
  /// LDADD and the rest of FEAT_LSE's read-modify-writes; the ST forms have t = XZR.
  case atomic(AtomicOperation, size: AccessSize, acquire: Bool, release: Bool, s: Register, t: Register, n: Register)
  /// CAS: compares memory with `s`, and stores `t` if they are equal; `s` receives the old value.
  case compareAndSwap(size: AccessSize, acquire: Bool, release: Bool, s: Register, t: Register, n: Register)
  /// CASP: does what CAS does with the pairs s, s+1 and t, t+1; `size` (word or doubleword) is that of one register.
  case compareAndSwapPair(size: AccessSize, acquire: Bool, release: Bool, s: Register, t: Register, n: Register)
  /// PRFM, PRFUM: `operation` is the 5-bit prfop.
  case prefetch(operation: UInt8, Addressing)

  // Pointer authentication (FEAT_PAuth). The Z forms have `.zero` as the modifier.
  /// PACIA, PACIB, PACDA, PACDB: sign the pointer in `d`.
  case addPointerCode(PointerKey, d: Register, modifier: Register)
  /// AUTIA, AUTIB, AUTDA, AUTDB.
  case authenticatePointer(PointerKey, d: Register, modifier: Register)
  /// XPACI, or XPACD if `data`.
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
  /// LDR, LDUR of a B, H, S, D or Q register; `log2Size` is log2 of its bytes, 0 to 4.
  case loadVector(log2Size: UInt8, t: VectorRegister, Addressing)
  case storeVector(log2Size: UInt8, t: VectorRegister, Addressing)
  /// LDP, LDNP of S, D or Q registers.
  case loadVectorPair(log2Size: UInt8, t: VectorRegister, t2: VectorRegister, Addressing)
  case storeVectorPair(log2Size: UInt8, t: VectorRegister, t2: VectorRegister, Addressing)
  /// MOVI, MVNI, ORR, BIC and FMOV (vector, immediate). The operand is the 64-bit pattern of each half of the register.
  case vectorImmediate(VectorImmediate, full: Bool, d: VectorRegister, immediate: UInt64)
  /// FMOV (register): `log2Size` 2 (S) or 3 (D); the rest of the register is cleared.
  case moveVectorScalar(log2Size: UInt8, d: VectorRegister, n: VectorRegister)
  /// FMOV (scalar, immediate): `bits` is the encoded value; `log2Size` 2 (S) or 3 (D).
  case moveVectorScalarImmediate(log2Size: UInt8, d: VectorRegister, bits: UInt64)
  /// FMOV (general) to a vector register: S (2), D (3), or with `upper` the upper half D[1], which keeps the lower half.
  case moveGeneralToVector(log2Size: UInt8, upper: Bool, d: VectorRegister, n: Register)
  /// FMOV (general) from a vector register.
  case moveVectorToGeneral(log2Size: UInt8, upper: Bool, d: Register, n: VectorRegister)
  /// DUP (element) to a vector, of 128 bits if `full`; DUP (element, scalar) if `scalar`.
  case duplicateElement(log2Size: UInt8, full: Bool, scalar: Bool, d: VectorRegister, n: VectorRegister, index: UInt8)
  /// DUP (general).
  case duplicateGeneral(log2Size: UInt8, full: Bool, d: VectorRegister, n: Register)
  /// INS (element).
  case insertElement(log2Size: UInt8, d: VectorRegister, index: UInt8, n: VectorRegister, sourceIndex: UInt8)
  /// INS (general).
  case insertGeneral(log2Size: UInt8, d: VectorRegister, index: UInt8, n: Register)
  /// SMOV if `signed`, else UMOV: moves an element to a general register of `Width`.
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
  /// IRG; the bits of `m` exclude tags.
  case insertRandomTag(d: Register, n: Register, m: Register)
  /// GMI.
  case insertTagMask(d: Register, n: Register, m: Register)
  /// SUBP, SUBPS.
  case subtractPointer(setsFlags: Bool, d: Register, n: Register, m: Register)
  /// STG, STZG, ST2G, STZ2G: store the tag in `t` for one or two granules of 16 bytes. If `zeroes`, their data become zero.
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
  /// HINT: NOP, YIELD, WFE, WFI, SEV, SEVL and all other instructions of the hint space, by the 7-bit number CRm:op2.
  case hint(UInt8)
  /// WFET, WFIT (FEAT_WFxT): wait until the virtual counter reaches the value in `t`.
  case waitWithTimeout(event: Bool, t: Register)
  /// CLREX, DSB, DMB, ISB, SB; `option` is CRm.
  case barrier(BarrierInstruction, option: UInt8)
  /// MRS.
  case readSystemRegister(t: Register, SystemRegister)
  /// MSR (register).
  case writeSystemRegister(SystemRegister, t: Register)
  /// MSR (immediate). op1 and op2 name the PSTATE field, and `immediate` is CRm.
  case writeProcessorState(op1: UInt8, op2: UInt8, immediate: UInt8)
  /// SYS (AT, DC, IC, TLBI are aliases): a `SystemRegister` with op0 = 1.
  case system(SystemRegister, t: Register)
  /// SYSL.
  case systemRead(SystemRegister, t: Register)

  /// The word is not allocated or not supported. Executing it is UNDEFINED.
  case undefined
}

/// A general register: 0 to 30 are X0 to X30, `.zero` is XZR or WZR, `.sp` is the stack pointer. The decoder resolves number 31.
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
  /// RMIF: `mask` selects which of N, Z, C, V are set from bits 3:0 of `n` rotated right.
  case rmif(n: Register, rotation: UInt8, mask: UInt8)
  /// SETF8 and SETF16: set the flags from the low `bits` (8 or 16) of `n`.
  case setf(n: Register, bits: UInt8)
}
@frozen public enum BranchRegister: UInt8, Hashable, Sendable { case br, blr, ret }
/// The four keys for addresses. Bit 1 is set for the data keys, bit 0 for the B keys.
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
  /// An immediate at its full value, after the shift of add/subtract or the expansion of a logical immediate.
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
  /// Whether the second operand is inverted first: BIC, ORN, EON.
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
  /// [n, #offset], for the scaled and the unscaled form.
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

/// What a load or store requires beside its address.
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
  /// The width to which the value is sign-extended; nil if it is zero-extended.
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
  /// The size in memory of one register's value: word or doubleword.
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
    /// One lane of each register, by index.
    case lane(UInt8, log2Size: UInt8)
    /// One element is loaded and copied to all lanes of each register.
    case replicate(Arrangement)
  }
  /// How the base register changes afterwards.
  @frozen public enum WriteBack: Hashable, Sendable {
    case none
    /// The base register grows by the number of bytes transferred.
    case transferSize
    case register(Register)
  }
  public var load: Bool
  /// The number of elements of a structure, 1 to 4. They use consecutive registers from `t` on, modulo 32.
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
