// Owns a stretch that is being built: its words so far, and the registers that they already use.
// It does not choose words.

/// A stretch to which words are added, each with the registers that it needs.
struct StretchDraft {
  private(set) var words: [UInt32] = []
  private var classes: [Int] = []
  private var input = StretchState()
  private var codeRegisters: UInt32 = 0
  /// Registers that an earlier word may have written, and registers whose input is an address. Bit 31 is SP.
  private var written: UInt32 = 0
  private var pinned: UInt32 = 0
  /// Branches, whose offsets depend on the final number of words.
  private var branches: [(word: Int, offsetBits: Int)] = []
  private var registerBranches: [(word: Int, register: Int)] = []

  init(_ random: inout RandomOperands) {
    for register in 0..<32 { input.x[register] = random.general() }
    let size = random.choice([8, 16, 32, 64])
    for register in 0..<32 {
      let lane = random.chance(3, in: 4) ? size : random.choice([8, 16, 32, 64])
      (input.v[2 * register], input.v[2 * register + 1]) = random.vector(lane: lane)
    }
    input.fpcr = random.control()
    input.fpsr = random.status()
    input.nzcv = random.bits() & 0xf000_0000
    for index in input.window.indices { input.window[index] = random.vector(lane: size).low }
    input.place = TestProgramLayout.address(slot: 0, word: 0)
  }

  /// Adds a word, or the pair that it begins; false if its registers cannot get the values that it requires.
  mutating func add(_ word: UInt32, of kind: EncodingClass, index: Int, _ random: inout RandomOperands) -> Bool {
    var word = word
    let n = Int(word >> 5 & 31)
    switch kind.needs {
    case .nothing: break
    case .literal: word = word & ~0x00ff_ffe0 | UInt32(random.below(8)) << 5
    case .branch(let bits):
      branches.append((words.count, bits))
      if bits == 26 && word >> 31 == 1 { written |= 1 << 30 }
    case .branchToRegister:
      guard n != 31, isFree(n) else { return false }
      pinned |= 1 << UInt32(n)
      codeRegisters |= 1 << UInt32(n)
      registerBranches.append((words.count, n))
      written |= 1 << 30
    case .addressInRt:
      let t = Int(word & 31)
      guard t != 31, isFree(t) else { return false }
      pin(t, to: target(16, aligned: false, &random))
    case .memory(let addressing):
      // A store exclusive whose size differs from the load's is CONSTRAINED UNPREDICTABLE, and QEMU then compares values.
      let access = MemoryAccess(word)
      if access.isExclusive && !access.isLoadExclusive && words.contains(where: { MemoryAccess($0).isLoadExclusive }) { return false }
      guard place(word, addressing, kind.alignment, &random) else { return false }
    case .exclusivePair:
      guard words.count + 2 <= Stretch.wordLimit, place(word, .base, kind.alignment, &random) else { return false }
      append(word, index, kind)
      word = storeExclusive(after: word, &random)
      // The load must not have overwritten the address.
      guard written >> UInt32(n) & 1 == 0 else {
        words.removeLast()
        classes.removeLast()
        return false
      }
    }
    append(word, index, kind)
    return true
  }

  /// Whether the exclusion concerns only bits of FPCR, which are then set to zero. This is not possible after a word that sets
  /// FPCR.
  mutating func avoids(_ exclusion: Exclusion) -> Bool {
    if exclusion.control == 0 || words.contains(where: { $0 & 0xffff_ffe0 == A64.writeSystem(.fpcr, 0) }) { return false }
    input.fpcr &= ~exclusion.control
    return true
  }

  mutating func addFiller(_ index: Int) {
    words.append(Stretch.nop)
    classes.append(index)
  }

