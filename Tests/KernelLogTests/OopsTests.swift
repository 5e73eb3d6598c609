// Owns tests of explained logs: what Debian's kernels logged, and older spellings. Expected texts follow from the logs by hand.
// It does not know how a log is read.
import KernelLog
import TestSupport
import Testing

@Suite struct OopsTests {
  private static func reports(_ log: String) -> [OopsExplanation] {
    KernelLogReader.reports(in: Array(log.utf8)).map { OopsExplanation($0) }
  }

  /// A program's faults, in the order of firmware/oops/record.sh.
  private static let programs: [(message: String, esr: UInt64?, offset: UInt64?)] = [
    ("level 2 translation fault", 0x9200_0006, 0x554), ("level 2 translation fault", 0x9200_0046, 0x5a0),
    ("level 3 permission fault", 0x9200_004f, 0x5f4), ("level 3 permission fault", 0x8200_000f, nil),
    ("level 0 translation fault", 0x9200_0044, 0x688), ("level 0 translation fault", 0x9200_0044, 0x6d8),
    ("SP/PC alignment exception", 0x8a00_0000, 0x48a), ("alignment fault", 0x9200_0021, 0x778),
    ("undefined instruction", nil, 0x850), ("User debug trap", nil, 0x7c0), ("undefined instruction", nil, 0x808),
    ("level 3 translation fault", 0x9200_0007, 0x900),
  ]

  /// The kernel's own faults: what Linux calls them, the address, the ESR, whether the page tables agree, whether the registers make the
  /// address, and what the hints must contain.
  private struct Expected {
    let message: String
    let esr: UInt64
    let address: String?
    let tables: Bool?
    let access: Bool?
    let hints: [String]
  }

  private static let kernel: [Expected] = [
    Expected(message: "NULL pointer dereference", esr: 0x9600_0006, address: nil, tables: true, access: true, hints: ["x0 is NULL"]),
    Expected(message: "NULL pointer dereference", esr: 0x9600_0046, address: "8", tables: true, access: true, hints: []),
    Expected(
      message: "paging request", esr: 0x9600_0004, address: "dead000000000100", tables: nil, access: true,
      hints: ["x0 = 0xdead000000000100 is LIST_POISON1, which list_del() leaves in the next pointer", "no tables cover the address"]),
    Expected(
      message: "paging request", esr: 0x9600_0005, address: nil, tables: true, access: true,
      hints: ["the address is one of the program's half"]),
    Expected(
      message: "paging request", esr: 0x9600_0004, address: "6b6b6b6b6b6ba7", tables: nil, access: true,
      hints: ["x0 = 0x6b6b6b6b6b6b6b6b is bytes of 0x6b (POISON_FREE), memory that SLUB has freed"]),
    Expected(message: "write to read-only memory", esr: 0x9600_004e, address: nil, tables: true, access: true, hints: []),
    Expected(message: "paging request", esr: 0x9600_0004, address: "ffff7fffdead0000", tables: true, access: true, hints: []),
    Expected(
      message: "paging request", esr: 0x9600_0006, address: "fffffffffffffff0", tables: true, access: true,
      hints: ["x1 = 0xfffffffffffffff0 is ERR_PTR(-EBUSY), an error"]),
    Expected(
      message: "execute from non-executable memory", esr: 0x8600_000f, address: nil, tables: true, access: nil,
      hints: ["the PC is the fault's address", "a caller, invoke_syscall+0x"]),
    Expected(message: "execution of user memory", esr: 0x8600_000f, address: "210000", tables: true, access: nil, hints: []),
    Expected(
      message: "access to user memory outside uaccess routines", esr: 0x9600_000f, address: "200000", tables: true, access: true, hints: []),
    Expected(
      message: "paging request", esr: 0x9600_0021, address: nil, tables: nil, access: true,
      hints: ["the access of 4 bytes is not aligned"]),
    Expected(
      message: "kernel stack overflow", esr: 0x9600_0047, address: nil, tables: nil, access: nil,
      hints: ["112 bytes below the task's stack of 16 KiB, in its guard", "sp", "64 bytes below"]),
  ]

  @Test(arguments: OopsFixture.all) func programsOfRealKernels(_ kernel: String) throws {
    let found = Self.reports(try OopsFixture.log(kernel)).filter { $0.report.kind == .program }
    try #require(found.count == Self.programs.count)
    for (explanation, expected) in zip(found, Self.programs) {
      #expect(explanation.report.message == expected.message)
      #expect(explanation.report.esr == expected.esr)
      #expect(explanation.report.mapping?.offset == expected.offset)
      #expect(explanation.report.task == "provoke" && explanation.report.general[29] != nil && explanation.report.pc != nil)
      #expect(explanation.outcomes.allSatisfy { $0.origin == "EL0" })
    }
  }

