// Owns tests of reading a file that the user named, by the file's kind and size.
// It does not know how commands use the bytes.
import Foundation
import Testing

@testable import Laboratory

@Suite struct HostFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "host-file-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// The bytes, or the message without the path before it.
  private func read(_ path: String, as purpose: FilePurpose = .program) -> (bytes: [UInt8]?, message: String) {
    do { return (try HostFile.read(path, as: purpose), "") } catch { return (nil, "\(error)".replacing("\(path): ", with: "")) }
  }

  private func file(_ name: String, _ bytes: [UInt8] = [], size: UInt64? = nil) throws -> String {
    let url = folder.appending(path: name)
    try Data(bytes).write(to: url)
    if let size {
      let handle = try FileHandle(forWritingTo: url)
      try handle.truncate(atOffset: size)
    }
    return url.path
  }

  @Test func aRegularFileIsItsBytes() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    #expect(read(try file("bytes", bytes)).bytes == bytes)
    #expect(read(try file("empty")).bytes == [])
    let small = FilePurpose(name: "a thing", limit: 1 << 20, allowsPipes: false)
    #expect(read(try file("limit", size: 1 << 20), as: small).bytes?.count == 1 << 20)
    #expect(read(try file("more", size: 1 << 20 + 1), as: small).message == "it has 1048577 bytes; a thing may have at most 1 MiB")
    #expect(read(folder.appending(path: "none").path).message == "there is no such file")
  }

  /// Such a file is not read, and a device is not opened.
  @Test func whatIsNoRegularFileIsRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for purpose in [FilePurpose.program, .image, .script] {
      for device in ["/dev/zero", "/dev/full", "/dev/null"] {
        #expect(read(device, as: purpose).message == "it is a device, not \(purpose.name)")
      }
      #expect(read("/", as: purpose).message == "it is a directory, not \(purpose.name)")
      let sparse = try file("sparse", size: 8 << 40)
      #expect(read(sparse, as: purpose).message.hasPrefix("it has 8796093022208 bytes; \(purpose.name) may have at most "))
    }
    let socket = folder.appending(path: "socket").path
    try bindSocket(socket)
    #expect(read(socket).message == "it is a socket, not a program")
  }

  /// An ordinary open() would wait for ever for a pipe without a writer. A script may come from a pipe that has one.
  @Test func pipesAreForScripts() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "pipe").path
    try #require(mkfifo(path, 0o600) == 0)
    #expect(read(path).message == "it is a pipe, not a program")
    #expect(read(path, as: .script).message == "it is a pipe that nothing is written to")
    // One process holds both ends of the pipe: the writer exists before the reader, and ends after a piece.
    let both = open(path, O_RDWR)
    let piece = Array("print 1\n".utf8)
    try #require(write(both, piece, piece.count) == piece.count)
    let small = FilePurpose(name: "a thing", limit: 4, allowsPipes: true)
    #expect(read(path, as: small).message == "it is larger than 0 MiB, the most that a thing may have")
    close(both)
  }

  private func bindSocket(_ path: String) throws {
    let stream = Int32(1)
    let descriptor = socket(AF_UNIX, numericCast(stream), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    close(descriptor)
    try #require(status == 0)
  }
}
