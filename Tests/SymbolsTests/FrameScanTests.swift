// Owns tests of what single instructions of prologues and epilogues do. The words were assembled by GNU as.
// It does not know stacks.
import Testing

@testable import Symbols

@Suite struct FrameScanTests {
  @Test func effects() {
    let rows: [(word: UInt32, text: String, effect: FrameScan.Effect)] = [
      (0xa9be_7bfd, "stp x29, x30, [sp, #-32]!", .store([29, 30], offset: 0, before: -32)),
      (0xa901_53f3, "stp x19, x20, [sp, #16]", .store([19, 20], offset: 16, before: 0)),
      (0xa941_53f3, "ldp x19, x20, [sp, #16]", .load([19, 20], offset: 16, after: 0)),
      (0xa8c2_7bfd, "ldp x29, x30, [sp], #32", .load([29, 30], offset: 0, after: 32)),
      (0x9100_03fd, "mov x29, sp", .setFrame(0)),
      (0x9104_03fd, "add x29, sp, #256", .setFrame(256)),
      (0x9100_03bf, "mov sp, x29", .resetStack(0)),
      (0xd100_83bf, "sub sp, x29, #32", .resetStack(-32)),
      (0xd100_83ff, "sub sp, sp, #32", .adjust(-32)),
      (0xd140_07ff, "sub sp, sp, #1, lsl #12", .adjust(-4096)),
      (0x9100_83ff, "add sp, sp, #32", .adjust(32)),
      (0xcb2c_63ff, "sub sp, sp, x12", .unknown),
      (0xf81f_0ffe, "str x30, [sp, #-16]!", .store([30], offset: 0, before: -16)),
      (0xf841_07fe, "ldr x30, [sp], #16", .load([30], offset: 0, after: 16)),
      (0xf900_17fe, "str x30, [sp, #40]", .store([30], offset: 40, before: 0)),
      (0xf940_17fe, "ldr x30, [sp, #40]", .load([30], offset: 40, after: 0)),
      (0x6dbe_27e8, "stp d8, d9, [sp, #-32]!", .store([], offset: 0, before: -32)),
      (0x6cc2_27e8, "ldp d8, d9, [sp], #32", .load([], offset: 0, after: 32)),
      (0xd65f_03c0, "ret", .returns), (0xd65f_0bff, "retaa", .returns), (0x9400_0006, "bl", .leaves), (0x1400_0006, "b", .leaves),
      (0xd63f_0000, "blr x0", .leaves), (0x5400_0040, "b.eq", .leaves), (0xb400_0040, "cbz x0", .leaves), (0x3600_0040, "tbz", .leaves),
      (0xd400_0001, "svc #0", .leaves), (0xd503_233f, "paciasp", .other), (0x8b01_0000, "add x0, x0, x1", .other),
      (0xa900_0401, "stp x1, x1, [x0]", .other), (0xf900_0001, "str x1, [x0]", .other),
    ]
    for (word, text, effect) in rows { #expect(FrameScan.effect(of: word) == effect, "\(text)") }
  }
}
