// Owns `faultline machine` as its user meets it: output, exit statuses, and one line for each way an image can go wrong.
// It does not know the board: BoardTests do.
import Foundation
import Laboratory
import TestSupport
import Testing

@Suite struct MachineCommandTests {
  /// Runs a raw image of these words.
  private func run(_ words: [UInt32], _ options: String...) throws -> FaultlineProcess {
    let file = FileManager.default.temporaryDirectory.appending(path: "image-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }).write(to: file)
    return try FaultlineProcess(["machine"] + options + [file.path])
  }

  @Test func outputAndStatusAreTheImages() throws {
    let run = try run([
      0xd2a1_2001,  // mov x1, #0x09000000
      0x5280_0900,  // mov w0, #'H'
      0x3900_0020,  // strb w0, [x1]
      0xd280_0300,  // mov x0, #0x18: SYS_EXIT
      0x1000_0041,  // adr x1, block
      0xd45e_0000,  // hlt #0xf000
      0x0002_0026, 0, 7, 0,
    ])
    #expect(run.status == 7)
    #expect(run.output == "H")
    #expect(run.errors == "")
  }

  @Test func anEndlessLoopStopsAtItsLimit() throws {
    let run = try run([0x1400_0000], "--max-instructions", "1000", "--vcpus", "2")  // b .
    #expect(run.status == 124)
    #expect(run.errors == "faultline: stopped after 1000 instructions (--max-instructions) at pc 0x40080000, 0x0\n")
  }

  @Test func aHangSaysSo() throws {
    let run = try run([0xd503_207f])  // wfi
    #expect(run.status == 125)
    #expect(run.errors.hasPrefix("faultline: deadlock: every processor waits or is off, and nothing can wake one"))
  }

  /// VBAR_EL1 is 0 and nothing is there.
  @Test func aVectorThatFaultsItselfSaysSo() throws {
    let run = try run([0xd420_0000])  // brk #0
    #expect(run.status == 125)
    #expect(
      run.errors
        == "faultline: processor 0 is locked up: its exception vector at 0x200 faults itself (ESR 0x86000010, FAR 0x200)\n")
  }

  /// The EL1 images follow the sequence, and being watched changes nothing that they print.
  @Test(arguments: ["timer", "tlbi", "exceptions", "granules"])
  func strictFindsNothingInImagesThatFollowTheRules(image: String) throws {
    let plain = try FaultlineProcess("machine", firmwarePath("el1/\(image)"))
    let strict = try FaultlineProcess("machine", "--strict", firmwarePath("el1/\(image)"))
    #expect(strict.status == 0 && strict.errors == "")
    #expect(strict.output == plain.output)
  }

  /// A 1 GiB block gets another output address while the TLB holds the old one.
  @Test func strictReportsAMissingStep() throws {
    let words: [UInt32] = [
      0xd2a8_2000,  // mov x0, #0x41000000: a level 1 table
      0xd280_e021,  // mov x1, #0x701: a block at 0 with attribute 0, AF, SH 3
      0xf900_0001,  // str x1, [x0]
      0xf2a8_0001,  // movk x1, #0x4000, lsl #16: block at 0x40000000
      0xf900_0401,  // str x1, [x0, #8]
      0xf900_0801,  // str x1, [x0, #16]: 0x80000000 leads to RAM too
      0xd280_1fe2,  // mov x2, #0xff
      0xd518_a202,  // msr mair_el1, x2
      0xd280_0322,  // mov x2, #25
      0xf2a0_1002,  // movk x2, #0x80, lsl #16: EPD1
      0xd518_2042,  // msr tcr_el1, x2
      0xd518_2000,  // msr ttbr0_el1, x0
      0xd503_3fdf,  // isb
      0xd538_1002,  // mrs x2, sctlr_el1
      0xb240_0042,  // orr x2, x2, #1
      0xd518_1002,  // msr sctlr_el1, x2
      0xd503_3fdf,  // isb
      0xd2b0_0003,  // mov x3, #0x80000000
      0xf940_0064,  // ldr x4, [x3]
      0xd2b0_0001,  // mov x1, #0x80000000
      0xf280_e021,  // movk x1, #0x701: another output address, without break and TLBI
      0xf900_0801,  // str x1, [x0, #16]
      0x52b0_8000, 0x1100_2000,  // SYSTEM_OFF
      0xd400_0002,  // hvc #0
    ]
    let run = try run(words, "--strict")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("break-before-make: level 1 descriptor at 0x41000010 from 0x40000701 to 0x80000701"), "\(run.errors)")
    #expect(run.errors.contains("a change of the output address"))
    #expect(try self.run(words).errors == "")
  }

  static let mistakes: [(arguments: [String], message: String)] = [
    (["/nowhere/image"], "/nowhere/image: there is no such file"),
    (["/dev/null"], "/dev/null: it is a device, not an image"),
    (["--vcpus", "9", "x"], "--vcpus needs 1 to 8, not 9"),
    (["--memory", "4K", "x"], "4K of memory is less than the 1M"),
    (["--memory", "1M", FaultlineProcess.path], "only AArch64"),
  ]
  @Test(arguments: mistakes) func mistakesAreOneLine(_ arguments: [String], _ message: String) throws {
    let run = try FaultlineProcess(["machine"] + arguments)
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("faultline: error: ") && run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test func anEmptyImageIsRefused() throws {
    #expect(throws: SessionError.self) { try BoardSession(BoardConfiguration(), host: MemoryIO()).load(bytes: [], path: "empty") }
  }

  /// A program for EL0 lies where the board has no RAM.
  @Test func whatLiesElsewhereIsRefused() throws {
    let run = try FaultlineProcess("machine", firmwarePath("examples/hello"))
    #expect(run.status == 2)
    #expect(run.errors.contains("does not fit into RAM, which begins at 0x40000000"), "\(run.errors)")
  }
}
