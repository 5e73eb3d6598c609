// Owns the effects of calls on open files and descriptors, a row each. Numbers are those of asm-generic/unistd.h, layouts those of
// arm64. It does not know how a row is run.

extension EffectRow {
  private static let hello: [Step] = [.open("/tmp/a", 0o102, 3), .text(memory, "hello"), .call(64, [3, memory, 5], 5)]

  static let files: [EffectRow] = [
    EffectRow("write, pread64", hello + [.call(67, [3, out, 5, 0], 5), .isText(out, "hello"), .call(62, [3, 0, 1], 5)]),
    EffectRow(
      "read moves the position",
      hello + [.call(62, [3, 0, 0], 0), .call(63, [3, out, 2], 2), .isText(out, "he"), .call(62, [3, 0, 1], 2)]),
    EffectRow("read ends with the file", hello + [.call(62, [3, 3, 0], 3), .call(63, [3, out, 9], 2), .call(63, [3, out, 9], 0)]),
    EffectRow("read of the standard input", [.call(63, [0, out, 9], 5), .isText(out, "input"), .call(63, [0, out, 9], 0)]),
    EffectRow("write to the standard output", [.text(memory, "hello"), .call(64, [1, memory, 5], 5), .output("hello")]),
    EffectRow(
      "pwrite64 leaves the position and makes a hole",
      hello + [
        .call(68, [3, memory, 5, 100], 5), .call(62, [3, 0, 1], 5), .call(80, [3, out], 0), .isWords(out + 48, [105]),
        .call(67, [3, out, 8, 96], 8), .isBytes(out, [0, 0, 0, 0, 0x68, 0x65, 0x6c, 0x6c]),
      ]),
    EffectRow(
      "readv",
      hello + [
        .words(memory, [out, 2, out + 16, 3]), .call(62, [3, 0, 0], 0), .call(65, [3, memory, 2], 5), .isText(out, "he"),
        .isText(out + 16, "llo"), .call(62, [3, 0, 1], 5),
      ]),
    EffectRow(
      "preadv",
      hello + [
        .words(memory, [out, 2, out + 16, 9]), .call(69, [3, memory, 2, 1], 4), .isText(out, "el"), .isText(out + 16, "lo"),
        .call(62, [3, 0, 1], 5),
      ]),
    EffectRow(
      "writev",
      [
        .open("/tmp/a", 0o102, 3), .text(memory, "hello"), .words(memory + 64, [memory + 1, 2, memory, 1]),
        .call(66, [3, memory + 64, 2], 3), .call(67, [3, out, 9, 0], 3), .isText(out, "elh"),
      ]),
    EffectRow(
      "pwritev",
      hello + [
        .words(memory + 64, [memory + 1, 2, memory, 1]), .call(70, [3, memory + 64, 2, 1], 3), .call(67, [3, out, 9, 0], 5),
        .isText(out, "helho"), .call(62, [3, 0, 1], 5),
      ]),
    EffectRow(
      "O_APPEND, where pwrite64 appends too",
      [
        .open("/tmp/a", 0o2102, 3), .text(memory, "hello"), .call(64, [3, memory, 5], 5), .call(62, [3, 0, 0], 0),
        .call(64, [3, memory, 5], 5), .call(68, [3, memory, 2, 0], 2), .call(67, [3, out, 20, 0], 12), .isText(out, "hellohellohe"),
      ]),
    EffectRow("O_TRUNC", hello + [.open("/tmp/a", 0o1002, 4), .call(62, [4, 0, 2], 0), .call(67, [3, out, 9, 0], 0)]),
    EffectRow(
      "ftruncate cuts and fills with zeroes",
      hello + [
        .call(46, [3, 2], 0), .call(46, [3, 4], 0), .call(67, [3, out, 9, 0], 4), .isBytes(out, [0x68, 0x65, 0, 0]),
        .call(62, [3, 0, 1], 5),
      ]),
    EffectRow(
      "truncate", hello + [.text(memory, "/tmp/a"), .call(45, [memory, 3], 0), .call(80, [3, out], 0), .isWords(out + 48, [3])]),
    EffectRow(
      "fallocate makes room", hello + [.call(47, [3, 0, 0, 8192], 0), .call(80, [3, out], 0), .isWords(out + 48, [8192, 4096, 16])]),
    EffectRow(
      "fallocate KEEP_SIZE", hello + [.call(47, [3, 1, 0, 8192], 0), .call(80, [3, out], 0), .isWords(out + 48, [5, 4096, 16])]),
    EffectRow(
      "fallocate PUNCH_HOLE",
      hello + [.call(47, [3, 3, 1, 2], 0), .call(67, [3, out, 9, 0], 5), .isBytes(out, [0x68, 0, 0, 0x6c, 0x6f])]),
    EffectRow(
      "lseek SEEK_DATA and SEEK_HOLE",
      [
        .open("/tmp/a", 0o102, 3), .call(68, [3, memory, 1, 8192], 1), .call(62, [3, 0, 3], 8192), .call(62, [3, 0, 4], 0),
        .call(62, [3, 8192, 4], 8193), .call(62, [3, UInt64(bitPattern: -1), 2], 8192),
      ]),
    EffectRow(
      "sendfile",
      hello + [
        .open("/tmp/b", 0o102, 4), .call(62, [3, 1, 0], 1), .call(71, [4, 3, 0, 9], 4), .call(62, [3, 0, 1], 5),
        .words(memory, [2]), .call(71, [4, 3, memory, 2], 2), .isWords(memory, [4]), .call(67, [4, out, 9, 0], 6), .isText(out, "elloll"),
      ]),
    EffectRow(
      "copy_file_range",
      hello + [
        .open("/tmp/b", 0o102, 4), .words(memory, [1, 2]), .call(285, [3, memory, 4, memory + 8, 3], 3), .isWords(memory, [4, 5]),
        .call(67, [4, out, 9, 0], 5), .isBytes(out, [0, 0, 0x65, 0x6c, 0x6c]),
      ]),
    EffectRow(
      "memfd_create and its seals",
      [
        .text(memory, "name"), .call(279, [memory, 2], 3), .call(25, [3, 1034], 0), .call(46, [3, 100], 0), .call(25, [3, 1033, 6], 0),
        .call(25, [3, 1034], 6), .call(46, [3, 10], EPERM), .call(46, [3, 200], EPERM), .call(64, [3, memory, 4], 4),
        .call(279, [memory, 0], 4), .call(25, [4, 1034], 1), .call(25, [4, 1033, 6], EPERM),
      ]),
    EffectRow("/dev/zero", [.words(out, [~0]), .open("/dev/zero", 2, 3), .call(63, [3, out, 8], 8), .isWords(out, [0])]),
    EffectRow("/dev/full", [.open("/dev/full", 2, 3), .call(64, [3, memory, 8], -28), .call(63, [3, out, 8], 8)]),
    EffectRow(
      "a text of /proc, in two reads",
      [
        .open("/proc/sys/kernel/ostype", 0, 3), .call(63, [3, out, 3], 3), .isText(out, "Lin"), .call(63, [3, out, 9], 3),
        .isText(out, "ux\n"), .call(67, [3, out, 2, 1], 2), .isBytes(out, [0x69, 0x6e]),
      ]),
  ]

