// Owns the effects of a store to a flagged frame: decoded code is dropped, a snapshot keeps the old bytes, and a strict run checks
// descriptors. It does not know what stores, nor where RAM begins and ends.
import Architecture

/// The machine's one door for stores to frames with `PageFlags`; `RAM` calls it for each frame that a store touches.
final class FrameDoor {
  /// Gets each store to a frame that holds decoded code, after the store.
  unowned(unsafe) var code: CodePages?
  /// The old bytes of frames, for the moments of which there are snapshots.
  var history = FrameHistory()
  /// Called with a frame's physical address when stores to the frame begin to need the door.
  var onFlagged: (_ frame: UInt64) -> Void = { _ in }
  /// Called with a frame's physical address after the latest snapshot has kept the frame.
  var onKept: (_ frame: UInt64) -> Void = { _ in }
  /// Called instead of a store to a frame that holds translation tables of a strict run; the callee does the store.
  var onTableStore: (_ pa: UInt64, _ count: UInt64, _ store: () -> Void) -> Void = { $2() }

  /// The door as `RAM` holds it; this object must outlive it.
  var door: StoreDoor {
    StoreDoor(owner: Unmanaged.passUnretained(self).toOpaque()) { owner, pa, host, count, source, flags in
      Unmanaged<FrameDoor>.fromOpaque(owner)._withUnsafeGuaranteedRef {
        $0.store(pa, at: host, count: count, from: source, PageFlags(rawValue: flags))
      }
    }
  }

  private func store(
    _ pa: UInt64, at host: UnsafeMutableRawPointer, count: UInt64, from source: UnsafeRawPointer, _ flags: PageFlags
  ) {
    precondition((pa & 0xfff) &+ count <= 4096, "a store through the door stays inside one frame")
    if flags.contains(.snapshot) {
      history.keep(pa & ~0xfff, at: host - Int(pa & 0xfff))
      onKept(pa & ~0xfff)
    }
    if flags.contains(.translationTable) {
      onTableStore(pa, count) { host.copyMemory(from: source, byteCount: Int(count)) }
    } else {
      host.copyMemory(from: source, byteCount: Int(count))
    }
    if flags.contains(.code) { code?.stored(pa, count: count) }
  }
}
