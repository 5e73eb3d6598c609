// Owns which physical addresses outside RAM belong to a device, and to which.
// It does not know what a device does. An access that no device answers is a synchronous external abort.

/// A device at physical addresses. It is called on the thread that runs the processors.
public protocol Device: AnyObject {
  /// Reads `size` (1, 2, 4, 8) bytes at an aligned offset from the device's base.
  func load(_ offset: UInt64, size: Int) -> UInt64
  /// Writes `size` bytes at an offset; bits above them are zero.
  func store(_ offset: UInt64, size: Int, _ value: UInt64)
  /// The state of the device as numbers whose meaning only the device knows. A snapshot keeps them and restores them.
  var saved: [UInt64] { get set }
}

/// The devices of a machine by physical address.
public final class Bus {
  private struct Region {
    let base: UInt64
    let size: UInt64
    let device: Device
  }
  private var regions: [Region] = []

  /// Attaches a device at the physical range [base, base+size), which must not overlap another device's.
  public func attach(_ device: Device, at base: UInt64, size: UInt64) {
    precondition(!regions.contains { base < $0.base + $0.size && $0.base < base + size }, "two devices at one address")
    regions.append(Region(base: base, size: size, device: device))
  }

  /// The state of all devices, in the order in which they were attached.
  var saved: [[UInt64]] { regions.map(\.device.saved) }
  func restore(_ saved: [[UInt64]]) {
    precondition(saved.count == regions.count, "a snapshot is of this machine's devices")
    for (region, words) in zip(regions, saved) { region.device.saved = words }
  }

  private func region(_ pa: UInt64, _ count: UInt64) -> Region? {
    regions.first { pa &- $0.base < $0.size && count <= $0.size - (pa &- $0.base) }
  }

  /// Whether a single device answers all of [pa, pa+count).
  func contains(_ pa: UInt64, count: UInt64) -> Bool { region(pa, count) != nil }

  /// Reads [pa, pa+count), which one device answers, in pieces of up to eight bytes.
  func read(_ pa: UInt64, count: UInt64, to destination: Raw) {
    guard let region = region(pa, count) else { preconditionFailure("no device answers at \(pa)") }
    forEachPiece(pa, count) { at, size in
      var value = region.device.load(pa &+ at &- region.base, size: size)
      (destination + Int(at)).copyMemory(from: &value, byteCount: size)
    }
  }

  /// Writes [pa, pa+count), which one device answers.
  func write(_ pa: UInt64, count: UInt64, from source: UnsafeRawPointer) {
    guard let region = region(pa, count) else { preconditionFailure("no device answers at \(pa)") }
    forEachPiece(pa, count) { at, size in
      var value: UInt64 = 0
      withUnsafeMutableBytes(of: &value) { $0.baseAddress!.copyMemory(from: source + Int(at), byteCount: size) }
      region.device.store(pa &+ at &- region.base, size: size, value)
    }
  }

  /// Visits aligned pieces of a range, each as large as its address allows, up to eight bytes.
  private func forEachPiece(_ pa: UInt64, _ count: UInt64, _ body: (_ at: UInt64, _ size: Int) -> Void) {
    var at: UInt64 = 0
    while at < count {
      var size: UInt64 = 8
      while size > count - at || (pa &+ at) & (size - 1) != 0 { size /= 2 }
      body(at, Int(size))
      at += size
    }
  }
}
