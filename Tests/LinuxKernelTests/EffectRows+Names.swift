// Owns the effects of calls that make, change and tell of names, a row each. Numbers are those of asm-generic/unistd.h, layouts those of
// arm64's struct stat (mode at 16, links at 20, size at 48, times from 72). It does not know how a row is run.

extension EffectRow {
  private static let paths: [Step] = [.text(memory, "/tmp/a"), .text(memory + 64, "/tmp/b")]
  private static let a = memory
  private static let b = memory + 64

  static let names: [EffectRow] = [
    EffectRow("openat less the umask", paths + [.open("/tmp/a", 0o101, 3), .call(80, [3, out], 0), .isWords32(out + 16, [0o100644, 1])]),
    EffectRow("openat O_EXCL", [.open("/tmp/a", 0o301, 3), .open("/tmp/a", 0o301, EEXIST)]),
    EffectRow(
      "openat O_TMPFILE, then linkat",
      [
        .open("/tmp", 0o20040002, 3), .text(memory, ""), .text(b, "/tmp/b"), .call(80, [3, out], 0), .isWords32(out + 20, [0]),
        .call(37, [3, memory, here, b, 0x1000], 0), .call(79, [here, b, out, 0], 0), .isWords32(out + 20, [1]),
      ]),
    EffectRow("mkdirat", paths + [.call(34, [here, a, 0o777], 0), .call(79, [here, a, out, 0], 0), .isWords32(out + 16, [0o40755, 2])]),
    EffectRow(
      "a directory counts its directories",
      paths + [
        .call(34, [here, a, 0o777], 0), .text(b, "/tmp/a/c"), .call(34, [here, b, 0o777], 0), .call(79, [here, a, out, 0], 0),
        .isWords32(out + 20, [3]), .call(35, [here, a, 0x200], -39), .call(35, [here, b, 0x200], 0), .call(35, [here, a, 0x200], 0),
        .call(79, [here, a, out, 0], ENOENT),
      ]),
    EffectRow(
      "mknodat", paths + [.call(33, [here, a, 0o100666], 0), .call(79, [here, a, out, 0], 0), .isWords32(out + 16, [0o100644, 1])]),
    EffectRow(
      "unlinkat keeps what is open",
      paths + [
        .open("/tmp/a", 0o102, 3), .call(64, [3, a, 4], 4), .call(35, [here, a, 0], 0), .open("/tmp/a", 0, ENOENT),
        .call(67, [3, out, 9, 0], 4), .isText(out, "/tmp"), .call(80, [3, out], 0), .isWords32(out + 20, [0]),
      ]),
    EffectRow(
      "symlinkat, readlinkat",
      paths + [
        .call(36, [a, here, b], 0), .call(78, [here, b, out, 64], 6), .isText(out, "/tmp/a"), .call(78, [here, b, out + 64, 3], 3),
        .isText(out + 64, "/tm"), .open("/tmp/b", 0, ENOENT), .open("/tmp/b", 0o102, 3), .call(79, [here, a, out, 0], 0),
        .call(79, [here, b, out, 0x100], 0), .isWords32(out + 16, [0o120777, 1]), .isWords(out + 48, [6]),
      ]),
    EffectRow(
      "linkat",
      paths + [
        .open("/tmp/a", 0o102, 3), .call(37, [here, a, here, b, 0], 0), .call(79, [here, a, out, 0], 0),
        .call(79, [here, b, out + 128, 0], 0), .areEqual(out + 8, out + 136), .isWords32(out + 20, [2]), .call(35, [here, a, 0], 0),
        .call(79, [here, b, out, 0], 0), .isWords32(out + 20, [1]),
      ]),
    EffectRow(
      "renameat2 over a name",
      paths + [
        .open("/tmp/a", 0o102, 3), .open("/tmp/b", 0o102, 4), .call(64, [3, a, 4], 4), .call(276, [here, a, here, b, 0], 0),
        .open("/tmp/a", 0, ENOENT), .call(79, [here, b, out, 0], 0), .isWords(out + 48, [4]), .call(80, [4, out], 0),
        .isWords32(out + 20, [0]),
      ]),
    EffectRow(
      "renameat2 EXCHANGE",
      paths + [
        .open("/tmp/a", 0o102, 3), .open("/tmp/b", 0o102, 4), .call(64, [3, a, 4], 4), .call(276, [here, a, here, b, 2], 0),
        .call(79, [here, a, out, 0], 0), .isWords(out + 48, [0]), .call(79, [here, b, out, 0], 0), .isWords(out + 48, [4]),
      ]),
    EffectRow(
      "getcwd, chdir",
      [.call(17, [out, 64], 2), .isText(out, "/"), .text(a, "/tmp"), .call(49, [a], 0), .call(17, [out, 64], 5), .isText(out, "/tmp")]),
    EffectRow(
      "fchdir and a path from there",
      [.open("/tmp", 0, 3), .call(50, [3], 0), .open("a", 0o101, 4), .text(a, "/tmp/a"), .call(79, [here, a, out, 0], 0)]),
    EffectRow(
      "a removed working directory",
      paths + [.call(34, [here, a, 0o777], 0), .call(49, [a], 0), .call(35, [here, a, 0x200], 0), .call(17, [out, 64], ENOENT)]),
    EffectRow(
      "chroot",
      [.open("/tmp/a", 0o101, 3), .text(a, "/tmp"), .call(51, [a], 0), .open("/a", 0, 4), .open("/tmp", 0, ENOENT), .open("/../a", 0, 5)]),
    EffectRow(
      "umask",
      [
        .call(166, [0o77], 0o22), .open("/tmp/a", 0o101, 3), .call(80, [3, out], 0), .isWords32(out + 16, [0o100600]),
        .call(166, [0], 0o77),
      ]),
    EffectRow(
      "fchmod", [.open("/tmp/a", 0o101, 3), .call(52, [3, 0o4711], 0), .call(80, [3, out], 0), .isWords32(out + 16, [0o104711])]),
    EffectRow(
      "fchmodat",
      paths + [.open("/tmp/a", 0o101, 3), .call(53, [here, a, 0o400], 0), .call(80, [3, out], 0), .isWords32(out + 16, [0o100400])]),
    EffectRow(
      "faccessat asks for a bit to execute",
      paths + [
        .open("/tmp/a", 0o101, 3), .call(48, [here, a, 1], EACCES), .call(48, [here, a, 6], 0), .call(52, [3, 0o100], 0),
        .call(48, [here, a, 1], 0),
      ]),
    EffectRow(
      "utimensat",
      paths + [
        .open("/tmp/a", 0o101, 3), .words(b, [1, 2, 3, 4]), .call(88, [here, a, b, 0], 0), .call(80, [3, out], 0),
        .isWords(out + 72, [1, 2, 3, 4]), .words(b, [0, 0x3fff_fffe, 9, 8]), .call(88, [3, 0, b, 0], 0), .call(80, [3, out], 0),
        .isWords(out + 72, [1, 2, 9, 8]),
      ]),
    EffectRow(
      "statx",
      paths + [
        .open("/tmp/a", 0o102, 3), .call(64, [3, a, 6], 6), .call(291, [here, a, 0, 0xfff, out], 0), .isWords32(out, [0xfff, 4096]),
        .isWords32(out + 16, [1]), .isBytes(out + 28, [0xa4, 0x81]), .isWords(out + 40, [6, 8]),
      ]),
    EffectRow("fstat of the standard input", [.call(80, [0, out], 0), .isWords32(out + 16, [0o20620])]),
    EffectRow(
      "statfs", [.text(a, "/tmp"), .call(43, [a, out], 0), .isWords(out, [0x0102_1994, 4096]), .isWords(out + 64, [255, 4096])]),
    EffectRow("fstatfs", [.open("/proc", 0, 3), .call(44, [3, out], 0), .isWords(out, [0x9fa0, 4096])]),
    EffectRow(
      "getdents64, in two calls",
      [
        .open("/tmp/a", 0o101, 3), .open("/tmp", 0, 4), .call(61, [4, out, 48], 48), .isText(out + 19, "."), .isText(out + 43, ".."),
        .isBytes(out + 16, [24, 0, 4]), .call(61, [4, out, 64], 24), .isText(out + 19, "a"), .isBytes(out + 16, [24, 0, 8]),
        .call(61, [4, out, 64], 0), .call(62, [4, 0, 0], 0), .call(61, [4, out, 128], 72),
      ]),
    EffectRow(
      "mount and umount2",
      paths + [
        .call(34, [here, a, 0o777], 0), .text(b, "tmpfs"), .call(40, [b, a, b, 0], 0), .open("/tmp/a/x", 0o101, 3),
        .call(39, [a, 0], EBUSY), .call(57, [3], 0), .call(39, [a, 0], 0), .open("/tmp/a/x", 0, ENOENT),
      ]),
  ]
}
