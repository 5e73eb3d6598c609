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
    do throws(Errno) {
      let done = try files.user(el1).fill(vectors, stopsEarly: isStream) { _, count throws(Errno) in try files.read(device, count: count) }
      return files.finishRead(id, offset, start, done, movesPosition: isSeekable)
    } catch {
      // The host's user interrupts the wait for input. The guest does not learn of it: its call runs again when the guest goes on.
      if isStream && error == .EINTR { return files.sleeps.repeatCall() }
      throw error
    }
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
