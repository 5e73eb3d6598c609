// Owns the marks of free memory: the frames that allocations leave over, how many these are at first, and how a setting changes that.
// It does not know how frames are allocated. Linux: mm/page_alloc.c __setup_per_zone_wmarks(), mm/khugepaged.c.
import Architecture

/// The marks of the one zone, in frames. Linux: WMARK_MIN, WMARK_LOW, WMARK_HIGH.
struct Watermarks: Hashable, Sendable {
  var minimum: UInt64
  var low: UInt64
  var high: UInt64

  init(reserve kilobytes: UInt64, managed: UInt64, scale: UInt64) {
    minimum = kilobytes / 4
    let distance = max(minimum / 4, managed * scale / 10000)
    low = minimum + distance
    high = low + distance
  }
}

extension MemoryState {
  var watermarks: Watermarks {
    Watermarks(reserve: settings.freeReserve, managed: UInt64(frames.managed), scale: settings.watermarkScale)
  }
  /// Frames that may be used. Linux: nr_free_buffer_pages().
  private var usableFrames: UInt64 { UInt64(frames.managed) - min(UInt64(frames.managed), watermarks.high) }

  /// What a program can still get without another one being killed, in pages. Linux: si_mem_available().
  public var availablePages: UInt64 {
    let marks = watermarks
    var cache = UInt64(cachedPages - sharedPages)
    cache -= min(cache / 2, marks.low)
    let free = UInt64(frames.available) + cache
    return free - min(free, marks.high)
  }

  /// The reserve with which the kernel starts: the square root of sixteen times the size of RAM, in KiB. Linux: init_per_zone_wmark_min().
  mutating func startFreeReserve() {
    calculateFreeReserve()
    applyFreeReserve()
    recommendFreeReserve()
  }

  /// A value that a program chose stays if it is larger. Linux: calculate_min_free_kbytes().
  private mutating func calculateFreeReserve() {
    let root = UInt64(Double(usableFrames * 4 * 16).squareRoot())
    if settings.chosenFreeReserve.map({ root > $0 }) ?? true { settings.freeReserve = min(max(root, 128), 262_144) }
  }

  /// Sets the reserve after the use of huge pages has changed. Where they are used it is larger, but at most a twentieth of RAM. Linux:
  /// set_recommended_min_free_kbytes().
  mutating func recommendFreeReserve() {
    if hugePages.areUsed {
      // Two blocks of 512 frames for each pair of kinds of pages that cannot share a block, of which there are three, and two more.
      settings.freeReserve = max(settings.freeReserve, min(512 * (2 + 3 * 3), usableFrames / 20) * 4)
    } else {
      calculateFreeReserve()
    }
    applyFreeReserve()
  }

  mutating func applyFreeReserve() { frames.reserve = UInt32(clamping: watermarks.minimum) }
}

extension MemoryManager {
  /// Makes allocations keep the reserve from now on. Without this call nothing is kept.
  public func startFreeReserve() { state.startFreeReserve() }

  /// Sets vm.min_free_kbytes. Linux: min_free_kbytes_sysctl_handler().
  public func setFreeReserve(_ kilobytes: UInt64) {
    state.settings.freeReserve = kilobytes
    state.settings.chosenFreeReserve = kilobytes
    state.applyFreeReserve()
  }
}
