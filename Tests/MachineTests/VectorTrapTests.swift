// Owns the traps of FP and SIMD instructions: each kind, at each level, under each value of CPACR_EL1.FPEN.
// It does not know what the instructions do. Arm ARM CPACR_EL1.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct VectorTrapTests {
  static let words: [UInt32] = [
    0x3dc0_0000,  // ldr q0, [x0]
    0xfd40_0000,  // ldr d0, [x0]
    0xbd40_0000,  // ldr s0, [x0]
    0x3d40_0000,  // ldr b0, [x0]
    0x3c81_0400,  // str q0, [x0], #16
    0x3d80_0000,  // str q0, [x0]
    0x3ce1_6800,  // ldr q0, [x0, x1]
    0x3ca1_6800,  // str q0, [x0, x1]
    0xad40_0400,  // ldp q0, q1, [x0]
    0xad00_0400,  // stp q0, q1, [x0]
    0x1c00_0040,  // ldr s0, #8
    0x6f00_e400,  // movi v0.2d, #0
    0x1e60_4020,  // fmov d0, d1
    0x1e6e_1000,  // fmov d0, #1.0
    0x9e67_0000,  // fmov d0, x0
    0x9e66_0000,  // fmov x0, d0
    0x4e08_0c00,  // dup v0.2d, x0
    0x4e18_1c00,  // mov v0.d[1], x0
    0x4e08_3c00,  // mov x0, v0.d[0]
    0x4ea1_1c20,  // mov v0.16b, v1.16b
    0x4e62_d420,  // fadd v0.2d, v1.2d, v2.2d
    0x4e22_cc20,  // fmla v0.4s, v1.4s, v2.4s
    0x5e22_fc20,  // frecps s0, s1, s2
    0x6e82_e420,  // fcadd v0.4s, v1.4s, v2.4s, #90
    0x4ee0_f820,  // fabs v0.2d, v1.2d
    0x4f20_fc20,  // fcvtzs v0.4s, v1.4s, #32
    0x0e21_7820,  // fcvtl v0.4s, v1.4h
    0x6e30_f820,  // fmaxv s0, v1.4s
    0x7e70_d820,  // faddp d0, v1.2d
    0x4fc2_1020,  // fmla v0.2d, v1.2d, v2.d[0]
    0x5f82_9020,  // fmul s0, s1, v2.s[0]
    0xd53b_4400,  // mrs x0, fpcr
    0xd53b_4420,  // mrs x0, fpsr
    0xd51b_4400,  // msr fpcr, x0
    0xd51b_4420,  // msr fpsr, x0
  ]

  @Test(arguments: [true, false]) func traps(fastTable: Bool) throws {
    for word in Self.words {
      for enabled in 0..<4 as Range<UInt64> {
        for level in [0, 1] {
          let machine = try BareMachine.guestEL1([word], el0: [word], fastTable: fastTable)
          if level == 0 { machine.enterEL0() }
          let pc = machine[0].pc
          // The access is made twice, the second time with the page in the tables that handlers probe.
          for _ in 0..<2 {
            machine[0].write(.CPACR_EL1, 3 << 20)
            machine[0][x: 0] = 0x3000
            machine[0][x: 1] = 0
            #expect(machine.run(count: 1) == .instructionLimit)
            #expect(machine[0].pc == pc + 4)
            machine[0].pc = pc
          }
          machine[0].write(.CPACR_EL1, enabled << 20)
          machine[0][x: 0] = 0x3000
          #expect(machine.run(count: 1) == .instructionLimit)
          if enabled == 3 || (enabled == 1 && level == 1) {
            #expect(machine[0].pc == pc + 4)
          } else {
            #expect(machine[0].pc == (level == 0 ? 0xe400 : 0xe200), "\(String(word, radix: 16))")
            #expect(machine[0].read(.ESR_EL1) == 0x1fe0_0000)
            #expect(machine[0].read(.ELR_EL1) == pc)
            #expect(machine[0][x: 0] == 0x3000)
          }
        }
      }
    }
  }

  /// FPEN 01: an instruction that traps at EL0 runs in EL1's handler, and traps again after ERET.
  @Test func theLevelDecides() throws {
    let machine = try BareMachine.guestEL1([], el0: [0x3dc0_0000])  // ldr q0, [x0]
    machine.put(0x4010_3400, words: [0x3dc0_0000, 0x9100_0421, 0xd69f_03e0])  // ldr q0, [x0]; add x1, x1, #1; eret
    machine[0].write(.CPACR_EL1, 1 << 20)
    #expect(machine[0].read(.CPACR_EL1) == 1 << 20)
    machine[0][x: 0] = 0x3000
    machine.enterEL0()
    #expect(machine.run(count: 30) == .instructionLimit)
    #expect(machine[0][x: 1] == 10)
    #expect(machine[0].statistics.exceptions[7] == 10 || machine[0].statistics.exceptions[7] == 11)
  }

  /// The trap comes before any fault of the access and before the check of SP.
  @Test func theTrapComesFirst() throws {
    let machine = try BareMachine()
    machine[0].write(.CPACR_EL1, 0)
    #expect(machine.exception(of: 0x3dc0_0000, x0: 0x7000)?.esr == 0x1fe0_0000)  // ldr q0, [x0]
    let taken = machine.exception(of: 0x3dc0_03e0, x0: 0) { $0.sp = 0x3008 }  // ldr q0, [sp]
    #expect(taken == TakenException(esr: 0x1fe0_0000, far: 0, elr: 0x1000))
    // Integer loads are not affected.
    #expect(machine.exception(of: 0xf940_0001, x0: 0x3000)?.esr == 0x5600_0000)  // ldr x1, [x0]
  }
}
