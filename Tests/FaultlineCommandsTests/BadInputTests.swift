// Owns tests of users' mistakes: each gives one line on stderr that says what and where, exit status 2, and never a crash.
// It does not know the effect of correct input.
import Foundation
import TestSupport
import Testing

@Suite struct BadInputTests {
  static let lines: [(arguments: [String], message: String)] = [
    (["run", "/nowhere/program"], "/nowhere/program: there is no such file"),
    (["run", "/"], "/: it is a directory, not a program"),
    (["run", "/dev/null"], "/dev/null: it is a device, not a program"),
    (["run", "/dev/zero"], "/dev/zero: it is a device, not a program"),
    (["run", "/dev/full"], "/dev/full: it is a device, not a program"),
    (["machine", "/dev/zero"], "/dev/zero: it is a device, not an image"),
    (["machine", "/"], "/: it is a directory, not an image"),
    (["shell", "--batch", "/dev/zero"], "/dev/zero: it is a device, not a program"),
    (["shell", "--batch", "-x", "/dev/zero"], "/dev/zero: it is a device, not a file of commands"),
    (["shell", "--batch", "-x", "/"], "/: it is a directory, not a file of commands"),
    (["run", "Package.swift"], "Package.swift: it is not an ELF file"),
    (["run", "--kernel", "linux-2.6", "x"], "unknown kernel 'linux-2.6'; use linux-6.12, linux-7.2 or linux-7.3"),
    (["run", "--access-flag-setter", "or", "x"], "unknown way 'or' for --access-flag-setter; use cmpxchg or generic"),
    (["run", "--decode", "words", "x"], "unknown mode 'words' for --decode; use every-form or every-word"),
    (["machine", "--decode", "", "x"], "unknown mode '' for --decode; use every-form or every-word"),
    (["run", "--atomic-faults", "v9", "x"], "unknown policy 'v9' for --atomic-faults; use stock, force-write-v1 or force-write-v5"),
    (["run", "--memory", "12Q", "x"], "'12Q' is not a size; write it as 64M or 1G"),
    (["run", "--memory", "4K", "x"], "4K of memory is less than the 1M that a kernel needs"),
    (["run", "--memory", "18446744073709551615G", "x"], "is more than the 1024G that a machine can have"),
    (["run", "--cpu", "i386", "x"], "unknown processor 'i386'"),
    (["run", "--cpu", "max,-warp", "x"], "unknown processor feature '-warp'"),
    (["run", "--vcpus", "2", "x"], "--vcpus 2 is not supported yet: one processor runs the program, and --vcpus accepts 1"),
    (["run", "--page-size", "64k", "x"], "page size 64k is not supported by the kernel model yet; --page-size accepts 4k"),
    (["run", "--page-size", "big", "x"], "unknown page size 'big'; --page-size accepts 4k"),
    (["run", "--engine", "jit", "x"], "--engine jit is not built yet; --engine accepts interpreter or auto"),
    (["run", "--env", "novalue", "x"], "--env needs NAME=VALUE, not 'novalue'"),
    (["run", "--example", "nothing"], "there is no example 'nothing'; there are counter, force_write,"),
    (["examples", "nothing"], "there is no example 'nothing'; there are"),
    (["run", "firmware/examples/record.sh"], "it is a script; run its interpreter instead, which is /usr/bin/env"),
    (["run", firmwarePath("el1/exceptions")], "if it is a bare-metal image, faultline machine runs it"),
    (["shell", "--batch", firmwarePath("el1/exceptions")], "if it is a bare-metal image, faultline machine runs it"),
    (["run", "--memory", "-1", "x"], "'-1' is not a size; write it as 64M or 1G"),
    (["run", "--seed", "-1", "x"], "The value '-1' is invalid for '--seed <n>': a count is not negative"),
    (["run", "--max-instructions", "-5", "x"], "The value '-5' is invalid for '--max-instructions <n>': a count is not negative"),
    (["run", "--max-instructions", "1.5", "x"], "write a count as 1000000, 1e6, 1M or 0xf4240 (see faultline run --help)"),
    (["run", "--max-instructions", "1e20", "x"], "write a count as 1000000, 1e6, 1M or 0xf4240"),
    (["run", "--max-instructions", "--stats", "x"], "The value '--stats' is invalid for '--max-instructions <n>'"),
    (["machine", "--vcpus", "1e3", "x"], "--vcpus needs 1 to 8, not 1000"),
    (["bench", "cpu", "--rounds", "-1"], "The value '-1' is invalid for '--rounds <n>': a count is not negative"),
    (["bench", "pretouch", "--mebibytes", "1e30"], "write a count as"),
    (["run", "--root", "/nowhere", "x"], "/nowhere: there is no such directory (--root)"),
    (["run", "--root", "/dev/null", "x"], "/dev/null: it is not a directory (--root)"),
    (["run", "--max-instructions", "many", "x"], "The value 'many' is invalid"),
    (["run"], "Missing expected argument '<program>'"),
    (["walk"], "there is no command 'walk'"),
    (["walk", "--help"], "there is no command 'walk'"),
    (["help", "nope"], "there is no command 'nope'"),
    (["help", "bench", "nope"], "there is no command 'nope'"),
    // What a benchmark chooses itself is no option of it.
    (["bench", "pretouch", "--atomic-faults", "stock"], "Unknown option '--atomic-faults'"),
    (["bench", "fault", "--atomic-faults", "stock"], "Unknown option '--atomic-faults'"),
    (["bench", "cpu", "--thp", "never"], "Unknown option '--thp'"),
    (["bench", "fault", "--root", "/"], "Unknown option '--root'"),
    (["bench", "pretouch", "--mebibytes", "0"], "--mebibytes needs 1 to 1048576"),
    (["bench", "costs", "--program", "/nowhere/costs"], "/nowhere/costs cannot be read"),
    (["bench", "costs", "--program", firmwarePath("bench/costs"), "--row", "nothing"], "no row nothing; there are mmap, fault,"),
    (["bench", "pretouch", "--rounds", "0"], "--rounds needs 1 to 1000"),
    (["bench", "cpu", "--against", "/nowhere/faultline"], "/nowhere/faultline: it cannot be run: No such file or directory"),
    (["bench", "cpu", "--against", "/"], "/: it cannot be run: Permission denied"),
    (
      ["bench", "cpu", "--rounds", "1", "--against", "/bin/true"],
      "/bin/true does not run cpu/alu as a faultline does: it ended with status 0"
    ),
    (["bench", "pretouch", "--mebibytes", "2048"], "2048 MiB do not fit into 1024 MiB of guest memory"),
  ]

