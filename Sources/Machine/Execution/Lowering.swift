// Owns the choice of handler and the packing of operands, which turn an instruction into an op. It does not know what handlers
// do. It sees no addresses, only the slot, which tells near branches from far ones.
import Architecture
import Decoding

struct Lowering {
  /// The index of the word in its page.
  let slot: Int
  /// The page that stores the op's 64-bit immediate.
  let page: CodePage
  /// A strict run checks at each DSB.
  let isStrict: Bool

  /// The op of an instruction. An instruction without a fast handler goes to the general executor.
  func lower(_ instruction: Instruction) -> Op {
    switch instruction {
    case .addSubtract(let i): addSubtract(i)
    case .addSubtractWithCarry(let subtract, let setsFlags, let width, let d, let n, let m):
      Op(pick(width, Self.carry[(subtract ? 2 : 0) + (setsFlags ? 1 : 0)]), d: target(d), n: n.rawValue, m: m.rawValue)
    case .logical(let i): logical(i)
    case .moveWide(let kind, let width, let d, let value, let shift): moveWide(kind, width, d, value, shift)
    case .pcRelative(let page, let d, let offset):
      Op(page ? h_adrp : h_adr as Handler, d: target(d), imm: Int32(truncatingIfNeeded: page ? offset >> 12 : offset))
    case .bitfield(let kind, let width, let d, let n, let immr, let imms): bitfield(kind, width, d, n, immr, imms)
    case .extract(let width, let d, let n, let m, let lsb):
      Op(pick(width, (h_extr_x, h_extr_w)), d: target(d), n: n.rawValue, m: m.rawValue, s: lsb)
    case .conditionalSelect(let kind, let width, let d, let n, let m, let condition):
      Op(
        pick(width, Self.select[Int(kind.rawValue)]), d: target(d), n: n.rawValue, m: m.rawValue,
        imm: Int32(condition.truthTable))
    case .conditionalCompare(let negative, let width, let n, let operand, let nzcv, let condition):
      switch operand {
      case .immediate(let value):
        Op(
          pick(width, negative ? (h_ccmnImm_x, h_ccmnImm_w) : (h_ccmpImm_x, h_ccmpImm_w)), n: n.rawValue, m: value, s: nzcv,
          imm: Int32(condition.truthTable))
      case .register(let m):
        Op(
          pick(width, negative ? (h_ccmn_x, h_ccmn_w) : (h_ccmp_x, h_ccmp_w)), n: n.rawValue, m: m.rawValue, s: nzcv,
          imm: Int32(condition.truthTable))
      }
    case .shiftVariable(let type, let width, let d, let n, let m):
      Op(pick(width, Self.shifts[Int(type.rawValue)]), d: target(d), n: n.rawValue, m: m.rawValue)
    case .divide(let signed, let width, let d, let n, let m):
      Op(pick(width, signed ? (h_sdiv_x, h_sdiv_w) : (h_udiv_x, h_udiv_w)), d: target(d), n: n.rawValue, m: m.rawValue)
    case .multiplyAdd(let subtract, let width, let d, let n, let m, let a):
      Op(
        pick(width, subtract ? (h_msub_x, h_msub_w) : (h_madd_x, h_madd_w)), d: target(d), n: n.rawValue, m: m.rawValue,
        s: a.rawValue)
    case .multiplyAddLong(let signed, let subtract, let d, let n, let m, let a):
      Op(Self.longMultiplies[(signed ? 2 : 0) + (subtract ? 1 : 0)], d: target(d), n: n.rawValue, m: m.rawValue, s: a.rawValue)
    case .multiplyHigh(let signed, let d, let n, let m):
      Op(signed ? h_smulh : h_umulh, d: target(d), n: n.rawValue, m: m.rawValue)
    case .unary(let operation, let width, let d, let n):
      Op(pick(width, Self.unaries[Int(operation.rawValue)]), d: target(d), n: n.rawValue)
    case .branch(let link, let offset):
      branch(offset, near: link ? h_bl : h_b, far: link ? h_blFar : h_bFar)
    case .branchConditional(let condition, let offset):
      branch(
        offset, near: h_bcond, far: h_bcondFar, n: UInt8(truncatingIfNeeded: condition.truthTable),
        m: UInt8(truncatingIfNeeded: condition.truthTable >> 8))
    case .compareAndBranch(let nonzero, let width, let t, let offset):
      nonzero
        ? branch(offset, near: pick(width, (h_cbnz_x, h_cbnz_w)), far: pick(width, (h_cbnzFar_x, h_cbnzFar_w)), n: t.rawValue)
        : branch(offset, near: pick(width, (h_cbz_x, h_cbz_w)), far: pick(width, (h_cbzFar_x, h_cbzFar_w)), n: t.rawValue)
    case .testAndBranch(let nonzero, let bit, let t, let offset):
      branch(offset, near: nonzero ? h_tbnz : h_tbz, far: nonzero ? h_tbnzFar : h_tbzFar, n: t.rawValue, s: bit)
    case .branchRegister(let kind, let n):
      switch kind {
      case .ret: Op(h_ret, n: n.rawValue)
      case .blr: Op(h_blr, n: n.rawValue)
      case .br: Op(n.isForVeneers ? h_brVeneer : h_br, n: n.rawValue)
      }
    case .prefetch: Op(h_nop)
    case .barrier(let barrier, _): Op(barrier == .clrex || (barrier == .dsb && isStrict) ? h_general : h_nop)
    // YIELD, WFE, WFI, SEV and SEVL; the rest of the hint space does nothing here.
    case .hint(let number): Op((1...5).contains(number) ? h_general : h_nop)
    case .simd(let i): simd(i)
    default: lowerMemory(instruction) ?? lowerMove(instruction) ?? Op(h_general)
    }
  }

