// Owns tests of what an execve reads of its program's file: the headers, and only the parts that it maps.
// It does not know how the program runs.
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

@Suite struct ExecutableTests {
  /// A file of 1 GiB in a machine of 16 MiB. Parts outside all segments are never read, so symbols cost nothing.
  @Test func aHugeFileIsNotRead() throws {
    let guest = try Guest.idle()
    let place = guest.memory(pages: 4)
    let elf = TinyELF([0xd503_201f]).bytes
    guest.write(place, Array("/huge\0".utf8))
    guest.write(place + 4096, elf)
    let file = guest.call(56, ~99, place, 0o102, 0o755)  // openat(AT_FDCWD, "/huge", O_CREAT | O_RDWR)
    try #require(file >= 0)
    #expect(guest.call(64, UInt64(file), place + 4096, UInt64(elf.count)) == Int64(elf.count))
    #expect(guest.call(46, UInt64(file), 1 << 30) == 0)
    #expect(guest.call(57, UInt64(file)) == 0)
    guest.call(221, place, 0, 0)
    #expect(guest.verdict == .resume)
    #expect(guest.processor.pc == 0x40_0000)
  }

  /// A name consists of any bytes, not of UTF-8.
  @Test func aNameOfAnyBytesIsFound() throws {
    let guest = try Guest.idle()
    let place = guest.memory(pages: 4)
    let elf = TinyELF([0xd503_201f]).bytes
    guest.write(place, [0x2f, 0xff, 0x80, 0xfe, 0])
    guest.write(place + 4096, elf)
    let file = guest.call(56, ~99, place, 0o102, 0o755)
    try #require(file >= 0)
    #expect(guest.call(64, UInt64(file), place + 4096, UInt64(elf.count)) == Int64(elf.count))
    #expect(guest.call(57, UInt64(file)) == 0)
    guest.call(221, place, 0, 0)
    #expect(guest.verdict == .resume && guest.processor.pc == 0x40_0000)
  }

  /// Linux refuses these with ENOEXEC: a file that is not ELF, one that ends within its headers, one with too many program headers.
  @Test func badHeadersAreRefused() throws {
    let guest = try Guest.idle()
    let place = guest.memory(pages: 4)
    guest.write(place, Array("/bad\0".utf8))
    let elf = TinyELF([0xd503_201f]).bytes
    var many = elf
    many.replaceSubrange(56..<58, with: [0xff, 0xff])
    for bytes in [Array("#!/bin/sh\n".utf8), Array(elf.prefix(63)), Array(elf.prefix(100)), many] {
      let file = guest.call(56, ~99, place, 0o1102, 0o755)  // O_CREAT | O_TRUNC | O_RDWR
      try #require(file >= 0)
      guest.write(place + 4096, bytes)
      #expect(guest.call(64, UInt64(file), place + 4096, UInt64(bytes.count)) == Int64(bytes.count))
      #expect(guest.call(57, UInt64(file)) == 0)
      #expect(guest.call(221, place, 0, 0) == -8)
    }
  }
}
