// Owns the rules that a function's own instructions give where it has no call frame information: what its prologue has saved so far, or
// what is left of its epilogue. It knows only the instructions that compilers write there.

/// Reads prologues and epilogues.
enum FrameScan {
  /// The most instructions of a prologue or an epilogue.
  private static let longest = 256
  private static let longestEpilogue = 12

  /// What a word does to the stack pointer, the frame pointer and the link register.
  enum Effect: Equatable {
    /// SP += this, and then nothing.
    case adjust(Int64)
    /// SP += this in a register's amount that is not known here.
    case unknown
    /// Stores a pair or one register at [SP, offset]; first SP moves by `before`.
    case store([Int], offset: Int64, before: Int64)
    /// Loads a pair or one register from [SP, offset]; then SP moves by `after`.
    case load([Int], offset: Int64, after: Int64)
    /// X29 = SP + this.
    case setFrame(Int64)
    /// SP = X29 + this.
    case resetStack(Int64)
    case other
    /// A return, by X30.
    case returns
    /// Another branch, call or exception.
    case leaves
  }

  /// The rules at `pc` of a function from `start` on; nil if the instructions cannot be read. `saves` says whether the return address has
  /// been stored.
  static func prologue(start: UInt64, pc: UInt64, _ memory: inout StackMemory) -> (row: CallFrameRow, saves: Bool)? {
    var row = CallFrameRow.leaf
    // Offsets from the stack pointer at the function's entry.
    var sp: Int64 = 0
    var frame: Int64?
    var at = start
    while at < pc && (at - start) / 4 < longest {
      guard let word = memory.instruction(at) else { return nil }
      let effect = effect(of: word)
      if effect == .returns || effect == .leaves || effect == .unknown { break }
      switch effect {
      case .adjust(let amount): sp &+= amount
      case .store(let registers, let offset, let before):
        sp &+= before
        for (index, register) in registers.enumerated() where row.rules[register] == .same {
          row.rules[register] = .offset(sp &+ offset &+ Int64(8 * index))
        }
      case .setFrame(let amount): frame = sp &+ amount
      case .load(_, _, let after): sp &+= after
      case .resetStack(let amount): if let frame { sp = frame &+ amount }
      case .other, .returns, .leaves, .unknown: break
      }
      at += 4
    }
    // Behind a branch the stack pointer may have moved; the frame pointer stays.
    row.cfa = frame.map { .register(CallFrameColumn.fp, offset: 0 &- $0) } ?? .register(CallFrameColumn.sp, offset: 0 &- sp)
    return (row, row.rules[CallFrameColumn.link] != .same)
  }

  /// The rules at `pc` if the function is about to return: from here on it only reloads registers, moves the stack pointer, and returns.
  static func epilogue(pc: UInt64, _ memory: inout StackMemory) -> CallFrameRow? {
    var row = CallFrameRow.leaf
    // Offsets from the stack pointer, or the frame pointer, at `pc`.
    var sp: Int64 = 0
    var base = CallFrameColumn.sp
    var loads: [(register: Int, offset: Int64)] = []
    for index in 0..<UInt64(longestEpilogue) {
      guard let word = memory.instruction(pc &+ 4 * index) else { return nil }
      switch effect(of: word) {
      case .adjust(let amount) where amount > 0: sp &+= amount
      case .resetStack(let amount) where loads.isEmpty && sp == 0: (base, sp) = (CallFrameColumn.fp, amount)
      case .load(let registers, let offset, let after):
        for (index, register) in registers.enumerated() { loads.append((register, sp &+ offset &+ Int64(8 * index))) }
        sp &+= after
      case .returns:
        row.cfa = .register(base, offset: sp)
        for load in loads { row.rules[load.register] = .offset(load.offset &- sp) }
        return row
      case .other where isHint(word) || index > 0 && isMove(word): break
      default: return nil
      }
    }
    return nil
  }

  /// The likely start of the function around `pc` where there are no symbols: behind the last return or unconditional branch, or at the
  /// last instruction that begins functions only.
  static func start(before pc: UInt64, _ memory: inout StackMemory) -> UInt64? {
    for index in 1...UInt64(4 * longest) {
      let at = pc &- 4 * index
      guard let word = memory.instruction(at) else { return index > 1 ? at &+ 4 : nil }
      switch word {
      case 0xd503_245f, 0xd503_233f, 0xd503_237f: return at  // bti c, paciasp, pacibsp
      case 0xd65f_03c0, 0xd65f_0bff, 0xd65f_0fff, 0: return at &+ 4  // ret, retaa, retab, udf
      default: if case .store(let registers, _, let before) = effect(of: word), registers.first == 29, before < 0 { return at }
      }
    }
    return nil
  }

