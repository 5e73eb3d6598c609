// Owns what a structure load or store that faults leaves: the address of its element, and everything else as it was.
// It does not know what such accesses move: SIMDVectorTests.swift does.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct StructureFaultTests {
  /// The first element that faults gives FAR; a base register, the registers and memory are as before.
  /// Arm ARM: an access to a structure is one access for each element (LD1, AArch64.MemSingle).
  static let faults: [(word: UInt32, text: String, x0: UInt64, esr: UInt64, far: UInt64)] = [
    (0x4cdf_a000, "ld1 {v0.16b, v1.16b}, [x0], #32: the second page is not mapped", 0x6ff0, 0x9200_0007, 0x7000),
    (0x4cdf_a000, "the same from a byte before", 0x6fe1, 0x9200_0007, 0x7000),
    (0x4cdf_7c00, "ld1 {v0.2d}, [x0], #16: an element over the page's end", 0x6ffc, 0x9200_0007, 0x7000),
    (0x4cdf_8000, "ld2 {v0.16b, v1.16b}, [x0], #32", 0x6ff3, 0x9200_0007, 0x7000),
    (0x4cdf_0800, "ld4 {v0.4s-v3.4s}, [x0], #64", 0x7004, 0x9200_0007, 0x7004),
    (0x4ddf_c800, "ld1r {v0.4s}, [x0], #4", 0x7010, 0x9200_0007, 0x7010),
    (0x4dff_e000, "ld4r {v0.16b-v3.16b}, [x0], #4", 0x6ffe, 0x9200_0007, 0x7000),
    (0x0ddf_8000, "ld1 {v0.s}[0], [x0], #4", 0x7008, 0x9200_0007, 0x7008),
    (0x4c9f_7800, "st1 {v0.4s}, [x0], #16: the second page is read-only", 0x4ff8, 0x9200_004f, 0x5000),
    (0x4c9f_7000, "st1 {v0.16b}, [x0], #16: not writable", 0x5003, 0x9200_004f, 0x5003),
    (0x4c9f_0400, "st4 {v0.8h-v3.8h}, [x0], #64", 0x4fe0, 0x9200_004f, 0x5000),
    (0x4cdf_7c00, "ld1 {v0.2d}, [x0], #16: misaligned on Device memory", 0x8004, 0x9200_0021, 0x8004),
    (0x4c9f_7400, "st1 {v0.8h}, [x0], #16: misaligned on Device memory", 0x8001, 0x9200_0061, 0x8001),
  ]

  @Test(arguments: [true, false]) func nothingChanges(fastTable: Bool) throws {
    let machine = try BareMachine(fastTable: fastTable)
    machine.put(BareMachine.dataPA + 0x1ff8, 0x1111_2222_3333_4444)
    machine.put(BareMachine.dataPA + 0x1fe0, 0x5555_6666_7777_8888)
    for fault in Self.faults {
      let exception = machine.exception(of: fault.word, x0: fault.x0) { processor in
        for r in 0..<4 { processor.setVector(r, low: UInt64(r) + 1, high: ~UInt64(r)) }
      }
      #expect(exception == TakenException(esr: fault.esr, far: fault.far, elr: BareMachine.code), "\(fault.text)")
      #expect(machine[0][x: 0] == fault.x0, "\(fault.text)")
      for r in 0..<4 {
        let value = machine[0].vector(r)
        #expect([value.low, value.high] == [UInt64(r) + 1, ~UInt64(r)], "\(fault.text)")
      }
      #expect(machine.get(BareMachine.dataPA + 0x1ff8) == 0x1111_2222_3333_4444, "\(fault.text)")
      #expect(machine.get(BareMachine.dataPA + 0x1fe0) == 0x5555_6666_7777_8888, "\(fault.text)")
    }
  }

  /// Bytes are aligned wherever they lie: on Device memory, and under SCTLR_EL1.A.
  @Test func elementsDecideAlignment() throws {
    let machine = try BareMachine()
    let svc: UInt64 = 0x5600_0000
    func esr(_ word: UInt32, _ x0: UInt64) -> UInt64? { machine.exception(of: word, x0: x0)?.esr }
    #expect(esr(0x4c40_7000, 0x8001) == svc)  // ld1 {v0.16b}, [x0]
    #expect(esr(0x4c40_8000, 0x8003) == svc)  // ld2 {v0.16b, v1.16b}, [x0]
    machine[0].write(.SCTLR_EL1, 0x30d0_081b)  // and A
    #expect(esr(0x4c40_7000, 0x3001) == svc)
    #expect(esr(0x4c40_7400, 0x3001) == 0x9200_0021)  // ld1 {v0.8h}, [x0]
    #expect(esr(0x4c40_7400, 0x3002) == svc)
    #expect(esr(0x4c40_7c00, 0x3004) == 0x9200_0021)  // ld1 {v0.2d}, [x0]
  }

  /// A misaligned stack pointer comes first.
  @Test func stackPointerAlignment() throws {
    let machine = try BareMachine()
    let exception = machine.exception(of: 0x0c40_73e0, x0: 0) { $0.sp = 0x3f08 }  // ld1 {v0.8b}, [sp]
    #expect(exception?.esr == 0x9a00_0000)
    #expect(machine.exception(of: 0x0c40_73e0, x0: 0) { $0.sp = 0x3f10 }?.esr == 0x5600_0000)
  }

  /// CPACR_EL1.FPEN traps them before any access.
  @Test func trapsComeBeforeAnyAccess() throws {
    let machine = try BareMachine()
    machine[0].write(.CPACR_EL1, 0)
    #expect(machine.exception(of: 0x4c40_7000, x0: 0x7000)?.esr == 0x1fe0_0000)  // ld1 {v0.16b}, [x0]
    #expect(machine.exception(of: 0x4ea2_8420, x0: 0)?.esr == 0x1fe0_0000)  // add v0.4s, v1.4s, v2.4s
  }
}
