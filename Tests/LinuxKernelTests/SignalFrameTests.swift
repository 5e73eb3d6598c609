// Owns tests of the bytes of a signal frame at the offsets that arm64's user space ABI documents, and of its place on either stack.
// It does not know the constants of the code under test: offsets are literal (struct rt_sigframe, ucontext, sigcontext).
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct SignalFrameTests {
  static let handler: UInt64 = 0x40_1230
  let guest: Guest
  let memory: UInt64
  init() throws {
    guest = try Guest.idle()
    memory = guest.memory(pages: 16)
  }

  /// rt_sigaction with these fields.
  private func install(
    _ signal: UInt64, flags: UInt64 = 4, mask: UInt64 = 0, handler: UInt64 = handler, restorer: UInt64 = 0
  ) {
    guest.write(memory, words: [handler, flags, restorer, mask])
    #expect(guest.call(134, signal, memory, 0, 8) == 0)
  }
  /// Gives every register a value of its own.
  private func fillRegisters() {
    for n in 0..<31 { guest.el1[x: n] = 0x1111_0000 + UInt64(n) }
    for n in 0..<32 { guest.processor.setVector(n, low: 0x2222_0000 + UInt64(n), high: 0x3333_0000 + UInt64(n)) }
    guest.el1[.FPSR] = 0x0800_0001
    guest.el1[.FPCR] = 0x0300_0000
    guest.el1[.SPSR_EL1] = 0x6000_0000
  }
  private func abort(_ address: UInt64, esr: UInt64 = 0x9200_0006) { guest.enter(esr: esr, far: address) }
  private var sp: UInt64 { guest.el1[.SP_EL0] }

  @Test func faultFrame() {
    install(11)
    let before = (sp: sp, pc: guest.pc)
    fillRegisters()
    abort(0x1234_5678)
    #expect(guest.verdict == .resume)
    let frame = sp
    // frame record 16, frame 128 + 176 + 288 + 4096.
    #expect(frame == (before.sp - 16) & ~15 - 4688)
    #expect(guest.pc == Self.handler)
    #expect(guest.el1[x: 0] == 11)
    #expect(guest.el1[x: 1] == frame)
    #expect(guest.el1[x: 2] == frame + 128)
    // siginfo: si_signo, si_errno, si_code = SEGV_MAPERR, si_addr.
    #expect(guest.word32(frame) == 11)
    #expect(guest.word32(frame + 4) == 0)
    #expect(guest.word32(frame + 8) == 1)
    #expect(guest.word(frame + 16) == 0x1234_5678)
    // ucontext: uc_flags, uc_link, uc_stack (none), uc_sigmask.
    #expect(guest.word(frame + 128) == 0)
    #expect(guest.word(frame + 136) == 0)
    #expect(guest.word(frame + 144) == 0)
    #expect(guest.word32(frame + 152) == 2)
    #expect(guest.word(frame + 160) == 0)
    #expect(guest.word(frame + 168) == 0)
    // sigcontext at 304: fault_address, x0 to x30, sp, pc, pstate.
    #expect(guest.word(frame + 304) == 0x1234_5678)
    for n in 0..<31 as Range<UInt64> { #expect(guest.word(frame + 312 + n * 8) == 0x1111_0000 + n) }
    #expect(guest.word(frame + 560) == before.sp)
    #expect(guest.word(frame + 568) == before.pc)
    #expect(guest.word(frame + 576) == 0x6000_0000)
    // fpsimd_context at 592: magic, size, fpsr, fpcr, v0 to v31.
    #expect(guest.word32(frame + 592) == 0x4650_8001)
    #expect(guest.word32(frame + 596) == 528)
    #expect(guest.word32(frame + 600) == 0x0800_0001)
    #expect(guest.word32(frame + 604) == 0x0300_0000)
    for n in 0..<32 as Range<UInt64> {
      #expect(guest.word(frame + 608 + n * 16) == 0x2222_0000 + n)
      #expect(guest.word(frame + 616 + n * 16) == 0x3333_0000 + n)
    }
    // esr_context at 1120, then the end mark.
    #expect(guest.word32(frame + 1120) == 0x4553_5201)
    #expect(guest.word32(frame + 1124) == 16)
    #expect(guest.word(frame + 1128) == 0x9200_0006)
    #expect(guest.word(frame + 1136) == 0)
    // The frame record: the interrupted code's frame pointer and link register.
    #expect(guest.el1[x: 29] == frame + 4688)
    #expect(guest.word(frame + 4688) == 0x1111_001d)
    #expect(guest.word(frame + 4696) == 0x1111_001e)
  }

  /// The frame of a sent signal has the sender and no esr_context: the end mark follows the floating point registers.
  @Test func sentFrame() {
    install(10)
    guest.call(129, 2, 10)
    let frame = sp
    #expect(guest.word32(frame) == 10)
    #expect(guest.word32(frame + 8) == 0)
    #expect(guest.word32(frame + 16) == 2)
    #expect(guest.word32(frame + 20) == 0)
    #expect(guest.word(frame + 304) == 0)
    #expect(guest.word(frame + 592) == 0x0000_0210_4650_8001)
    #expect(guest.word(frame + 1120) == 0)
    // The interrupted system call's result is in the frame.
    #expect(guest.word(frame + 312) == 0)
    #expect(guest.pc == Self.handler)
  }

  @Test func tkillSaysSo() {
    install(10)
    guest.call(130, 2, 10)
    #expect(Int32(bitPattern: guest.word32(sp + 8)) == -6)
  }

  /// fault_address and esr stay in the task: a later signal's frame shows them again.
  @Test func theLastFaultStaysInLaterFrames() {
    install(11, flags: 0x4000_0004)
    install(10)
    abort(0x1234_5678)
    guest.call(129, 2, 10)
    #expect(guest.word32(sp) == 10)
    #expect(guest.word(sp + 304) == 0x1234_5678)
    #expect(guest.word32(sp + 1120) == 0x4553_5201)
    #expect(guest.word(sp + 1128) == 0x9200_0006)
  }

  /// An undefined instruction clears the remembered values, and records no ESR itself.
  @Test func anUndefinedInstructionWipesTheRecord() {
    install(11)
    install(4)
    abort(0x1234_5678)
    guest.pc = 0x40_0004
    guest.enter(esr: 0x0200_0000)
    #expect(guest.word32(sp) == 4)
    #expect(guest.word32(sp + 8) == 1)
    #expect(guest.word(sp + 16) == 0x40_0004)
    #expect(guest.word(sp + 304) == 0)
    #expect(guest.word(sp + 1120) == 0)
  }

  @Test(
    arguments: [
      // ESR and FAR as taken, fault_address and ESR as shown, and si_code. Beyond user space only a level 0 translation fault is
      // shown.
      (0x9200_0006, 0x1234_5678, 0x1234_5678, 0x9200_0006, 1), (0x9200_0046, 0x1234_5678, 0x1234_5678, 0x9200_0046, 1),
      (0x9200_0006, 0xffff_8000_0000_1000, 0xffff_8000_0000_1000, 0x9200_0004, 1),
      (0x9200_0047, 0xffff_8000_0000_1000, 0xffff_8000_0000_1000, 0x9200_0044, 1),
      (0x9200_014f, 0xffff_8000_0000_1000, 0xffff_8000_0000_1000, 0x9200_0144, 1),
      (0x8200_0007, 0xffff_8000_0000_1000, 0xffff_8000_0000_1000, 0x8200_0004, 1),
      (0x9200_0007, 0x0001_0000_0000_0000, 0x0001_0000_0000_0000, 0x9200_0004, 1),
      (0x9200_0006, 0x5a00_0000_1234_5678, 0x1234_5678, 0x9200_0006, 1), (0x8200_0006, 0x1234_5678, 0x1234_5678, 0x8200_0006, 1),
    ] as [(UInt64, UInt64, UInt64, UInt64, UInt32)])
  func whatAFrameTellsOfAnAbort(esr: UInt64, far: UInt64, shown: UInt64, shownESR: UInt64, code: UInt32) {
    install(11)
    abort(far, esr: esr)
    #expect(guest.word32(sp + 8) == code)
    #expect(guest.word(sp + 16) == shown)
    #expect(guest.word(sp + 304) == shown)
    #expect(guest.word(sp + 1128) == shownESR)
  }

  /// A mapping that forbids the access gives SEGV_ACCERR, even if the hardware reported a translation fault.
  @Test func forbiddenAccess() {
    install(11)
    let place = guest.memory()
    guest.call(226, place, 4096, 1)
    abort(place + 8, esr: 0x9200_0047)
    #expect(guest.word32(sp + 8) == 2)
    #expect(guest.word(sp + 16) == place + 8)
    #expect(guest.word(sp + 1128) == 0x9200_0047)
  }

  @Test func alignmentFault() {
    install(7)
    abort(memory + 1, esr: 0x9200_0021)
    #expect(guest.word32(sp) == 7)
    #expect(guest.word32(sp + 8) == 1)
    #expect(guest.word(sp + 16) == memory + 1)
    #expect(guest.word(sp + 304) == memory + 1)
    #expect(guest.word(sp + 1128) == 0x9200_0021)
  }

  /// Statuses that the fault table sends to do_bad: SIGBUS with BUS_OBJERR for 0x35, no choice for the rest.
  @Test func hopelessStatuses() throws {
    install(7)
    abort(memory, esr: 0x9200_0035)
    #expect(guest.word32(sp + 8) == 3)
    #expect(guest.word(sp + 304) == 0)
    #expect(guest.word(sp + 1128) == 0x9200_0035)
    for status in [0x00, 0x29, 0x14, 0x1c, 0x30, 0x31, 0x34, 0x3d, 0x3f, 0x12] as [UInt64] {
      let other = try Guest.idle()
      let place = other.memory()
      other.write(place, words: [Self.handler, 4, 0, 0])
      for signal in [7, 11] as [UInt64] { #expect(other.call(134, signal, place, 0, 8) == 0) }
      other.enter(esr: 0x9200_0000 | status, far: place)
      #expect(other.verdict == .killed(signal: 9), "status \(status)")
    }
  }

  @Test func withoutSA_SIGINFOTheInformationStays() {
    install(10, flags: 0)
    fillRegisters()
    let below = (sp - 16) & ~15 - 4688
    guest.call(129, 2, 10)
    #expect(sp == below)
    #expect(guest.el1[x: 0] == 10)
    // The other argument registers keep the interrupted code's values; here X1 is kill's second argument.
    #expect(guest.el1[x: 1] == 10)
    #expect(guest.word(sp) == 0)
    #expect(guest.word32(sp + 592) == 0x4650_8001)
  }

  @Test func theLinkRegisterIsTheRestorerOrTheTrampoline() {
    install(10, flags: 0x0400_0004, restorer: 0x77_7770)
    guest.call(129, 2, 10)
    #expect(guest.el1[x: 30] == 0x77_7770)
    install(12, restorer: 0x77_7770)
    guest.call(129, 2, 12)
    // mov x8, #139; svc #0
    #expect(guest.word(guest.el1[x: 30]) == 0xd400_0001_d280_1168)
  }

  @Test func alternateStack() {
    install(10, flags: 0x0800_0004)
    guest.write(memory + 64, words: [memory + 0x4000, 0, 0x4000])
    #expect(guest.call(132, memory + 64, 0) == 0)
    let before = sp
    guest.call(129, 2, 10)
    let frame = sp
    #expect(frame == memory + 0x8000 - 16 - 4688)
    // uc_stack is the alternate stack with its own flags.
    #expect(guest.word(frame + 144) == memory + 0x4000)
    #expect(guest.word32(frame + 152) == 0)
    #expect(guest.word(frame + 160) == 0x4000)
    #expect(guest.word(frame + 560) == before)
    // On it: SS_ONSTACK, and it cannot be changed; a second frame goes below the first.
    #expect(guest.call(132, 0, memory + 128) == 0)
    #expect(guest.word32(memory + 136) == 1)
    #expect(guest.call(132, memory + 64, 0) == EPERM)
    install(12, flags: 0x0800_0004)
    guest.call(129, 2, 12)
    #expect(sp == frame - 16 - 4688)
  }

  /// SS_AUTODISARM: while a handler runs there is none, and rt_sigreturn brings it back.
  @Test func alternateStackThatDisarms() {
    install(10, flags: 0x0800_0004)
    guest.write(memory + 64, words: [memory + 0x4000, 0x8000_0000, 0x4000])
    #expect(guest.call(132, memory + 64, 0) == 0)
    guest.call(129, 2, 10)
    #expect(guest.word32(sp + 152) == 0x8000_0000)
    #expect(guest.call(132, 0, memory + 128) == 0)
    #expect(guest.word32(memory + 136) == 2)
    guest.call(139)
    #expect(guest.call(132, 0, memory + 128) == 0)
    #expect(guest.word(memory + 128) == memory + 0x4000)
    #expect(guest.word32(memory + 136) == 0x8000_0000)
  }

  /// MINSIGSTKSZ is 5120 on arm64.
  @Test func anAlternateStackHasALeastSize() {
    guest.write(memory + 64, words: [memory, 0, 5119])
    #expect(guest.call(132, memory + 64, 0) == ENOMEM)
    guest.write(memory + 64, words: [memory, 0, 5120])
    #expect(guest.call(132, memory + 64, 0) == 0)
    guest.write(memory + 64, words: [memory, 2, 0])
    #expect(guest.call(132, memory + 64, memory + 128) == 0)
    #expect(guest.word(memory + 144) == 5120)
    #expect(guest.call(132, 0, memory + 128) == 0)
    #expect(guest.word32(memory + 136) == 2)
  }

  /// Tags are hidden from si_addr unless asked for; not at a breakpoint.
  @Test func tagsOfTheFaultAddress() {
    install(11, flags: 0x4000_0004)
    abort(0x5a00_0000_1234_5678)
    #expect(guest.word(sp + 16) == 0x1234_5678)
    install(11, flags: 0x4000_0804)
    abort(0x5a00_0000_1234_5678)
    #expect(guest.word(sp + 16) == 0x5a00_0000_1234_5678)
    #expect(guest.word(sp + 304) == 0x1234_5678)
  }
}