  private static func isHint(_ word: UInt32) -> Bool { word & 0xffff_f01f == 0xd503_201f }
  /// A move to a register that may hold the result.
  private static func isMove(_ word: UInt32) -> Bool {
    word & 0x1f <= 7 && (word & 0x7fe0_ffe0 == 0x2a00_03e0 || word & 0x7f80_0000 == 0x5280_0000)
  }

  private static func bits(_ word: UInt32, _ high: UInt32, _ low: UInt32) -> UInt32 { word >> low & (1 << (high - low + 1) - 1) }
  private static func signed(_ value: UInt32, bits: UInt32) -> Int64 { Int64(Int32(bitPattern: value << (32 - bits)) >> Int32(32 - bits)) }

  /// Source: Arm ARM C4.1.
  static func effect(of word: UInt32) -> Effect {
    let (n, t, t2) = (bits(word, 9, 5), Int(bits(word, 4, 0)), Int(bits(word, 14, 10)))
    switch word {
    case 0xd65f_03c0, 0xd65f_0bff, 0xd65f_0fff: return .returns
    case _ where word & 0x7c00_0000 == 0x1400_0000, _ where word & 0xfe00_0000 == 0xd600_0000: return .leaves  // b, bl, br, blr
    case _ where word & 0xff00_0000 == 0x5400_0000, _ where word & 0x7c00_0000 == 0x3400_0000: return .leaves  // b.cond, cbz, tbz
    case _ where word & 0xff00_0000 == 0xd400_0000: return .leaves  // svc and other exceptions
    case _ where word & 0xff00_0000 == 0x9100_0000, _ where word & 0xff00_0000 == 0xd100_0000:  // add, sub (immediate)
      let amount = Int64(bits(word, 21, 10)) << (word & 1 << 22 != 0 ? 12 : 0)
      let change = word & 1 << 30 == 0 ? amount : -amount
      if t == 31 { return n == 31 ? .adjust(change) : n == 29 ? .resetStack(change) : .unknown }
      return t == 29 ? (n == 31 ? .setFrame(change) : .other) : .other
    case _ where word & 0xffe0_ffff == 0xcb20_63ff || word & 0xffe0_ffff == 0x8b20_63ff: return .unknown  // sub, add sp, sp, x
    case _ where word & 0xfe00_0000 == 0xa800_0000 && n == 31:  // stp, ldp of X registers by SP
      let offset = signed(bits(word, 21, 15), bits: 7) * 8
      let isLoad = word & 1 << 22 != 0
      let registers = t < 31 && t2 < 31 ? [t, t2] : []
      switch bits(word, 24, 23) {
      case 1: return isLoad ? .load(registers, offset: 0, after: offset) : .unknown
      case 2: return isLoad ? .load(registers, offset: offset, after: 0) : .store(registers, offset: offset, before: 0)
      case 3: return isLoad ? .unknown : .store(registers, offset: 0, before: offset)
      default: return .other
      }
    case _ where word & 0xfe00_0000 == 0x6c00_0000 && n == 31:  // stp, ldp of D registers by SP
      let offset = signed(bits(word, 21, 15), bits: 7) * 8
      let isLoad = word & 1 << 22 != 0
      switch bits(word, 24, 23) {
      case 1: return isLoad ? .load([], offset: 0, after: offset) : .unknown
      case 3: return isLoad ? .unknown : .store([], offset: 0, before: offset)
      default: return .other
      }
    case _ where word & 0xff80_0000 == 0xf900_0000 && n == 31 && t < 31:  // str, ldr of an X register, unsigned offset
      let offset = Int64(bits(word, 21, 10)) * 8
      return word & 1 << 22 != 0 ? .load([t], offset: offset, after: 0) : .store([t], offset: offset, before: 0)
    case _ where word & 0xffa0_0c00 == 0xf800_0c00 && n == 31 && word & 1 << 22 == 0:  // str, pre-indexed
      return .store(t < 31 ? [t] : [], offset: 0, before: signed(bits(word, 20, 12), bits: 9))
    case _ where word & 0xffe0_0c00 == 0xf840_0400 && n == 31:  // ldr, post-indexed
      return .load(t < 31 ? [t] : [], offset: 0, after: signed(bits(word, 20, 12), bits: 9))
    default: return .other
    }
  }
}
