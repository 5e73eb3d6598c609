// Owns the tests of programs that use files, and of what they see of the host's files below a root directory. It does not know how
// files are stored. The golden files were recorded on Debian's 6.12, 7.2 and 7.3, whose results are the same.
import Debugging
import Foundation
import Laboratory
import LinuxKernel
import LinuxMM
import TestSupport
import Testing

@Suite struct FileTests {
  /// Runs a program as the measuring guest does, from /t.
  private func run(_ name: String, _ kernel: KernelProfile) throws -> (stop: StopReason, output: String) {
    var configuration = SessionConfiguration()
    configuration.kernel = kernel
    let host = MemoryIO()
    let session = try Session(configuration, host: host)
    try session.load(bytes: try firmware("tests/\(name)"), path: "/t/\(name)")
    let stop = session.run(until: 2_000_000_000)
    return (stop, host.outputText)
  }

  @Test(arguments: ["files", "pipes", "sharing"], KernelProfile.all)
  func answersAsRealKernels(name: String, kernel: KernelProfile) throws {
    let (stop, output) = try run(name, kernel)
    #expect(stop == .exited(0))
    let golden = try fixture("tests/\(name).txt").split(separator: "\n", omittingEmptySubsequences: false)
    for (ours, theirs) in zip(output.split(separator: "\n", omittingEmptySubsequences: false), golden) { #expect(ours == theirs) }
    #expect(output == golden.joined(separator: "\n"))
  }

  // MARK: A root directory of the host

  private final class Folder {
    let path: String
    init() throws {
      path = NSTemporaryDirectory() + "faultline-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path + "/root/sub/deeper", withIntermediateDirectories: true)
      try Data("secret\n".utf8).write(to: URL(fileURLWithPath: path + "/outside"))
      try Data("inside\n".utf8).write(to: URL(fileURLWithPath: path + "/root/sub/file"))
      for (name, target) in [
        ("up", "../outside"), ("absolute", path + "/outside"), ("good", "sub/file"), ("rooted", "/sub/file"), ("directory", ".."),
      ] {
        try FileManager.default.createSymbolicLink(atPath: path + "/root/" + name, withDestinationPath: target)
      }
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func contents(_ name: String) -> String? {
      (try? Data(contentsOf: URL(fileURLWithPath: path + name))).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private static func guest(in folder: Folder) throws -> Guest {
    var configuration = Guest.small
    configuration.root = folder.path + "/root"
    return try Guest.idle(configuration)
  }

  /// Opens a path, and returns what can be read from it or the error.
  private func read(_ guest: Guest, _ path: String) -> String {
    let memory = guest.memory()
    guest.write(memory, Array(path.utf8) + [0])
    let descriptor = guest.call(56, UInt64(bitPattern: -100), memory, 0, 0)
    if descriptor < 0 { return "\(descriptor)" }
    let count = guest.call(63, UInt64(descriptor), memory, 100)
    guest.call(57, UInt64(descriptor))
    return count < 0 ? "\(count)" : String(decoding: guest.bytes(memory, Int(count)), as: UTF8.self)
  }

  /// Files below the root can be read. Neither dots nor links lead out of the root.
  @Test(
    arguments: [
      ("/sub/file", "inside\n"), ("sub/../sub/./file", "inside\n"), ("/good", "inside\n"), ("/rooted", "inside\n"),
      ("/outside", "-2"), ("/../outside", "-2"), ("/../../../../outside", "-2"), ("/sub/../../outside", "-2"), ("/up", "-2"),
      ("/absolute", "-2"), ("/directory/sub/file", "inside\n"), ("/directory/outside", "-2"), ("/sub", "-21"), ("/sub/file/x", "-20"),
      ("/proc/self/comm", "test\n"), ("/test", "\u{7f}ELF"),
    ])
  func theRootIsTheWorld(path: String, expected: String) throws {
    let folder = try Folder()
    let text = read(try Self.guest(in: folder), path)
    #expect(expected == "\u{7f}ELF" ? text.hasPrefix(expected) : text == expected)
  }

  /// A host directory that is replaced by a link after its name became known is not followed.
  @Test func aLinkPutThereLaterIsNotFollowed() throws {
    let folder = try Folder()
    let guest = try Self.guest(in: folder)
    #expect(read(guest, "/sub/none") == "-2")
    try FileManager.default.removeItem(atPath: folder.path + "/root/sub/file")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/root/sub/file", withDestinationPath: "../../outside")
    #expect(!read(guest, "/sub/file").contains("secret"))
    let other = try Self.guest(in: folder)
    #expect(read(other, "/sub/deeper") == "-21")
    try FileManager.default.removeItem(atPath: folder.path + "/root/sub")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/root/sub", withDestinationPath: "..")
    #expect(read(other, "/sub/outside") == "-2")
  }

  /// Writing, truncating, renaming and removing change what the program sees, and nothing on the host.
  @Test func theHostIsNeverChanged() throws {
    let folder = try Folder()
    let guest = try Self.guest(in: folder)
    let memory = guest.memory()
    let here = UInt64(bitPattern: -100)
    guest.write(memory, Array("/sub/file\0/sub/new\0changed".utf8))
    let descriptor = UInt64(guest.call(56, here, memory, 2, 0))
    #expect(guest.call(68, descriptor, memory + 19, 7, 3) == 7)
    #expect(read(guest, "/sub/file") == "inschanged")
    #expect(guest.call(46, descriptor, 2) == 0)
    #expect(guest.call(46, descriptor, 6) == 0)
    #expect(read(guest, "/sub/file") == "in\0\0\0\0")
    #expect(guest.call(276, here, memory, here, memory + 10, 0) == 0)
    #expect(read(guest, "/sub/file") == "-2")
    #expect(read(guest, "/sub/new") == "in\0\0\0\0")
    #expect(guest.call(34, here, memory, 0o755) == 0)
    #expect(read(guest, "/sub/file") == "-21")
    #expect(guest.call(35, here, memory + 10, 0) == 0)
    #expect(read(guest, "/sub/new") == "-2")
    #expect(folder.contents("/root/sub/file") == "inside\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/root/sub").sorted() == ["deeper", "file"])
    #expect(folder.contents("/outside") == "secret\n")
  }

  @Test func aRootThatIsNoDirectoryIsAMistake() throws {
    let folder = try Folder()
    var configuration = Guest.small
    configuration.root = folder.path + "/outside"
    #expect(throws: SessionError.self) { try Session(configuration) }
    configuration.root = folder.path + "/none"
    #expect(throws: SessionError.self) { try Session(configuration) }
  }
}
