// Owns the words of the few instructions that test programs are built around.
// It does not know what they are for.

/// Instruction words by name. The instruction decides what register 31 means.
enum A64 {
  /// System registers that EL0 may write, as the fields op0 to op2 in bits 20:5.
  enum SystemRegister: UInt32 { case nzcv = 0x1b_4200, fpcr = 0x1b_4400, fpsr = 0x1b_4420, threadPointer = 0x1b_d040 }

  static func readSystem(_ register: SystemRegister, _ t: Int) -> UInt32 { 0xd520_0000 | register.rawValue | UInt32(t) }
  static func writeSystem(_ register: SystemRegister, _ t: Int) -> UInt32 { 0xd500_0000 | register.rawValue | UInt32(t) }
  static let clearExclusive: UInt32 = 0xd503_3f5f
  static let clearSSBS: UInt32 = 0xd503_403f

  /// Loads a constant below 2^32, always in two words.
  static func move(_ d: Int, _ value: UInt64) -> [UInt32] {
    precondition(value >> 32 == 0)
    return [0xd280_0000 | UInt32(value & 0xffff) << 5 | UInt32(d), 0xf2a0_0000 | UInt32(value >> 16) << 5 | UInt32(d)]
  }
  static func moveToSP(_ n: Int) -> UInt32 { 0x9100_001f | UInt32(n) << 5 }
  static func moveFromSP(_ d: Int) -> UInt32 { 0x9100_03e0 | UInt32(d) }
  static func add(_ d: Int, _ n: Int, _ value: Int) -> UInt32 { 0x9100_0000 | UInt32(value) << 10 | registers(d, n) }
  static func addRegister(_ d: Int, _ n: Int, _ m: Int) -> UInt32 { 0x8b00_0000 | UInt32(m) << 16 | registers(d, n) }
  static func subtract(_ d: Int, _ n: Int, _ m: Int) -> UInt32 { 0xcb00_0000 | UInt32(m) << 16 | registers(d, n) }
  static func subtract(_ d: Int, _ n: Int, value: Int) -> UInt32 { 0xd100_0000 | UInt32(value) << 10 | registers(d, n) }
  static func compare(_ n: Int, _ m: Int) -> UInt32 { 0xeb00_0000 | UInt32(m) << 16 | registers(31, n) }
  static func shiftRightBy2(_ d: Int, _ n: Int) -> UInt32 { 0xd342_fc00 | registers(d, n) }
  static func keepLow3(_ d: Int, _ n: Int) -> UInt32 { 0x9240_0800 | registers(d, n) }

  static func load(_ t: Int, _ n: Int, _ offset: Int) -> UInt32 { 0xf940_0000 | UInt32(offset / 8) << 10 | registers(t, n) }
  static func store(_ t: Int, _ n: Int, _ offset: Int) -> UInt32 { 0xf900_0000 | UInt32(offset / 8) << 10 | registers(t, n) }
  static func storeByte(_ t: Int, _ n: Int, _ m: Int) -> UInt32 { 0x3820_6800 | UInt32(m) << 16 | registers(t, n) }
  static func loadPair(_ t: Int, _ t2: Int, _ n: Int, _ offset: Int) -> UInt32 { 0xa940_0000 | pair(t, t2, n, offset / 8) }
  static func storePair(_ t: Int, _ t2: Int, _ n: Int, _ offset: Int) -> UInt32 { 0xa900_0000 | pair(t, t2, n, offset / 8) }
  static func loadPairQ(_ t: Int, _ t2: Int, _ n: Int, _ offset: Int) -> UInt32 { 0xad40_0000 | pair(t, t2, n, offset / 16) }
  static func storePairQ(_ t: Int, _ t2: Int, _ n: Int, _ offset: Int) -> UInt32 { 0xad00_0000 | pair(t, t2, n, offset / 16) }

  static func branch(from: UInt64, to: UInt64) -> UInt32 { 0x1400_0000 | UInt32(truncatingIfNeeded: (to &- from) / 4) & 0x3ff_ffff }
  static func branchRegister(_ n: Int) -> UInt32 { 0xd61f_0000 | UInt32(n) << 5 }
  static func skipIfZero(_ t: Int, words: Int) -> UInt32 { 0xb400_0000 | UInt32(words + 1) << 5 | UInt32(t) }
  static func skipUnlessNegative(_ t: Int, words: Int) -> UInt32 { 0xb6f8_0000 | UInt32(words + 1) << 5 | UInt32(t) }
  static func branchIfEqual(words: Int) -> UInt32 { 0x5400_0000 | UInt32(words & 0x7_ffff) << 5 }
  static func branchIfNotEqual(words: Int) -> UInt32 { branchIfEqual(words: words) | 1 }
  static func systemCall(_ number: UInt64) -> [UInt32] { move(8, number) + [0xd400_0001] }

  private static func registers(_ d: Int, _ n: Int) -> UInt32 { UInt32(n) << 5 | UInt32(d) }
  private static func pair(_ t: Int, _ t2: Int, _ n: Int, _ scaled: Int) -> UInt32 {
    UInt32(scaled & 0x7f) << 15 | UInt32(t2) << 10 | registers(t, n)
  }
}
