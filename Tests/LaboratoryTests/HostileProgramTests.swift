// Owns programs that break rules: each ends as on Linux, and the host lives.
// It does not know how a command says so.
import Architecture
import Laboratory
import LinuxKernel
import TestSupport
import Testing

@Suite struct HostileProgramTests {
  /// The end of each case of `firmware/tests/hostile.c`: the signal, and the ESR of the last abort or alignment exception.
  static let cases: [(name: String, signal: Int32, esr: UInt64)] = [
    ("jump-to-null", Signal.SIGSEGV, 0x8200_0006),
    ("jump-to-data", Signal.SIGSEGV, 0x8200_000f),
    ("jump-misaligned", Signal.SIGBUS, 0x8a00_0000),
    ("jump-to-kernel", Signal.SIGSEGV, 0x8200_0004),
    ("jump-non-canonical", Signal.SIGSEGV, 0x8200_0004),
    ("load-kernel", Signal.SIGSEGV, 0x9200_0004),
    ("load-non-canonical", Signal.SIGSEGV, 0x9200_0004),
    ("store-text", Signal.SIGSEGV, 0x9200_004f),
    ("sp-misaligned", Signal.SIGBUS, 0x9a00_0000),
    ("sp-nowhere", Signal.SIGSEGV, 0x9200_0006),
    ("stack-overflow", Signal.SIGSEGV, 0x9200_0046),
    ("undefined", Signal.SIGILL, 0x0200_0000),
    ("hvc", Signal.SIGILL, 0x0200_0000),
    ("privileged", Signal.SIGILL, 0x0200_0000),
    ("breakpoint", Signal.SIGTRAP, 0xf200_0001),
    ("atomic-misaligned", Signal.SIGBUS, 0x9200_0021),
    ("handler-without-stack", Signal.SIGSEGV, 0x9200_0006),
    ("handler-in-data", Signal.SIGSEGV, 0x8200_000f),
  ]

  @Test(arguments: cases) func endsAsOnLinux(_ name: String, _ signal: Int32, _ esr: UInt64) throws {
    let run = try Run("tests/hostile", [name])
    #expect(run.stop == .killed(signal))
    #expect(run.session.processor.el1[.ESR_EL1] == esr, "\(String(run.session.processor.el1[.ESR_EL1], radix: 16))")
    #expect(run.output.isEmpty && run.errors.isEmpty)
  }

  @Test func aBrokenSignalFrameKills() throws {
    #expect(try Run("tests/hostile", ["sigreturn-garbage"]).stop == .killed(Signal.SIGSEGV))
  }

  /// The stack grows to RLIMIT_STACK and not a page further.
  @Test func theStackEndsAtItsLimit() throws {
    let run = try Run("tests/hostile", ["stack-overflow"])
    let far = run.session.processor.el1[.FAR_EL1]
    #expect((1 << 48) - (8 << 20) - 0x1000 <= far && far < (1 << 48) - (8 << 20))
  }

  @Test(arguments: ["eat-memory", "eat-tables", "lock-memory"]) func moreThanRAMIsAnOOMKill(_ name: String) throws {
    var configuration = SessionConfiguration()
    configuration.memorySize = 16 << 20
    let run = try Run("tests/hostile", [name], configuration)
    #expect(run.stop == .killed(Signal.SIGKILL))
    let isOutOfMemory = run.session.kernel.state.outOfMemory
    #expect(isOutOfMemory)
  }

  @Test func anEndlessLoopStopsAtItsLimit() throws {
    let run = try Run("tests/hostile", ["loop"], limit: 123_457)
    #expect(run.stop == .instructionLimit)
    #expect(run.session.processor.instructionsRetired == 123_457)
  }

  /// The answers of Debian's 6.12 with 48-bit user addresses and 1 GiB.
  @Test func absurdSizesAreRefused() throws {
    let run = try Run("tests/hostile", ["absurd-sizes"])
    #expect(run.stop == .exited(0))
    #expect(run.output == (try fixture("tests/absurd-sizes.txt")))
  }

  /// A program changes memory that its sleeping call uses, or uses the largest offsets; each call gets an answer.
  @Test(arguments: [("shrinking-buffers", "written 1\n"), ("last-byte", "written 1\ndata 1\nhole 1\n")])
  func callsThatAreCaughtHalfwayAnswer(_ name: String, _ output: String) throws {
    let run = try Run("tests/hostile", [name])
    #expect(run.stop == .exited(0))
    #expect(run.output == output)
  }

  /// Programs that cause much work by few calls, and their last line of output.
  static let costs: [(name: String, memory: UInt64, output: String)] = [
    ("many-areas", 1 << 30, "areas 65523\none more -12\nread 4000\n"),
    ("many-texts", 64 << 20, "texts 16123\nopened -12\nread 0\n"),
    ("many-tables", 1 << 30, "dup3 1048575\ntables 2\none more -12\n"),
    ("deep-names", 64 << 20, "depth 2000\ngetcwd -36\nmaps 6382\n"),
    ("nothing-at-all", 16 << 20, "answers 0\n"),
  ]

  /// Each of these programs once took the host seconds or gigabytes.
  @Test(arguments: costs) func muchForLittle(_ name: String, _ memory: UInt64, _ output: String) throws {
    var configuration = SessionConfiguration()
    configuration.memorySize = memory
    let run = try Run("tests/hostile", [name], configuration)
    #expect(run.stop == .exited(0))
    #expect(run.output == output)
  }

  /// Code that was removed by punching a hole into a huge page does not run any more, whether the hole's first page had code or
  /// only a later one.
  @Test(arguments: [("punched-code", "second 2\n"), ("punched-code-twice", "first 1\nsecond 2\n")])
  func codeInAHoleIsGone(_ name: String, _ before: String) throws {
    let run = try Run("tests/hostile", [name])
    #expect(run.stop == .killed(Signal.SIGILL))
    #expect(run.output == before + "punched 0\nleft 0\n")
  }

  /// A program whose name is not UTF-8 gets its name's exact bytes.
  @Test func namesAreBytes() throws {
    let run = try Run("tests/hostile", ["bytes-as-names"])
    #expect(run.stop == .exited(0))
    #expect(
      run.output == """
        argv fe 80
        environment 41 3d f5
        exe 2f 74 6d 70 2f ff c3 28 a0
        comm ff c3 28 a0 a
        cmdline fe 80 0 6e 61 6d 65 64 0
        stat 28 ff c3 28 a0 29
        maps 2f 74 6d 70 2f ff c3 28 a0 a
        memfd 6d 65 6d 66 64 3a e9 20

        """)
  }

  /// Guest memory in KiB, and the outcome of a program that prints a line: the error message if there is too little memory for it.
  static let smallMachines: [(size: UInt64, outcome: String)] = [
    (64, "65536 bytes of guest memory do not hold the kernel's own tables; give more with --memory"),
    (128, "examples/hello: the first page table does not fit into guest memory; give more with --memory"),
    // What the program needs is there, but 128 KiB stay free.
    (192, "killed(9)"),
    (256, "exited(0)"),
    (512, "exited(0)"),
    (1024, "exited(0)"),
    (4096, "exited(0)"),
  ]

  @Test(arguments: smallMachines) func smallMachinesRunOrSaySo(_ size: UInt64, _ outcome: String) throws {
    var configuration = SessionConfiguration()
    configuration.memorySize = size << 10
    do {
      #expect("\(try Run("examples/hello", [], configuration).stop)" == outcome)
    } catch let error as SessionError {
      #expect("\(error)" == outcome)
    }
  }
}
