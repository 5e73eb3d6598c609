// Owns the character devices that a program sees: the three standard streams and those of /dev.
// It does not know what a stream is connected to: `HostIO` does. Linux: drivers/char/mem.c, random.c.
import Architecture
import LinuxMM

enum CharacterDevice: Hashable, Sendable {
  case null, zero, full, random, urandom
  /// stdin, stdout or stderr of the host, by its descriptor.
  case stream(Int32)

  /// The device's name in /dev, or the target of a descriptor's link.
  var text: String {
    switch self {
    case .null: "/dev/null"
    case .zero: "/dev/zero"
    case .full: "/dev/full"
    case .random: "/dev/random"
    case .urandom: "/dev/urandom"
    case .stream: "/dev/console"
    }
  }
  var number: DeviceNumber {
    switch self {
    case .null: DeviceNumber(major: 1, minor: 3)
    case .zero: DeviceNumber(major: 1, minor: 5)
    case .full: DeviceNumber(major: 1, minor: 7)
    case .random: DeviceNumber(major: 1, minor: 8)
    case .urandom: DeviceNumber(major: 1, minor: 9)
    case .stream: DeviceNumber(major: 0, minor: 0)
    }
  }
  /// Whether lseek is allowed. Linux: null_lseek(), no_llseek().
  var canSeek: Bool { if case .stream = self { false } else { true } }

  static let inDev: [CharacterDevice] = [.null, .zero, .full, .random, .urandom]
}

extension Files {
  /// Reads from a device. Returns the bytes that are available now, at most `count`. Throws the host's error of a stream.
  func read(_ device: CharacterDevice, count: Int) throws(Errno) -> [UInt8] {
    switch device {
    case .null: return []
    case .zero, .full: return [UInt8](repeating: 0, count: count)
    case .random, .urandom: return random.bytes(count)
    case .stream:
      var buffer = [UInt8](repeating: 0, count: count)
      if count == 0 { return [] }
      let got = buffer.withUnsafeMutableBytes { bytes in Result { () throws(Errno) in try host.read(bytes) } }
      return Array(buffer[..<(try got.get())])
    }
  }

  /// Writes to a device, and returns the number of bytes that it took. Throws ENOSPC, or the host's error of a stream.
  func write(_ device: CharacterDevice, _ bytes: [UInt8]) throws(Errno) -> Int {
    switch device {
    case .full: throw .ENOSPC
    case .null, .zero, .random, .urandom: return bytes.count
    case .stream(let descriptor):
      let written = bytes.withUnsafeBytes { bytes in Result { () throws(Errno) in try host.write(descriptor, bytes) } }
      // Of all errors only that of a closed pipe comes with a signal.
      if written == .failure(.EPIPE) { try signals.sendToCaller(Signal.SIGPIPE) }
      return try written.get()
    }
  }
}