  /// The index of a destination. For XZR it is the place whose value is discarded.
  func target(_ d: Register) -> UInt8 { d == .zero ? UInt8(RegisterSlot.discard.rawValue) : d.rawValue }

  func pick(_ width: Width, _ handlers: (x: Handler, w: Handler)) -> Handler { width == .x ? handlers.x : handlers.w }

  private func branch(_ offset: Int64, near: Handler, far: Handler, n: UInt8 = 0, m: UInt8 = 0, s: UInt8 = 0) -> Op {
    let words = offset >> 2
    let destination = Int64(slot) + words
    let isNear = destination >= 0 && destination < Int64(Op.perPage)
    return Op(isNear ? near : far, n: n, m: m, s: s, imm: Int32(truncatingIfNeeded: isNear ? words * 16 : words))
  }

  private func addSubtract(_ i: AddSubtract) -> Op {
    let d = target(i.d)
    let n = i.n.rawValue
    switch i.operand {
    case .immediate(let value):
      let signed = Int32(truncatingIfNeeded: value)
      if !i.setsFlags { return Op(pick(i.width, (h_addImm_x, h_addImm_w)), d: d, n: n, imm: i.subtract ? 0 - signed : signed) }
      return Op(pick(i.width, i.subtract ? (h_subsImm_x, h_subsImm_w) : (h_addsImm_x, h_addsImm_w)), d: d, n: n, imm: signed)
    case .shifted(let m, let type, let amount):
      let row = Self.addSubtracts[(i.subtract ? 2 : 0) + (i.setsFlags ? 1 : 0)]
      if amount == 0 { return Op(pick(i.width, row.plain), d: d, n: n, m: m.rawValue) }
      if type == .lsl && i.width == .x && !i.setsFlags {
        return Op(i.subtract ? h_subLsl_x : h_addLsl_x, d: d, n: n, m: m.rawValue, s: amount)
      }
      return Op(pick(i.width, row.shifted), d: d, n: n, m: m.rawValue, s: type.rawValue << 6 | amount)
    case .extended(let m, let type, let amount):
      let row = Self.addSubtracts[(i.subtract ? 2 : 0) + (i.setsFlags ? 1 : 0)]
      return Op(pick(i.width, row.extended), d: d, n: n, m: m.rawValue, s: type.rawValue << 3 | amount)
    }
  }

