// Owns what frames of RAM held at the moments that were snapshot: each frame is kept when it is first stored to afterwards.
// It does not know who stores, nor anything but RAM.
import Architecture

/// The undo log of RAM: a stack of moments, the latest last. A moment costs nothing for a frame that has not changed since.
struct FrameHistory {
  private struct KeptFrame {
    /// Physical address, and the 4096 bytes that the frame held.
    let frame: UInt64
    let bytes: [UInt8]
  }
  private struct Moment {
    var kept: [KeptFrame] = []
    /// The frames in `kept`.
    var frames: Set<UInt64> = []
  }
  private var moments: [Moment] = []

  /// How many moments can be returned to.
  var count: Int { moments.count }
  /// Frames kept in all.
  var frameCount: Int { moments.reduce(0) { $0 + $1.kept.count } }

  mutating func begin() { moments.append(Moment()) }

  /// The frame at `frame`, which lies at `host`, is about to change for the first time since the latest moment.
  mutating func keep(_ frame: UInt64, at host: UnsafeRawPointer) {
    guard let last = moments.indices.last, moments[last].frames.insert(frame).inserted else { return }
    moments[last].kept.append(KeptFrame(frame: frame, bytes: Array(UnsafeRawBufferPointer(start: host, count: 4096))))
  }

  /// Takes out what brings RAM back to the moment `number` (counted from 0), in the order in which it must be stored. The moment stays the
  /// latest one, with nothing kept; those after it are gone.
  mutating func takeBack(to number: Int) -> [(frame: UInt64, bytes: [UInt8])] {
    precondition(moments.indices.contains(number), "this moment was forgotten")
    let undone = moments[number...].reversed().flatMap { $0.kept.map { (frame: $0.frame, bytes: $0.bytes) } }
    moments.removeSubrange((number + 1)...)
    moments[number] = Moment()
    return undone
  }

  /// Forgets the latest moment; what it kept serves the one before where that has no older bytes of a frame.
  mutating func forgetLatest() {
    guard let latest = moments.popLast(), let last = moments.indices.last else { return }
    for frame in latest.kept where moments[last].frames.insert(frame.frame).inserted { moments[last].kept.append(frame) }
  }
}
