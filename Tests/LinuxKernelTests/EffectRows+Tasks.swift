// Owns the effects of calls about memory, signals, limits, clocks and processes, a row each. Numbers are those of
// asm-generic/unistd.h. It does not know how a row is run.

extension EffectRow {
  /// Where the rows map memory of their own.
  private static let area: UInt64 = 0x2000_0000
  /// Anonymous private memory of some pages there, readable and writable.
  private static func map(_ pages: UInt64) -> Step { .call(222, [area, pages << 12, 3, 0x32, ~0, 0], Int64(area)) }

  static let memoryCalls: [EffectRow] = [
    EffectRow(
      "mmap gives zeroes, munmap takes them", [map(1), .isWords(area, [0, 0]), .call(215, [area, 4096], 0), .call(160, [area], EFAULT)]),
    EffectRow(
      "mprotect",
      [map(1), .call(226, [area, 4096, 1], 0), .call(160, [area], EFAULT), .call(226, [area, 4096, 3], 0), .call(160, [area], 0)]),
    EffectRow(
      "mremap moves what is there",
      [
        map(1), .text(area, "hello"), .call(216, [area, 4096, 8192, 3, area + 0x10000], Int64(area) + 0x10000),
        .isText(area + 0x10000, "hello"), .call(160, [area], EFAULT),
      ]),
    EffectRow(
      "mremap cuts", [map(2), .call(216, [area, 8192, 4096], Int64(area)), .call(160, [area + 4096], EFAULT), .call(160, [area], 0)]),
    EffectRow(
      "madvise DONTNEED",
      [
        map(2), .text(area, "hello"), .text(area + 4096, "world"), .call(233, [area, 4096, 4], 0), .isWords(area, [0]),
        .isText(area + 4096, "world"),
      ]),
    EffectRow(
      "madvise DONTNEED of a file's memory",
      [
        .open("/tmp/a", 0o102, 3), .call(46, [3, 4096], 0), .call(222, [area, 4096, 3, 0x11, 3, 0], Int64(area)), .text(area, "hello"),
        .call(233, [area, 4096, 4], 0), .isText(area, "hello"),
      ]),
    EffectRow(
      "madvise POPULATE_WRITE", [map(3), .call(233, [area, 8192, 23], 0), .call(232, [area, 12288, out], 0), .isBytes(out, [1, 1, 0])]),
    EffectRow("mincore", [map(3), .text(area + 4096, "x"), .call(232, [area, 12288, out], 0), .isBytes(out, [0, 1, 0])]),
    EffectRow(
      "mlock brings pages in",
      [map(2), .call(228, [area, 8192], 0), .call(232, [area, 8192, out], 0), .isBytes(out, [1, 1]), .call(229, [area, 8192], 0)]),
    EffectRow(
      "mlock2 ONFAULT does not", [map(2), .call(284, [area, 8192, 1], 0), .call(232, [area, 8192, out], 0), .isBytes(out, [0, 0])]),
    EffectRow(
      "mlockall MCL_FUTURE", [.call(230, [2], 0), map(2), .call(232, [area, 8192, out], 0), .isBytes(out, [1, 1]), .call(231, [], 0)]),
    EffectRow(
      "a shared mapping is the file",
      [
        .open("/tmp/a", 0o102, 3), .call(46, [3, 4096], 0), .call(222, [area, 4096, 3, 0x11, 3, 0], Int64(area)), .text(area, "hello"),
        .call(67, [3, out, 5, 0], 5), .isText(out, "hello"), .text(memory, "J"), .call(68, [3, memory, 1, 0], 1), .isText(area, "Jello"),
        .call(227, [area, 4096, 4], 0),
      ]),
    EffectRow(
      "a private mapping is not",
      [
        .open("/tmp/a", 0o102, 3), .text(memory, "hello"), .call(64, [3, memory, 5], 5),
        .call(222, [area, 4096, 3, 0x12, 3, 0], Int64(area)), .isText(area, "hello"), .text(area, "J"), .call(67, [3, out, 5, 0], 5),
        .isText(out, "hello"),
      ]),
    EffectRow(
      "process_madvise of its own memory",
      [map(2), .call(434, [2, 0], 3), .words(memory, [area, 4096, area + 4096, 4096]), .call(440, [3, memory, 2, 20, 0], 8192)]),
  ]

  private static let blockUSR1: [Step] = [.words(memory, [1 << 9]), .call(135, [0, memory, 0, 8], 0)]