  @Test(arguments: OopsFixture.all) func oopsesOfRealKernels(_ kernel: String) throws {
    let found = Self.reports(try OopsFixture.log(kernel)).filter { $0.report.kind != .program }
    try #require(found.count == Self.kernel.count)
    for (index, (explanation, expected)) in zip(found, Self.kernel).enumerated() {
      let report = explanation.report
      #expect(report.message == expected.message && report.esr == expected.esr, "\(index)")
      if let address = expected.address { #expect(report.address == UInt64(address, radix: 16), "\(index)") }
      if report.kind == .oops { #expect(report.number == UInt64(index + 1)) }
      #expect(explanation.verdict?.agrees == expected.tables, "\(index) \(explanation.verdict?.text ?? "")")
      #expect(explanation.access?.agrees == expected.access, "\(index) \(explanation.lines)")
      for hint in expected.hints { #expect(explanation.hints.contains { $0.contains(hint) }, "\(index): \(explanation.hints)") }
      #expect(explanation.meaning != nil && report.pcSymbol != nil || report.pc != nil, "\(index)")
      #expect(report.release?.hasPrefix(kernel.dropFirst(6)) == true)
      #expect(report.trace.isEmpty == (report.kind == .stackOverflow))
    }
  }

  /// 52-bit addresses with pages of 4 KiB have five levels, from -1.
  @Test func levelsOfFiveTables() throws {
    let explanation = try #require(Self.reports(try OopsFixture.log("linux-6.12")).first { $0.report.number == 6 })
    let steps = try #require(explanation.walk).steps
    #expect(
      steps.map { "\($0.names) \($0.level) \($0.explanation.kind)" } == ["pgd -1 table", "p4d 0 table", "pud 1 table", "pmd 2 block"])
    #expect(explanation.refusals == ["AP[2] is set: read-only"])
  }

  @Test func refusalsNameTheBits() throws {
    let found = Self.reports(try OopsFixture.log("linux-6.12"))
    func refusals(_ number: UInt64) -> [String] { found.first { $0.report.number == number }?.refusals ?? [] }
    #expect(refusals(9).contains("PXN is set: EL1 may not execute the page"))
    #expect(refusals(11).contains { $0.hasPrefix("EL0 may access the page and PSTATE.PAN is set") })
  }

  @Test func linux4ByASyslog() throws {
    let explanation = try #require(Self.reports(OldSpellings.linux4).first)
    let report = explanation.report
    #expect(explanation.title == "NULL pointer dereference at 0x18")
    #expect(report.esr == 0x9600_0006 && report.number == 1 && report.cpu == 2 && report.process == 77)
    #expect(report.task == "worker thread" && report.release == "4.9.0" && report.pstate == 0x6000_0145)
    #expect(report.pc == 0xffff_0000_0808_5c20 && report.general[30] == 0xffff_0000_0808_5d44 && report.general[0] == 8)
    #expect(report.pageTable?.entries.map(\.name) == ["pgd", "pud", "pmd"])
    #expect(report.trace == ["example_read+0x20/0x60", "example_open+0x44/0x90"])
    #expect(explanation.access?.expression == "x0 + 0x10" && explanation.access?.agrees == true)
    #expect(explanation.lines.contains { $0.contains("the log says no page size") })
  }

  /// Pages of 64 KiB and 48-bit addresses have three levels: pgd, p4d and pud are one entry, at level 1.
  @Test func foldedLevelsInAMail() throws {
    let explanation = try #require(Self.reports(OldSpellings.linux5).first)
    #expect(explanation.walk?.steps.map(\.names) == ["pgd, p4d, pud"] && explanation.walk?.steps.first?.level == 1)
    #expect(explanation.verdict?.agrees == true)
    #expect(explanation.report.taint == "GDW")
    #expect(explanation.hints.contains { $0.contains("oops #3") } && explanation.hints.contains { $0.contains("D: it had oopsed") })
    #expect(explanation.code.map(\.text) == ["could not be read", "could not be read", "ldr w0, [x1, #0x10]"])
    #expect(explanation.access?.address == nil && explanation.access?.agrees == nil)
  }

  @Test func aProgramOfLinux4() throws {
    let report = try #require(Self.reports(OldSpellings.program4).first).report
    #expect(report.message == "level 2 translation fault (11)" && report.address == 0x10 && report.esr == 0x9200_0006)
    #expect(report.mapping?.file == "program" && report.mapping?.start == 0x400000 && report.mapping?.offset == nil)
  }

  /// Numbers that contradict each other are said to.
  @Test func contradictions() throws {
    let log = """
      Unable to handle kernel paging request at virtual address ffff800012345678
      swapper pgtable: 4k pages, 48-bit VAs, pgdp=0000000081cb0000
      [ffff800012345678] pgd=1000000082b59003, p4d=1000000082b59003, pud=1000000082b5a003, pmd=1000000082b5b003, pte=0000000000000000
      Internal error: Oops: 0000000096000006 [#1] SMP
      x1 : ffff800011111111 x0 : 0000000000000000
      Code: (b9401020)
      """
    let explanation = try #require(Self.reports(log).first)
    #expect(explanation.verdict?.agrees == false)
    #expect(explanation.verdict?.text.hasPrefix("the walk ends at level 3, but the ESR says level 2") == true)
    #expect(explanation.access?.agrees == false)
    #expect(explanation.lines.contains { $0.contains("the registers are not those of the access") })
  }

  @Test(arguments: [
    ("Internal error: Oops - BUG: 00000000f2000800 [#1] SMP", "BUG(), an oops, or WARN()"),
    ("Internal error: Oops - Undefined instruction: 0000000002000000 [#1] SMP", "is an oops (Undefined instruction)"),
    ("Internal error: SP/PC alignment exception: 000000008a000000 [#1] SMP", "no multiple of 4"),
    ("Internal error: Oops - BTI: 0000000036000002 [#1] SMP", "no landing pad"),
    ("Internal error: Oops: 96000004 [#1] PREEMPT SMP", "is an oops: NULL pointer dereference below PAGE_SIZE"),
  ]) func otherExceptions(_ line: String, _ outcome: String) throws {
    let explanation = try #require(Self.reports(line).first)
    #expect(explanation.outcomes.first?.origin == "EL1")
    #expect(explanation.outcomes.first?.text.contains(outcome) == true, "\(explanation.outcomes)")
  }

  /// KASAN reads the shadow of the address before the access: NULL's shadow is where no kernel maps anything.
  @Test func shadowOfNull() throws {
    let log = "Unable to handle kernel paging request at virtual address dfff800000000003\nInternal error: Oops: 0000000096000004 [#1] SMP"
    let hints = try #require(Self.reports(log).first).hints
    #expect(hints.contains { $0.contains("generic KASAN, of 0x18-0x1f") }, "\(hints)")
  }

  @Test func logsWithoutFaults() {
    for log in ["", "\n\n", "[    0.000000] Booting Linux", "x0 : 12", "Code: (f9400020)", "\u{0}\u{1}"] {
      #expect(Self.reports(log).isEmpty)
    }
  }

  @Test func textInFull() throws {
    let log = """
      Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010
      Mem abort info:
        ESR = 0x0000000096000006
      user pgtable: 4k pages, 48-bit VAs, pgdp=0000000081cb0000
      [0000000000000010] pgd=0800000082b59003, p4d=0800000082b59003, pud=0800000082b5a003, pmd=0000000000000000
      Internal error: Oops: 0000000096000006 [#1] SMP
      CPU: 1 UID: 0 PID: 7 Comm: cat Not tainted 6.12.0 #1
      pc : f+0x8/0x20
      lr : g+0x10/0x20
      x2 : 0000000000000000 x1 : 0000000000000000 x0 : 0000000000000000
      Code: aa0003e1 (f9400820)
      """
    let explanation = try #require(Self.reports(log).first)
    let fields = explanation.syndrome!.lines.dropFirst()
    let expected =
      [
        "oops #1: NULL pointer dereference at 0x10",
        "  in f+0x8/0x20, called from g+0x10/0x20, task cat (7), CPU 1, Linux 6.12.0",
        "  Linux: the instruction has no entry in the exception table, so Linux cannot go on behind it; the address is below PAGE_SIZE, so Linux calls it NULL",
        "",
        "ESR 0x96000006: Data Abort from the current Exception level, read, translation fault, level 2",
      ] + fields + explanation.outcomes.map(\.line) + [
        "",
        "page tables of 0x10: the program's (TTBR0_EL1), 4k pages, 48-bit addresses, levels 0 to 3, pgdp 0x81cb0000",
        "  pgd, p4d  level  0  0800000082b59003  table 0x82b59000, PXNTable",
        "  pud       level  1  0800000082b5a003  table 0x82b5a000, PXNTable",
        "  pmd       level  2  0000000000000000  invalid: nothing here",
        "  the walk ends at level 2, as the ESR says",
        "",
        "code before the PC, f+0x8/0x20; branch targets are offsets in the function",
        "     aa0003e1  mov x1, x0",
        "  => f9400820  ldr x0, [x1, #0x10]",
        "  x1 = 0x0",
        "  the access is to x1 + 0x10 = 0x10, as the fault's address says",
        "",
        "what follows",
        "  x1 is NULL",
      ]
    #expect(explanation.lines == expected)
  }
}