  @Test(arguments: lines) func oneLineSaysWhat(_ arguments: [String], _ message: String) throws {
    let run = try FaultlineProcess(arguments)
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.errors.hasPrefix("faultline: error: ") && run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  /// Files that never end, or for which an ordinary open() waits, end each command that reads a whole file at once.
  @Test(arguments: [["run"], ["machine"], ["shell", "--batch"], ["shell", "--batch", "-x"]])
  func endlessFilesAreRefused(_ command: [String]) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "endless-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let sparse = folder.appending(path: "sparse").path
    try Data().write(to: URL(filePath: sparse))
    try FileHandle(forWritingTo: URL(filePath: sparse)).truncate(atOffset: 8 << 40)
    let pipe = folder.appending(path: "pipe").path
    try #require(mkfifo(pipe, 0o600) == 0)
    for (path, message) in [(sparse, "it has 8796093022208 bytes; "), (pipe, "it is a pipe")] {
      let run = try FaultlineProcess(command + [path])
      #expect(run.status == 2)
      #expect(run.errors.hasPrefix("faultline: error: \(path): \(message)"), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func theHostsOwnProgramIsRefused() throws {
    let run = try FaultlineProcess("run", FaultlineProcess.path)
    #if arch(x86_64)
      #expect(run.status == 2)
      #expect(run.errors.contains("only AArch64"), "\(run.errors)")
    #endif
  }

  /// A file cut at any byte of its headers, and at every 512th after them, is refused in one line.
  @Test func aTruncatedProgramIsRefused() throws {
    let hello = try firmware("examples/hello")
    let file = FileManager.default.temporaryDirectory.appending(path: "truncated-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let headers = 64 + 56 * Int(hello[56])
    // The border of each header field is among the sizes. They are sampled, because each is a process of its own.
    for size in stride(from: 0, to: headers, by: 8) {
      try Data(hello.prefix(size)).write(to: file)
      let run = try FaultlineProcess("run", file.path)
      #expect(run.status == 2, "\(size)")
      #expect(run.errors.hasPrefix("faultline: error: \(file.path): it is ") && run.errors.hasSuffix("\n"), "\(size): \(run.errors)")
    }
  }

  @Test func aReportThatCannotBeWrittenSaysSo() throws {
    let run = try FaultlineProcess(
      "bench", "pretouch", "--mebibytes", "1", "--rounds", "1", "--memory", "64M", "--json", "/nowhere/report.json")
    #expect(run.status == 2)
    #expect(run.errors.contains("cannot write /nowhere/report.json"))
  }
}
