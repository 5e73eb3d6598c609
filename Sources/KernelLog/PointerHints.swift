// Owns the values by which the kernel marks pointers that must not be used, and what a wild address resembles.
// It does not know which instruction used the address. Linux: include/linux/poison.h, include/linux/err.h.
import Architecture

enum PointerHints {
  /// Values that Linux stores into pointers; arm64's POISON_POINTER_DELTA is 0xdead000000000000.
  private static let marks: [(value: UInt64, name: String, meaning: String)] = [
    (0xdead_0000_0000_0040, "PP_SIGNATURE", "the mark of a page of a network page pool"),
    (0xdead_0000_0000_0100, "LIST_POISON1", "which list_del() leaves in the next pointer of what it removed"),
    (0xdead_0000_0000_0122, "LIST_POISON2", "which list_del() leaves in the prev pointer of what it removed"),
    (0xdead_0000_0000_0300, "TIMER_ENTRY_STATIC", "the mark of a static timer"),
    (0xdead_0000_0000_0400, "TAIL_MAPPING", "the mapping of a tail page"),
    (0xdead_0000_0000_0500, "MUTEX_POISON_WW_CTX", "the context of a released wound/wait mutex"),
    (0xdead_0000_0000_0800, "SKB_LIST_POISON_NEXT", "the next pointer of a socket buffer that left its list"),
  ]

  /// Bytes with which memory is filled.
  private static let fills: [(byte: UInt8, name: String, meaning: String)] = [
    (0x6b, "POISON_FREE", "memory that SLUB has freed"),
    (0x5a, "POISON_INUSE", "memory from SLUB that was never initialised"),
    (0xa5, "POISON_END", "the end of a free object of SLUB"),
    (0xaa, "PAGE_POISON", "a page that was freed"),
    (0xcc, "POISON_FREE_INITMEM", "memory of the kernel's start that was freed"),
  ]

  /// What a value that was used as a pointer resembles, or nil. A small offset from a mark counts too: it is the member that was accessed.
  static func resemblance(_ value: UInt64) -> String? {
    if let mark = marks.last(where: { value >= $0.value && value - $0.value < 0x1000 }) {
      return "\(mark.name)\(offset(value - mark.value)), \(mark.meaning)"
    }
    // The top byte may have been taken for a tag, and the lowest two changed by an offset.
    let middle = (2..<7).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    if let fill = fills.first(where: { fill in middle.allSatisfy { $0 == fill.byte } }) {
      let whole = UInt64(fill.byte) * 0x0101_0101_0101_0101
      let distance = (value & 0xffff) &- (whole & 0xffff)
      return "bytes of \(hexadecimal(fill.byte)) (\(fill.name))\(distance < 0x1000 ? offset(distance) : ""), \(fill.meaning)"
    }
    if let error = error(value) { return "\(error), an error that was used as a pointer" }
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    if bytes.allSatisfy({ (0x20...0x7e).contains($0) }) {
      return "text, \"\(String(decoding: bytes, as: UTF8.self))\": a string overwrote a pointer"
    }
    return nil
  }

  private static func offset(_ distance: UInt64) -> String { distance == 0 ? "" : " + \(hexadecimal(distance))" }

  /// The errors that functions return in pointers most often. Linux: include/uapi/asm-generic/errno-base.h, errno.h.
  private static let errors: [UInt64: String] = [
    1: "EPERM", 2: "ENOENT", 3: "ESRCH", 4: "EINTR", 5: "EIO", 6: "ENXIO", 9: "EBADF", 11: "EAGAIN", 12: "ENOMEM", 13: "EACCES",
    14: "EFAULT",
    16: "EBUSY", 17: "EEXIST", 19: "ENODEV", 20: "ENOTDIR", 22: "EINVAL", 28: "ENOSPC", 38: "ENOSYS", 61: "ENODATA", 84: "EILSEQ",
    95: "EOPNOTSUPP", 110: "ETIMEDOUT", 116: "ESTALE", 517: "EPROBE_DEFER", 524: "ENOTSUPP",
  ]

  /// `ERR_PTR(-ENOENT)`, for a value from -4095 to -1.
  static func error(_ value: UInt64) -> String? {
    guard value >= 0xffff_ffff_ffff_f001 else { return nil }
    let number = 0 &- value
    return "ERR_PTR(-\(errors[number] ?? String(number)))"
  }

  /// Where KASAN's shadow begins, by mode and address size. Linux: arch/arm64/Kconfig KASAN_SHADOW_OFFSET.
  private static let shadows: [(start: UInt64, shift: UInt64, name: String)] = [
    (0xdfff_8000_0000_0000, 3, "generic KASAN"), (0xdfff_c000_0000_0000, 3, "generic KASAN"), (0xdfff_fe00_0000_0000, 3, "generic KASAN"),
    (0xdfff_ffc0_0000_0000, 3, "generic KASAN"), (0xefff_8000_0000_0000, 4, "KASAN with tags"),
    (0xefff_c000_0000_0000, 4, "KASAN with tags"),
    (0xefff_fe00_0000_0000, 4, "KASAN with tags"), (0xefff_ffc0_0000_0000, 4, "KASAN with tags"),
  ]

  /// The memory whose shadow stands at an address that no kernel maps: that of NULL, or of a wild pointer near it.
  static func shadow(_ address: UInt64) -> String? {
    guard let row = shadows.first(where: { address >= $0.start && address - $0.start < 0x1000_0000 }) else { return nil }
    let object = (address - row.start) << row.shift
    return
      "the shadow, in a kernel with \(row.name), of \(hexadecimal(object))-\(hexadecimal(object + 1 << row.shift - 1)): the access that is "
      + "checked is to that address"
  }
}