  static let processCalls: [EffectRow] = [
    EffectRow(
      "ids of the first process",
      [.call(172, [], 2), .call(178, [], 2), .call(173, [], 1), .call(155, [0], 2), .call(156, [0], 2), .call(96, [out], 2)]),
    EffectRow("setsid of a leader", [.call(157, [], EPERM), .call(154, [0, 0], EPERM)]),
    EffectRow("getgroups", [.call(158, [0, 0], 0), .call(158, [9, out], 0)]),
    EffectRow(
      "rt_sigaction tells the old one",
      [
        .words(memory, [0x1234, 0x1000_0004, 0, 0xf0]), .call(134, [10, memory, out, 8], 0), .isWords(out, [0, 0, 0, 0]),
        .call(134, [10, 0, out, 8], 0), .isWords(out, [0x1234, 0x1000_0004, 0, 0xf0]),
      ]),
    EffectRow(
      "rt_sigprocmask blocks, unblocks, sets",
      [
        .words(memory, [0b110, 0b010, ~0]), .call(135, [0, memory, out, 8], 0), .isWords(out, [0]), .call(135, [1, memory + 8, out, 8], 0),
        .isWords(out, [0b110]), .call(135, [2, memory + 16, out, 8], 0), .isWords(out, [0b100]), .call(135, [0, 0, out, 8], 0),
        .isWords(out, [~(1 << 8 | 1 << 18)]),
      ]),
    EffectRow(
      "kill, rt_sigpending, rt_sigtimedwait",
      blockUSR1 + [
        .call(129, [2, 10], 0), .call(136, [out, 8], 0), .isWords(out, [1 << 9]), .call(137, [memory, out, 0, 8], 10),
        .isWords32(out, [10, 0, 0]), .isWords32(out + 16, [2, 0]), .call(136, [out, 8], 0), .isWords(out, [0]),
      ]),
    EffectRow(
      "tgkill says so",
      blockUSR1 + [.call(131, [2, 2, 10], 0), .call(137, [memory, out, 0, 8], 10), .isWords32(out, [10, 0, UInt32(bitPattern: -6)])]),
    EffectRow(
      "rt_sigqueueinfo carries a value",
      blockUSR1 + [
        .words(out, [10, UInt64(UInt32(bitPattern: -1)), 77, 0x1122_3344_5566_7788]), .call(138, [2, 10, out], 0),
        .words(out, [0, 0, 0, 0]),
        .call(137, [memory, out, 0, 8], 10), .isWords(out, [10, UInt64(UInt32(bitPattern: -1)), 77, 0x1122_3344_5566_7788]),
      ]),
    EffectRow(
      "an ignored signal is dropped",
      [
        .words(memory, [1, 0, 0, 0]), .call(134, [10, memory, 0, 8], 0), .call(129, [2, 10], 0), .call(136, [out, 8], 0),
        .isWords(out, [0]),
      ]),
    EffectRow(
      "sigaltstack",
      [
        .call(132, [0, out], 0), .isWords(out, [0, 2, 0]), .words(memory, [memory, 0, 0x4000]), .call(132, [memory, 0], 0),
        .call(132, [0, out], 0), .isWords(out, [memory, 0, 0x4000]),
      ]),
    EffectRow(
      "prlimit64, getrlimit",
      [
        .call(163, [7, out], 0), .isWords(out, [1024, 4096]), .words(memory, [64, 4096]), .call(261, [0, 7, memory, out], 0),
        .isWords(out, [1024, 4096]), .call(163, [7, out], 0), .isWords(out, [64, 4096]), .call(25, [0, 0, 64], EINVAL),
      ]),
    EffectRow(
      "RLIMIT_NOFILE",
      [.words(memory, [3, 4096]), .call(261, [0, 7, memory, 0], 0), .call(23, [0], -24), .call(57, [2], 0), .call(23, [0], 2)]),
    EffectRow("sched_getaffinity", [.words(out, [~0]), .call(123, [0, 8, out], 8), .isWords(out, [1])]),
    EffectRow("getcpu", [.words(out, [~0]), .call(168, [out, out + 4], 0), .isWords(out, [0])]),
    EffectRow(
      "set_robust_list, get_robust_list", [.call(99, [0x5000, 24], 0), .call(100, [0, out, out + 8], 0), .isWords(out, [0x5000, 24])]),
    EffectRow("clock_getres", [.words(out, [~0, ~0]), .call(114, [1, out], 0), .isWords(out, [0, 1])]),
    EffectRow(
      "nanosleep moves every clock",
      [
        .words(memory, [2, 3_000_000]), .call(101, [memory, 0], 0), .call(113, [0, out], 0), .isWords(out, [2, 3_000_000]),
        .call(169, [out, 0], 0),
        .isWords(out, [2, 3000]), .call(113, [2, out], 0), .isWords(out, [0, 0]),
      ]),
    EffectRow(
      "clock_nanosleep to a time",
      [
        .words(memory, [1, 0]), .call(115, [1, 1, memory, 0], 0), .call(113, [1, out], 0), .isWords(out, [1, 0]),
        .call(115, [1, 1, memory, 0], 0),
      ]),
    EffectRow("times", [.words(memory, [1, 0]), .call(101, [memory, 0], 0), .call(153, [out], 100), .isWords(out, [0, 0, 0, 0])]),
    EffectRow(
      "sysinfo",
      [
        .words(memory, [1, 500_000_000]), .call(101, [memory, 0], 0), .call(179, [out], 0), .isWords(out, [2]), .isBytes(out + 80, [2, 0]),
        .isWords32(out + 104, [1]),
      ]),
    EffectRow(
      "getrandom", [.call(278, [out, 16, 0], 16), .differ(out, out + 8), .call(278, [out + 16, 0, 0], 0), .isWords(out + 16, [0])]),
    EffectRow(
      "futex WAKE_OP changes the word",
      [.words(memory, [0, 5]), .call(98, [memory, 5, 1, 1, memory + 8, 0x1000_3000], 0), .isWords(memory, [0, 8])]),
    EffectRow("prctl THP", [.call(167, [42, 0, 0, 0, 0], 0), .call(167, [41, 1, 0, 0, 0], 0), .call(167, [42, 0, 0, 0, 0], 1)]),
    EffectRow("uname", [.call(160, [out], 0), .isText(out, "Linux"), .isText(out + 260, "aarch64")]),
    EffectRow("wait4 without children", [.call(260, [UInt64(bitPattern: -1), out, 0, 0], -10)]),
  ]
}
