// Owns reads and writes of character devices.
// It does not know what a stream of the host is connected to: `HostIO` does. Linux: drivers/char/mem.c, random.c.
import Architecture
import LinuxMM

struct DeviceKind: OpenFileKind {
  let files: Files
  let id: OpenFileID
  let device: CharacterDevice

  var isSeekable: Bool { device.canSeek }

  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    if wanted == 0 { return .done(0) }
    let start = try files.readStart(id, offset, wanted)
    // A stream that has no more bytes now is not asked again, because a second read might wait.
    var isStream = false
    if case .stream = device { isStream = true }
    let done: UInt64
    do throws(Errno) {
      done = try files.user(el1).fill(vectors, stopsEarly: isStream) { _, count throws(Errno) in try files.read(device, count: count) }
    } catch {
      if !isStream || error != .EINTR { throw error }
      // A user of the host has interrupted the wait. The program does not notice: its call runs again.
      files.restartCall()
      return .registersSet
    }
    return files.finishRead(id, offset, start, done, movesPosition: isSeekable)
  }

  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    switch device {
    case .null, .zero: return .done(wanted)
    case .full: throw .ENOSPC
    case .random, .urandom, .stream:
      return .done(
        try files.user(el1).drain(vectors, 0, wanted) { bytes, _ throws(Errno) in try files.write(device, bytes) })
    }
  }

  func take(_ el1: EL1Interface, _ bytes: [UInt8], at offset: Int64?) throws(Errno) -> Int { try files.write(device, bytes) }
}