  private static let pipe: [Step] = [.call(59, [out, 0], 0), .isWords32(out, [3, 4]), .text(memory, "hello")]

  static let descriptors: [EffectRow] = [
    EffectRow(
      "dup shares the position", hello + [.call(23, [3], 4), .call(62, [4, 0, 1], 5), .call(62, [4, 1, 0], 1), .call(62, [3, 0, 1], 1)]),
    EffectRow(
      "dup3",
      hello + [
        .call(24, [3, 10, 0o2000000], 10), .call(25, [10, 1], 1), .call(25, [3, 1], 0), .call(57, [3], 0), .call(67, [10, out, 9, 0], 5),
        .call(24, [10, 1, 0], 1), .call(64, [1, memory, 5], 5), .output(""), .call(80, [10, out], 0), .isWords(out + 48, [10]),
      ]),
    EffectRow("fcntl F_SETFD", [.open("/tmp/a", 0o102, 3), .call(25, [3, 1], 0), .call(25, [3, 2, 1], 0), .call(25, [3, 1], 1)]),
    EffectRow(
      "fcntl F_SETFL keeps the mode",
      [.open("/tmp/a", 0o102, 3), .call(25, [3, 3], 0o400002), .call(25, [3, 4, 0o4001], 0), .call(25, [3, 3], 0o404002)]),
    EffectRow(
      "fcntl F_DUPFD", [.call(25, [0, 0, 20], 20), .call(25, [0, 1030, 20], 21), .call(25, [21, 1], 1), .call(25, [20, 1], 0)]),
    EffectRow("close frees the lowest", [.call(57, [0], 0), .call(63, [0, out, 1], EBADF), .open("/tmp/a", 0o102, 0)]),
    EffectRow("close_range", [.call(23, [0], 3), .call(23, [0], 4), .call(436, [3, 3, 0], 0), .call(57, [3], EBADF), .call(57, [4], 0)]),
    EffectRow("close_range CLOEXEC", [.call(436, [1, ~0, 4], 0), .call(25, [0, 1], 0), .call(25, [2, 1], 1)]),
    EffectRow(
      "pipe2",
      pipe + [
        .call(64, [4, memory, 5], 5), .call(29, [3, 0x541b, out], 0), .isWords32(out, [5]), .call(63, [3, out, 9], 5),
        .isText(out, "hello"),
      ]),
    EffectRow(
      "a pipe's ends",
      pipe + [
        .call(64, [3, memory, 5], EBADF), .call(63, [4, out, 5], EBADF), .call(62, [3, 0, 0], ESPIPE), .call(57, [4], 0),
        .call(63, [3, out, 5], 0),
      ]),
    EffectRow(
      "an empty pipe with O_NONBLOCK", [.call(59, [out, 0o4000], 0), .call(63, [3, out, 5], EAGAIN), .call(25, [3, 3], 0o4000)]),
    EffectRow(
      "F_SETPIPE_SZ", pipe + [.call(25, [4, 1032], 65536), .call(25, [4, 1031, 5000], 8192), .call(25, [3, 1032], 8192)]),
    EffectRow(
      "ppoll",
      pipe + [
        .words(memory + 64, [3 | 1 << 32, 4 | 4 << 32, 99 | 1 << 32, 0, 0]), .call(73, [memory + 64, 1, memory + 88], 0),
        .call(64, [4, memory, 5], 5), .call(73, [memory + 64, 3, memory + 88], 3),
        .isWords(memory + 64, [3 | 1 << 32 | 1 << 48, 4 | 4 << 32 | 4 << 48, 99 | 1 << 32 | 0x20 << 48]), .call(57, [4], 0),
        .call(73, [memory + 64, 1, memory + 88], 1), .isWords(memory + 64, [3 | 1 << 32 | 0x11 << 48]),
      ]),
    EffectRow(
      "ioctl FIOCLEX and FIONCLEX",
      [.call(29, [1, 0x5451, 0], 0), .call(25, [1, 1], 1), .call(29, [1, 0x5450, 0], 0), .call(25, [1, 1], 0)]),
    EffectRow(
      "ioctl FIONBIO",
      pipe + [.words(memory, [1]), .call(29, [3, 0x5421, memory], 0), .call(63, [3, out, 5], EAGAIN), .call(25, [3, 3], 0o4000)]),
    EffectRow(
      "O_PATH", [.open("/tmp", 0o10000000, 3), .call(63, [3, out, 1], EBADF), .call(80, [3, out], 0), .isWords32(out + 16, [0o41777])]),
    EffectRow(
      "pidfd_getfd, kcmp",
      [
        .call(434, [2, 0], 3), .call(438, [3, 0, 0], 4), .call(25, [4, 1], 1), .call(272, [2, 2, 0, 0, 4], 0),
        .call(272, [2, 2, 0, 0, 3], 1), .call(272, [2, 2, 0, 3, 0], 2), .call(63, [4, out, 5], 5), .isText(out, "input"),
      ]),
    EffectRow("pidfd_open", [.call(434, [2, 0], 3), .call(25, [3, 1], 1), .call(64, [3, memory, 1], EINVAL)]),
  ]
}
