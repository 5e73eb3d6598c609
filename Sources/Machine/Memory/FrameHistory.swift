// Owns what frames of RAM held at the moments of which there are snapshots. A frame is kept when it is first stored to after a
// moment. It does not know what stores, nor anything but RAM.
import Architecture

/// The undo log of RAM: a stack of moments, the latest last. A moment costs nothing for a frame that has not changed since then.
struct FrameHistory {
  private struct KeptFrame {
    /// Physical address, and the 4096 bytes that the frame held.
    let frame: UInt64
    let bytes: [UInt8]
  }
  private struct Moment {
    var kept: [KeptFrame] = []
    /// The physical addresses of the frames in `kept`.
    var frames: Set<UInt64> = []
  }
  private var moments: [Moment] = []

  /// The number of moments to which RAM can return.
  var count: Int { moments.count }
  /// The number of frames kept, over all moments.
  var frameCount: Int { moments.reduce(0) { $0 + $1.kept.count } }

  mutating func begin() { moments.append(Moment()) }

  /// Keeps the bytes of the frame at `frame` (physical), which lies at `host` and is about to change for the first time since the
  /// latest moment.
  mutating func keep(_ frame: UInt64, at host: UnsafeRawPointer) {
    guard let last = moments.indices.last, moments[last].frames.insert(frame).inserted else { return }
    moments[last].kept.append(KeptFrame(frame: frame, bytes: Array(UnsafeRawBufferPointer(start: host, count: 4096))))
  }

  /// Removes and returns the frames that bring RAM back to the moment `number` (counted from 0), in the order in which they must be
  /// stored. The moment becomes the latest one, with nothing kept. Later moments are forgotten.
  mutating func takeBack(to number: Int) -> [(frame: UInt64, bytes: [UInt8])] {
    precondition(moments.indices.contains(number), "this moment was forgotten")
    let undone = moments[number...].reversed().flatMap { $0.kept.map { (frame: $0.frame, bytes: $0.bytes) } }
    moments.removeSubrange((number + 1)...)
    moments[number] = Moment()
    return undone
  }

  /// Forgets the latest moment. The frames that it kept pass to the moment before, unless that one has older bytes of a frame.
  mutating func forgetLatest() {
    guard let latest = moments.popLast(), let last = moments.indices.last else { return }
    for frame in latest.kept where moments[last].frames.insert(frame.frame).inserted { moments[last].kept.append(frame) }
  }
}