  private mutating func append(_ word: UInt32, _ index: Int, _ kind: EncodingClass) {
    words.append(word)
    classes.append(index)
    // Results go to Rd or Rt. Loads and stores also write Rt2, Rs (CASP: and the next register), and with write-back Rn, the only
    // field here that names SP.
    let zero: UInt32 = 1 << 31
    func register(_ field: UInt32) -> UInt32 { 1 << (word >> field & 31) }
    let isSwapOfPair = word & 0xbfa0_7c00 == 0x0820_7c00
    switch kind.needs {
    case .nothing, .literal: written |= register(0)
    case .memory: written |= (register(0) | register(10) | register(16) << (isSwapOfPair ? 1 : 0) | register(16)) & ~zero | register(5)
    case .exclusivePair: written |= (register(0) | register(10) | register(16)) & ~zero
    case .branch, .branchToRegister, .addressInRt: break
    }
  }

  /// The words with the offsets of their branches, and the state before them.
  func finished(_ random: inout RandomOperands) -> Stretch {
    var words = self.words
    var input = self.input
    for (index, bits) in branches {
      let offset = UInt32(1 + random.below(words.count - index))
      let low: UInt32 = bits == 26 ? 0 : 5
      words[index] = words[index] & ~((1 << UInt32(bits) - 1) << low) | offset << low
    }
    for (index, register) in registerBranches {
      input.x[register] = TestProgramLayout.address(slot: 0, word: index + 1 + random.below(words.count - index))
    }
    return Stretch(words: words, classes: classes, input: input, codeRegisters: codeRegisters)
  }

  // MARK: Addresses

  private func isFree(_ register: Int) -> Bool { (written | pinned) >> UInt32(register) & 1 == 0 }

  private mutating func pin(_ register: Int, to value: UInt64) {
    pinned |= 1 << UInt32(register)
    input.x[register] = value
  }

  /// An address in the window with room for `size` bytes.
  private func target(_ size: Int, aligned: Bool, _ random: inout RandomOperands) -> UInt64 {
    let room = StretchState.windowSize - size
    let offset = aligned ? random.below(room / size + 1) * size : random.below(room + 1)
    return TestProgramLayout.window + UInt64(offset)
  }

  /// Gives Rn an address in the window, while the other parts of the address stay as they are.
  private mutating func place(
    _ word: UInt32, _ addressing: EncodingClass.Addressing, _ alignment: EncodingClass.Alignment, _ random: inout RandomOperands
  ) -> Bool {
    let access = MemoryAccess(word)
    let n = Int(word >> 5 & 31)
    guard isFree(n) else { return false }
    var offset: UInt64 = 0
    switch addressing {
    case .base: break
    case .immediate9: offset = access.immediate9
    case .immediate7: offset = access.immediate7
    case .immediate12: offset = access.immediate12
    case .register:
      let m = Int(word >> 16 & 31)
      if m != 31 {
        guard m != n, written >> UInt32(m) & 1 == 0 else { return false }
        pinned |= 1 << UInt32(m)
      }
      offset = access.registerOffset(m == 31 ? 0 : input.x[m])
    }
    let isAligned =
      switch alignment {
      case .sometimes: random.chance(1, in: 2)
      case .mostly: random.chance(15, in: 16)
      case .always: true
      }
    var base = target(access.size, aligned: isAligned, &random) &- offset
    if n == 31 {
      // SP is always aligned as a base, because QEMU's user mode does not check that.
      base &= ~15
      if alignment == .always && (base &+ offset) % UInt64(access.size) != 0 { return false }
      let window = TestProgramLayout.window..<TestProgramLayout.window + UInt64(StretchState.windowSize)
      guard window.contains(base &+ offset), window.contains(base &+ offset &+ UInt64(access.size - 1)) else { return false }
    }
    // The top byte is ignored, because Linux runs programs with TBI.
    if n != 31 && random.chance(1, in: 8) { base = base & ~(0xff << 56) | random.bits() << 56 }
    pin(n, to: base)
    return true
  }

  /// A store exclusive to the place that `load` loaded from, with any Rs and Rt.
  private func storeExclusive(after load: UInt32, _ random: inout RandomOperands) -> UInt32 {
    let same = load & 0xffa0_03e0  // size, o2, o1, Rn
    let isPair = load >> 21 & 1 == 1
    return same | UInt32(random.below(32)) << 16 | UInt32(random.below(2)) << 15 | UInt32(isPair ? random.below(32) : 31) << 10
      | UInt32(random.below(32))
  }
}
