// Owns the sockets and descriptors through which a debugger connects. It does not know what is said through them.
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, buffer, count) }
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int { write(descriptor, buffer, count) }

/// A connection by descriptors of the host, which it closes at its end.
public final class DescriptorChannel: RemoteChannel {
  private let input: Int32
  private let output: Int32

  /// The same descriptor may serve both directions.
  public init(input: Int32, output: Int32) {
    signal(SIGPIPE, SIG_IGN)
    self.input = input
    self.output = output
  }

  deinit {
    close(input)
    if output != input { close(output) }
  }

  public func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { systemRead(input, $0.baseAddress!, $0.count) }
      if count >= 0 { return Array(buffer[..<count]) }
      if errno != EINTR { return [] }
    }
  }

  public func write(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { systemWrite(output, $0.baseAddress! + done, $0.count - done) }
      if count < 0 && errno != EINTR { return false }
      done += max(count, 0)
    }
    return true
  }
}

/// A place where debuggers can connect: `HOST:PORT` by TCP, or `unix:PATH`.
public final class Listener {
  private let descriptor: Int32
  /// The socket's file, which goes with the listener; nil for TCP.
  private let file: String?
  /// The place as GDB's `target remote` takes it, with the port that was chosen.
  public let name: String

  /// Begins to listen. Port 0 is any free one. Throws one line of text.
  public init(_ place: String) throws(RemoteRefusal) {
    signal(SIGPIPE, SIG_IGN)
    if place.hasPrefix("unix:") {
      let path = String(place.dropFirst(5))
      descriptor = try Self.listen(unix: path)
      file = path
      name = path
    } else {
      let (host, port) = try Self.split(place)
      descriptor = try Self.listen(host: host, port: port, place)
      file = nil
      name = "\(host):\(Self.port(of: descriptor))"
    }
  }

  deinit {
    close(descriptor)
    if let file { unlink(file) }
  }

  /// Waits for the next debugger.
  public func accept() throws(RemoteRefusal) -> DescriptorChannel {
    while true {
      let connection = systemAccept(descriptor)
      if connection >= 0 {
        // Packets are small and wait for their answers.
        var on: Int32 = 1
        if file == nil { setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size)) }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return DescriptorChannel(input: connection, output: connection)
      }
      if errno != EINTR { throw RemoteRefusal("no debugger can connect to \(name): \(String(cString: strerror(errno)))") }
    }
  }

  private func systemAccept(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.accept(descriptor, nil, nil)
    #else
      Darwin.accept(descriptor, nil, nil)
    #endif
  }

  /// `:PORT` and `PORT` mean the loopback interface.
  private static func split(_ place: String) throws(RemoteRefusal) -> (host: String, port: UInt16) {
    let colon = place.lastIndex(of: ":")
    let host = colon.map { String(place[..<$0]) } ?? ""
    guard let port = UInt16(place[(colon.map { place.index(after: $0) } ?? place.startIndex)...]) else {
      throw RemoteRefusal("'\(place)' is no place to listen at; write HOST:PORT, or unix:PATH")
    }
    return (host.isEmpty || host == "localhost" ? "127.0.0.1" : host, port)
  }

  private static func listen(host: String, port: UInt16, _ place: String) throws(RemoteRefusal) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    if inet_pton(AF_INET, host, &address.sin_addr) != 1 {
      throw RemoteRefusal("'\(host)' is no IPv4 address to listen at, as in 127.0.0.1:1234")
    }
    let descriptor = stream(AF_INET)
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound =
      withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) } } == 0
    return try begin(descriptor, isBound, place)
  }

  private static func listen(unix path: String) throws(RemoteRefusal) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { room in
      if bytes.isEmpty || bytes.count >= room.count { return false }
      room.copyBytes(from: bytes)
      return true
    }
    if !isFitting { throw RemoteRefusal("'\(path)' is too long for a socket's path, or empty") }
    let descriptor = stream(AF_UNIX)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isBound =
      withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) } } == 0
    return try begin(descriptor, isBound, path)
  }

  private static func begin(_ descriptor: Int32, _ isBound: Bool, _ place: String) throws(RemoteRefusal) -> Int32 {
    if isBound, systemListen(descriptor) == 0 { return descriptor }
    let reason = String(cString: strerror(errno))
    close(descriptor)
    throw RemoteRefusal("cannot listen at \(place): \(reason)")
  }

  private static func systemListen(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.listen(descriptor, 1)
    #else
      Darwin.listen(descriptor, 1)
    #endif
  }

  private static func stream(_ family: Int32) -> Int32 {
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let descriptor = socket(family, kind, 0)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  private static func port(of descriptor: Int32) -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }
}
