// Owns the kernel's copies to and from user memory: EL0's permissions, faults served on the way, and how far a copy got.
// It does not know system calls beyond write and getrandom, which copy as much as can be copied.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct UserAccessTests {
  private static let place: UInt64 = 0x1000_0000

  /// Three fresh pages, of which the one in the middle has `protection`.
  private func guest(middle protection: UInt64, epan: Bool = false) throws -> Guest {
    var configuration = Guest.small
    configuration.features.epan = epan
    let guest = try Guest.idle(configuration)
    #expect(guest.call(222, Self.place, 3 << 12, 3, 0x32, ~0, 0) == Int64(Self.place))
    #expect(guest.call(226, Self.place + 4096, 4096, protection) == 0)
    return guest
  }

  /// Protection of the middle page, whether the kernel can read it, and whether it can write it; without EPAN and with.
  @Test(
    arguments: [
      (0, false, false), (1, true, false), (2, true, true), (3, true, true), (4, true, false), (5, true, false), (7, true, true),
    ] as [(UInt64, Bool, Bool)])
  func permissions(protection: UInt64, canRead: Bool, canWrite: Bool) throws {
    for epan in [false, true] {
      let guest = try guest(middle: protection, epan: epan)
      let readable = canRead && !(epan && protection == 4)
      // getrandom writes, write reads; both tell how far they came. Start 8 bytes before the page.
      #expect(guest.call(278, Self.place + 4088, 16, 0) == (canWrite ? 16 : 8), "EPAN \(epan)")
      #expect(guest.call(64, 1, Self.place + 4088, 16) == (readable ? 16 : 8), "EPAN \(epan)")
      #expect(guest.call(64, 1, Self.place + 4096, 16) == (readable ? 16 : EFAULT), "EPAN \(epan)")
      #expect(guest.io.output.count == (readable ? 32 : 8))
      #expect(guest.verdict == .resume)
    }
  }

  /// A read for the kernel maps the zero page, a write a page of its own; each is one minor fault.
  @Test func faultsAreServedAndCounted() throws {
    let guest = try guest(middle: 3)
    func minor() -> UInt64 { guest.kernel.mm.taskFaults(.firstProgram).minor }
    let start = minor()
    #expect(guest.call(64, 1, Self.place, 3 << 12) == 3 << 12)
    #expect(minor() == start + 3)
    #expect(guest.kernel.mm.state.statistics.zeroPageFaults == 3)
    #expect(guest.call(278, Self.place, 3 << 12, 0) == 3 << 12)
    #expect(minor() == start + 6)
    #expect(guest.kernel.mm.state.statistics.zeroPageCopies == 3)
    #expect(guest.call(278, Self.place, 3 << 12, 0) == 3 << 12)
    #expect(minor() == start + 6)
  }

  /// The kernel's fault is no exception: the registers that describe one stay as the system call left them.
  @Test func theKernelsFaultsLeaveNoTrace() throws {
    let guest = try guest(middle: 0)
    guest.session.recordsFaults = true
    #expect(guest.call(278, Self.place, 3 << 12, 0) == 4096)
    #expect(guest.session.faultHistory.entries.isEmpty)
    #expect(guest.el1[.ESR_EL1] == 0x5600_0000)
    #expect(guest.kernel.state.currentTask.faultCode == 0)
    #expect(guest.kernel.state.currentTask.faultAddress == 0)
  }

  /// The stack grows for the kernel as it does for the program.
  @Test func theStackGrowsForTheKernel() throws {
    let guest = try Guest.idle()
    let low = guest.kernel.mm.vmas(guest.kernel.state.currentTask.mm).last!.start
    #expect(guest.call(278, low - 0x10_0000, 16, 0) == 16)
    #expect(guest.kernel.mm.vmas(guest.kernel.state.currentTask.mm).last!.start == low - 0x10_0000)
    #expect(guest.call(278, low - (8 << 20), 16, 0) == EFAULT)
  }

  /// A write into code that has run is seen by the next fetch: it goes through the one door for stores.
  @Test func writingOverCodeThatRan() throws {
    var elf = TinyELF([
      0xd280_0021,  // mov x1, #1
      0xd400_0001,  // svc #0: sched_yield, while the test looks
      0x17ff_fffe,  // b .-8
    ])
    elf.textFlags = 7
    let guest = try Guest(elf)
    guest.el1[x: 8] = 124
    #expect(guest.session.run(until: 5) == .instructionLimit)
    #expect(guest.processor[x: 1] == 1)
    // mov x1, #2
    let source: [UInt8] = [0x41, 0x00, 0x80, 0xd2]
    try guest.kernel.parts.user(guest.el1).put(0x40_0000, source)
    #expect(guest.session.run(until: 12) == .instructionLimit)
    #expect(guest.processor[x: 1] == 2)
  }

  @Test func stringsEndAtTheirZeroOrTheirLimit() throws {
    let guest = try guest(middle: 3)
    guest.call(278, Self.place, 3 << 12, 0)
    guest.write(Self.place, [UInt8](repeating: 0x61, count: 3 << 12))
    func string(_ address: UInt64, limit: Int) -> Result<[UInt8], Errno> {
      do throws(Errno) {
        return .success(try guest.kernel.parts.user(guest.el1).getString(address, limit: limit, tooLong: .ENAMETOOLONG))
      } catch { return .failure(error) }
    }
    #expect(string(Self.place, limit: 100) == .failure(.ENAMETOOLONG))
    #expect(string(Self.place + 3 << 12 - 4, limit: 100) == .failure(.EFAULT))
    guest.write(Self.place + 4098, [0])
    #expect(string(Self.place + 4094, limit: 100) == .success(Array("aaaa".utf8)))
    #expect(string(Self.place + 4094, limit: 5) == .success(Array("aaaa".utf8)))
    #expect(string(Self.place + 4094, limit: 4) == .failure(.ENAMETOOLONG))
    // Bytes, whatever they mean.
    guest.write(Self.place, [0xff, 0xfe, 0x80, 0])
    #expect(string(Self.place, limit: 100) == .success([0xff, 0xfe, 0x80]))
  }
}
