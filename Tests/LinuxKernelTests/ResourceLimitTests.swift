// Owns tests of limits of processor time and of queued signals.
// It does not know limits of memory and of files. Right values are those of getrlimit(2).
import Architecture
import Debugging
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct ResourceLimitTests {
  /// A program that sets RLIMIT_CPU to these seconds, and then never ends. Threads that have ended have used this much of it.
  private func loop(soft: UInt32, hard: UInt32, used: UInt64) throws -> (stop: StopReason, guest: Guest) {
    let guest = try Guest(
      TinyELF([
        0xd101_03ff,  // sub sp, sp, #64
        0xd280_0000 | soft << 5,  // mov x0, #soft
        0xd280_0001 | hard << 5,  // mov x1, #hard
        0xa900_07e0,  // stp x0, x1, [sp]
        0xd280_0000,  // mov x0, #0
        0xd280_0001,  // mov x1, #0
        0x9100_03e2,  // mov x2, sp
        0xd280_0003,  // mov x3, #0
        0xd280_20a8,  // mov x8, #261
        0xd400_0001,  // svc #0
        0x1400_0000,  // b .
      ]))
    guest.kernel.state[.first].endedThreads.nanoseconds = used
    return (guest.session.run(until: 1_000_000), guest)
  }

  @Test func theSoftLimitOfProcessorTimeIsSIGXCPU() throws {
    let (stop, guest) = try loop(soft: 1, hard: 3, used: 999_999_000)
    #expect(stop == .killed(24))
    #expect(guest.processor.instructionsRetired == 1000)
  }

  @Test func theHardLimitIsSIGKILL() throws {
    let (stop, guest) = try loop(soft: 2, hard: 2, used: 1_999_999_000)
    #expect(stop == .killed(9))
    #expect(guest.processor.instructionsRetired == 1000)
  }

  @Test func queuedSignals() throws {
    let guest = try Guest.idle()
    let memory = guest.memory()
    guest.write(memory, words: [3, 3, ~0])
    #expect(guest.call(261, 0, 11, memory, 0) == 0)
    #expect(guest.call(135, 2, memory + 16, 0, 8) == 0)
    for _ in 0..<3 { #expect(guest.call(129, 2, 40) == 0) }
    #expect(guest.call(129, 2, 40) == EAGAIN)
    #expect(guest.call(129, 2, 10) == 0)
  }
}
