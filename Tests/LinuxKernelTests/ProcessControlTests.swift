// Owns tests of prctl's options, of the tagged address ABI and of signals through a pidfd.
// It does not know pointer authentication or huge pages. Right values are those of prctl(2), pidfd_send_signal(2) and
// Documentation/arch/arm64/tagged-address-abi.rst.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct ProcessControlTests {
  let guest: Guest
  let memory: UInt64
  init() throws {
    guest = try Guest.idle()
    memory = guest.memory(pages: 2)
  }

  private func text(_ path: String) -> String {
    guest.write(memory + 1024, Array((path + "\0").utf8))
    let fd = guest.call(56, UInt64(bitPattern: -100), memory + 1024, 0, 0)
    #expect(fd >= 0)
    let count = guest.call(63, UInt64(fd), memory + 2048, 4096)
    return String(decoding: guest.bytes(memory + 2048, Int(count)), as: UTF8.self)
  }

  @Test func theName() {
    #expect(text("/proc/self/comm") == "test\n")
    guest.write(memory, Array("a name of 20 letters\0".utf8))
    #expect(guest.call(167, 15, memory) == 0)
    #expect(guest.call(167, 16, memory + 64) == 0)
    #expect(guest.string(memory + 64) == "a name of 20 le")
    #expect(text("/proc/self/comm") == "a name of 20 le\n")
    #expect(text("/proc/self/stat").hasPrefix("2 (a name of 20 le) R "))
    #expect(text("/proc/self/status").hasPrefix("Name:\ta name of 20 le\n"))
    #expect(guest.call(167, 15, 8) == EFAULT)
    #expect(guest.call(167, 16, 8) == EFAULT)
  }

  @Test func options() {
    #expect(guest.call(167, 1, 10) == 0)
    #expect(guest.call(167, 2, memory) == 0)
    #expect(guest.word32(memory) == 10)
    #expect(guest.call(167, 1, 65) == EINVAL)
    #expect(guest.call(167, 30) == 50_000)
    #expect(guest.call(167, 29, 7) == 0)
    #expect(guest.call(167, 30) == 7)
    #expect(guest.call(167, 29, 0) == 0)
    #expect(guest.call(167, 30) == 50_000)
    #expect(guest.call(167, 36, 1) == 0)
    #expect(guest.call(167, 37, memory) == 0)
    #expect(guest.word32(memory) == 1)
  }

  /// An option that is not there is counted beside the calls that are not.
  @Test func unknownOptionsAreCounted() {
    for _ in 0..<2 { #expect(guest.call(167, 4242) == EINVAL) }
    let unknown = guest.kernel.state.systemCalls.unknown
    #expect(unknown.count == 1)
    #expect(unknown[0] == (167, 4242, 2))
  }

  /// With PR_TAGGED_ADDR_ENABLE system calls take tagged pointers; mmap takes none as a new address, and no range may leave user space.
  @Test func taggedAddresses() {
    let tagged = memory | 0x5a << 56
    #expect(guest.call(167, 56, 0, 0, 0, 0) == 0)
    #expect(guest.call(160, tagged) == EFAULT)
    #expect(guest.call(167, 55, 1, 0, 0, 0) == 0)
    #expect(guest.call(167, 56, 0, 0, 0, 0) == 1)
    #expect(guest.call(160, tagged) == 0)
    #expect(guest.string(memory) == "Linux")
    #expect(guest.call(64, 1, tagged, 5) == 5)
    #expect(guest.io.outputText == "Linux")
    #expect(guest.call(98, tagged, 1, 1) == 0)
    #expect(guest.call(226, tagged, 4096, 3) == 0)
    #expect(guest.call(222, tagged, 4096, 3, 0x32, ~0, 0) == ENOMEM)
    #expect(guest.call(64, 1, tagged, 1 << 48) == EFAULT)
    #expect(guest.call(64, 1, 0xffff_8000_0000_0000, 1) == EFAULT)
    #expect(guest.call(167, 55, 2, 0, 0, 0) == EINVAL)
    #expect(guest.call(167, 55, 1, 1, 0, 0) == EINVAL)
    #expect(guest.call(167, 56, 1, 0, 0, 0) == EINVAL)
    // A child has it too.
    #expect(guest.call(220, 17, 0, 0, 0, 0) == 3)
    guest.write(memory + 512, words: [1, 0])
    #expect(guest.call(101, memory + 512, 0) == 0)
    #expect(guest.call(178) == 3)
    #expect(guest.call(167, 56, 0, 0, 0, 0) == 1)
    #expect(guest.call(167, 55, 0, 0, 0, 0) == 0)
    #expect(guest.call(160, tagged) == EFAULT)
  }

  @Test func signalsThroughAPidfd() {
    guest.write(memory, words: [1 << 9])
    #expect(guest.call(135, 0, memory, 0, 8) == 0)
    #expect(guest.call(434, 2, 0) == 3)
    #expect(guest.call(424, 3, 0, 0, 0) == 0)
    #expect(guest.call(424, 3, 10, 0, 0) == 0)
    #expect(guest.call(137, memory, memory + 64, 0, 8) == 10)
    #expect(guest.word32(memory + 72) == 0)
    #expect(guest.call(424, 3, 65, 0, 0) == EINVAL)
    guest.write(memory + 64, words: [11, 0, 0, 0])
    #expect(guest.call(424, 3, 10, memory + 64, 0) == EINVAL)
    // Any code to oneself, with a value.
    guest.write(memory + 64, words: [10, 7, 1, 99])
    #expect(guest.call(424, 3, 10, memory + 64, 0) == 0)
    #expect(guest.call(137, memory, memory + 256, 0, 8) == 10)
    #expect(guest.word(memory + 256 + 24) == 99)
  }

  /// A directory of /proc names its process for a signal, and a file or a directory in it does not.
  @Test func signalsThroughAProcDirectory() {
    for (path, answer) in [("/proc/self", 0), ("/proc/self/task", EBADF), ("/proc/self/maps", EBADF), ("/proc", EBADF)] as [(String, Int64)]
    {
      guest.write(memory, Array(path.utf8) + [0])
      let file = guest.call(56, UInt64(bitPattern: -100), memory, 0)
      #expect(file >= 3)
      #expect(guest.call(424, UInt64(file), 0, 0, 0) == answer, "\(path)")
    }
  }

  /// waitid by a pidfd: EAGAIN where it does not block, else the child's end.
  @Test func waitidByPidfd() {
    #expect(guest.call(220, 17, 0, 0, 0, 0) == 3)
    #expect(guest.call(434, 3, 0x800) == 3)
    #expect(guest.call(434, 3, 0) == 4)
    #expect(guest.call(95, 3, 3, memory, 4) == EAGAIN)
    // The parent sleeps, and the child runs until its end.
    #expect(guest.call(95, 3, 4, memory, 4) == 0)
    guest.call(93, 5)
    #expect(guest.el1[x: 0] == 0)
    #expect(guest.word32(memory + 16) == 3)
    #expect(guest.word32(memory + 24) == 5)
    #expect(guest.call(95, 3, 0, memory, 4) == EBADF)
    #expect(guest.call(95, 3, ~0, memory, 4) == EINVAL)
  }

  /// The signal that a child asked for comes when its parent ends, and a subreaper above gets the orphan.
  @Test func PDEATHSIG() {
    #expect(guest.call(167, 36, 1) == 0)
    #expect(guest.call(220, 17, 0, 0, 0, 0) == 3)
    // Process 2 waits for process 3, and that for process 4.
    #expect(guest.call(260, 3, 0, 0, 0) == 0)
    #expect(guest.call(220, 17, 0, 0, 0, 0) == 4)
    #expect(guest.call(260, 4, 0, 0, 0) == 0)
    #expect(guest.call(178) == 4)
    #expect(guest.call(173) == 3)
    #expect(guest.call(167, 1, 10) == 0)
    guest.write(memory, words: [1 << 9, 1, 0])
    #expect(guest.call(135, 0, memory, 0, 8) == 0)
    #expect(guest.call(129, 3, 9) == 0)
    // While process 4 sleeps, process 3 ends, and process 2 is told.
    #expect(guest.call(101, memory + 8, 0) == 3)
    #expect(guest.call(178) == 2)
    #expect(guest.call(260, 4, 0, 0, 0) == 0)
    #expect(guest.call(178) == 4)
    #expect(guest.call(173) == 2)
    #expect(guest.call(136, memory + 64, 8) == 0)
    #expect(guest.word(memory + 64) == 1 << 9)
    guest.call(93, 0)
    #expect(guest.el1[x: 0] == 4)
  }
}
