// Owns tests of options that a system call does not know: each call that has options names them.
// It does not know how the statistics are printed.
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct SystemCallOptionTests {
  /// The calls in whose registers nothing chooses what they do, or where Linux ignores what it does not know (openat, rt_sigaction and
  /// others). A new call must stand here or in the table of options.
  private static let withoutOptions: Set<String> = [
    "getcwd", "dup", "mkdirat", "symlinkat", "renameat", "statfs", "fstatfs", "truncate", "ftruncate", "faccessat", "chdir", "fchdir",
    "chroot", "fchmod", "fchmodat", "fchown", "openat", "close", "getdents64", "read", "write", "readv", "writev", "pread64", "pwrite64",
    "preadv", "pwritev", "sendfile", "pselect6", "ppoll", "readlinkat", "fstat", "sync", "fsync", "fdatasync", "timerfd_gettime", "umask",
    "exit", "exit_group", "sched_getaffinity", "sched_yield", "times", "setpgid", "getpgid", "getsid", "setsid", "getcpu", "getpid",
    "getppid", "gettid", "execve", "set_robust_list", "get_robust_list", "kill", "tkill", "tgkill", "sigaltstack", "rt_sigsuspend",
    "rt_sigaction", "rt_sigpending", "rt_sigtimedwait", "rt_sigqueueinfo", "rt_sigreturn", "rt_tgsigqueueinfo", "brk", "munmap", "mlock",
    "munlock", "munlockall", "mincore", "set_tid_address", "nanosleep", "timer_gettime", "timer_getoverrun", "timer_settime",
    "timer_delete", "restart_syscall", "getgroups", "uname", "gettimeofday", "getuid", "geteuid", "getgid", "getegid", "sysinfo",
    "getresuid", "getresgid", "mount",
    "personality", "sched_setparam", "sched_getscheduler", "sched_getparam", "sched_setaffinity", "sched_get_priority_max",
    "sched_get_priority_min", "sched_rr_get_interval", "remap_file_pages",
  ]

  @Test func everyCallStatesItsOptions() {
    let named = Set(SystemCallOption.rows.map { UInt64($0.number) }).union([167])
    for row in SystemCallTable.byNumber.compactMap({ $0 }) {
      #expect(named.contains(UInt64(row.number)) != Self.withoutOptions.contains(row.name), "\(row.name)")
    }
  }

  /// A call with a file, a path and memory at hand: what an option needs so that the call comes to look at it.
  private struct Call {
    let guest: Guest
    private let memory: UInt64 = 0x1000_0000
    private let pipe: UInt64, file: UInt64, directory: UInt64, timer: UInt64, process: UInt64

    init() throws {
      guest = try Guest.idle()
      try #require(guest.call(222, memory, 0x1_0000, 3, 0x32, ~0, 0) == Int64(memory))
      guest.write(memory, Array("/\0".utf8))
      guest.write(memory + 0x100, Array("/new\0".utf8))
      guest.write(memory + 0x180, Array("/other\0".utf8))
      guest.write(memory + 0x300, words: [memory, 4096])
      try #require(guest.call(59, memory + 0x200, 0) == 0)
      let opened = [
        guest.call(56, ~99, memory + 0x180, 0o102, 0o600), guest.call(56, ~99, memory, 0o40000), guest.call(85, 1, 0),
        guest.call(434, UInt64(guest.call(172)), 0),
      ]
      try #require(opened.allSatisfy { $0 >= 0 })
      (pipe, file, directory) = (UInt64(guest.word32(memory + 0x200)), UInt64(opened[0]), UInt64(opened[1]))
      (timer, process) = (UInt64(opened[2]), UInt64(opened[3]))
    }

    /// The arguments of a call under which only its option can be wrong.
    private func arguments(_ number: Int) -> [UInt64] {
      let (root, new, other, here) = (memory, memory + 0x100, memory + 0x180, ~99 as UInt64)
      let buffer = memory + 0x1000
      return switch number {
      case 24: [pipe, 20, 0]
      case 25, 29: [pipe, 0, buffer]
      case 33, 35, 79, 439, 452: [here, number == 33 ? new : other, [33, 35, 439].contains(number) ? 0 : buffer, 0]
      case 37, 276: [here, other, here, new, 0]
      case 39: [root, 0]
      case 40: [root, root, root, 0, 0]
      case 47: [file, 0, 0, 4096]
      case 54: [here, other, 0, 0, 0]
      case 59: [buffer, 0]
      case 62: [file, 0, 0]
      case 85: [0, 0]
      case 140, 141: [0, 0, 0]
      case 164: [0, memory + 0x400]
      case 451: [file, memory + 0x400, buffer, 0]
      case 462: [memory + 0xf000, 4096, 0]
      case 102, 113, 114, 163, 165: [0, buffer]
      case 86: [timer, 0, buffer, 0]
      case 88: [here, other, 0, 0]
      case 95: [0, 0, buffer, 4]
      case 98: [buffer, 1, 1, 0, buffer, 0]
      case 103: [0, buffer, 0]
      case 107: [1, 0, buffer]
      case 115: [1, 1, buffer, 0]
      case 119: [0, 0, buffer]
      case 270, 271: [UInt64(guest.call(172)), memory + 0x300, 1, memory + 0x300, 1, 0]
      case 274: [0, buffer, 0]
      case 275: [0, buffer, 48, 0]
      case 135: [0, buffer, 0, 8]
      case 216: [memory, 4096, 4096, 0]
      case 222: [0, 4096, 3, 0x23, ~0, 0]
      case 226, 288: [memory, 4096, 3, 0]
      case 227, 233: [memory, 4096, 0]
      case 230: [1]
      case 260: [~0, 0, 1, 0]
      case 261: [0, 0, 0, buffer]
      case 272: [UInt64(guest.call(172)), UInt64(guest.call(172)), 0, 0, 0]
      case 278: [buffer, 8, 0]
      case 279: [root, 0]
      case 281: [here, other, 0, 0, 0]
      case 284: [memory, 4096, 0]
      case 285: [file, 0, file, 0, 4, 0]
      case 291: [here, other, 0, 0x7ff, buffer]
      case 424: [process, 0, 0, 0]
      case 434: [UInt64(guest.call(172)), 0]
      case 436: [100, 200, 0]
      case 438: [process, 0, 0]
      case 440: [process, memory + 0x300, 1, 20, 0]
      case 449: [buffer, 1, 0, 0]
      case 454: [buffer, ~0 >> 32, 1, 0x82]
      case 455: [buffer, 1, ~0 >> 32, 0x82, 0, 0]
      case 456: [buffer, 0, 1, 1]
      case 472: [directory, 0]
      default: [0, 0, 0, 0]
      }
    }

    /// Makes the call with a value of the option; returns its result and what the statistics have of the call then.
    func make(_ option: SystemCallOption, _ value: UInt64) -> (result: Int64, named: [UInt64?]) {
      var given = arguments(option.number) + [UInt64](repeating: 0, count: 6)
      if option.isAddress {
        guest.write(memory + 0x2000, words: [value] + [UInt64](repeating: 0, count: 10))
        (given[0], given[1]) = (memory + 0x2000, 88)
      } else {
        given[option.argument] |= value
        if case .bits = option.known {} else { given[option.argument] = value }
      }
      let result = guest.call(UInt64(option.number), given[0], given[1], given[2], given[3], given[4], given[5])
      return (result, guest.kernel.state.systemCalls.unknown.filter { $0.number == option.number }.map(\.option))
    }
  }

  /// Values of an option that are not known, and how the statistics name them.
  private static func unknown(_ option: SystemCallOption) -> [(value: UInt64, name: UInt64)] {
    switch option.known {
    case .values(_, let beside):
      // The statistics keep 512 names.
      let values = (Array(0...60) + Array(1020...1050)).map { UInt64($0) } + [0o030000, 0o170000, 0x5401, 0x5413, 0x7fff_0000, 0x8020_0001]
      return values.filter { option.unknownPart(of: $0, .linux7_2) != nil }.map { ($0, $0 & ~beside) }
    case .bits(let known):
      // An argument of C type int has 32 bits; clone3's word has 64.
      let width = option.isAddress ? 64 : 32
      return (0..<width).map { 1 << UInt64($0) }.filter { known & $0 == 0 }.map { ($0, $0) }
    case .advice: return ([5, 6, 7, 26, 99, 104, 0x7fff_ffff] as [UInt64]).map { ($0, $0) }
    case .clock: return ([10, 12, 99] as [UInt64]).map { ($0, $0) }
    }
  }

  /// Every option that is not known is refused, and has a name then: the number, or the bits.
  @Test(arguments: SystemCallOption.rows) func unknownOptionsAreNamed(_ option: SystemCallOption) throws {
    let unknown = Self.unknown(option)
    let name = SystemCallNames.name(UInt64(option.number)) ?? ""
    #expect(!unknown.isEmpty, "\(name)")
    let call = try Call()
    for (value, expected) in unknown {
      let (result, named) = call.make(option, value)
      #expect(SystemCallOption.refusals.contains { Int64(-$0.rawValue) == result }, "\(name) \(value): \(result)")
      #expect(named.contains(expected), "\(name) \(value): \(named.suffix(3))")
    }
    #expect(call.guest.kernel.state.systemCalls.unknown.allSatisfy { $0.number == option.number }, "\(name)")
  }

  /// Options that are known have no name there, whatever else may be wrong with the call.
  @Test(arguments: SystemCallOption.rows) func knownOptionsAreNotNamed(_ option: SystemCallOption) throws {
    let known: [UInt64] =
      switch option.known {
      case .values(let values, _): values.map { UInt64(UInt32(bitPattern: $0)) }
      case .bits(let bits): (0..<32).map { 1 << UInt64($0) }.filter { bits & $0 != 0 }
      case .advice: [0, 4, 20, 103]
      case .clock: [0, 1, 11]
      }
    for value in known where option.number != 220 && option.number != 435 {
      let call = try Call()
      #expect(call.make(option, value).named.isEmpty, "\(SystemCallNames.name(UInt64(option.number)) ?? "") \(value)")
    }
  }
}
