// Owns `faultline machine` as its user meets it: output, exit statuses, and one line for each way an image can go wrong.
// It does not know the board: BoardTests do.
import Foundation
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

  static let mistakes: [(arguments: [String], message: String)] = [
    (["/nowhere/image"], "/nowhere/image: there is no such file"),
    (["/dev/null"], "/dev/null: it is empty"),
    (["--vcpus", "9", "x"], "--vcpus wants 1 to 8, not 9"),
    (["--memory", "4K", "x"], "4K of memory is less than the 1M"),
    (["--memory", "1M", FaultlineProcess.path], "only AArch64"),
  ]
  @Test(arguments: mistakes) func mistakesAreOneLine(_ arguments: [String], _ message: String) throws {
    let run = try FaultlineProcess(["machine"] + arguments)
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("faultline: error: ") && run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  /// A program for EL0 lies where the board has no RAM.
  @Test func whatLiesElsewhereIsRefused() throws {
    let run = try FaultlineProcess("machine", firmwarePath("examples/hello"))
    #expect(run.status == 2)
    #expect(run.errors.contains("does not fit into RAM, which begins at 0x40000000"), "\(run.errors)")
  }
}