  private func logical(_ i: Logical) -> Op {
    let d = target(i.d)
    let n = i.n.rawValue
    switch i.operand {
    case .immediate(let value):
      let row = Self.logicalImmediates[i.setsFlags ? 3 : Int(i.operation.rawValue)]
      if i.width == .w { return Op(row.w, d: d, n: n, imm: Int32(truncatingIfNeeded: value)) }
      let literal = page.setLiteral(slot, value)
      // MOV (bitmask immediate) is ORR of XZR.
      return i.operation == .orr && i.n == .zero ? Op(h_movLiteral, d: d, imm: literal) : Op(row.x, d: d, n: n, imm: literal)
    case .shifted(let m, let type, let amount):
      if i.operation == .orr && !i.invert && i.n == .zero && amount == 0 {
        return Op(pick(i.width, (h_mov_x, h_mov_w)), d: d, m: m.rawValue)
      }
      let row = Self.logicals[i.setsFlags ? (i.invert ? 7 : 6) : Int(i.operation.rawValue) + (i.invert ? 3 : 0)]
      if amount == 0 { return Op(pick(i.width, row.plain), d: d, n: n, m: m.rawValue) }
      return Op(pick(i.width, row.shifted), d: d, n: n, m: m.rawValue, s: type.rawValue << 6 | amount)
    case .extended: preconditionFailure("logical instructions have no extended operand")
    }
  }

  private func moveWide(_ kind: MoveWide, _ width: Width, _ d: Register, _ immediate: UInt16, _ shift: UInt8) -> Op {
    if kind == .movk {
      return Op(pick(width, (h_movk_x, h_movk_w)), d: target(d), s: shift, imm: Int32(immediate))
    }
    let shifted = UInt64(immediate) << UInt64(shift)
    let value = kind == .movz ? shifted : width == .x ? ~shifted : ~shifted & 0xffff_ffff
    if let small = Int32(exactly: Int64(bitPattern: value)) { return Op(h_movImm, d: target(d), imm: small) }
    return Op(h_movLiteral, d: target(d), imm: page.setLiteral(slot, value))
  }

  private func bitfield(_ kind: Bitfield, _ width: Width, _ d: Register, _ n: Register, _ immr: UInt8, _ imms: UInt8) -> Op {
    if kind == .bfm { return Op(pick(width, (h_bfm_x, h_bfm_w)), d: target(d), n: n.rawValue, m: immr, s: imms) }
    if kind == .ubfm && imms < 31 && immr == 0 {
      // UXTB, UXTH and every other extract from bit 0 become an AND with a mask.
      return Op(h_andImm_w, d: target(d), n: n.rawValue, imm: Int32((1 << (Int(imms) + 1)) - 1))
    }
    // The left shift moves the field's top bit to bit 63. The right shift then moves its low bit to where it belongs.
    let bits = width.rawValue
    let left = 63 - imms
    let right = imms >= immr ? 63 - (imms - immr) : 63 - imms - (bits - immr)
    if kind == .ubfm && right == 0 && width == .x { return Op(h_lslImm, d: target(d), n: n.rawValue, s: left) }
    if kind == .ubfm && left == 0 { return Op(h_lsrImm, d: target(d), n: n.rawValue, s: right) }
    let handler = kind == .ubfm ? h_ubfm : pick(width, (h_sbfm_x, h_sbfm_w))
    return Op(handler, d: target(d), n: n.rawValue, m: left, s: right)
  }
}

@c func h_nop(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { go(c, next(p), fa, fb) }
