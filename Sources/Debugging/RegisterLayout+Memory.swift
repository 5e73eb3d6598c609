// Owns the fields of MAIR_EL1 and PAR_EL1, and the text of one memory attribute. Arm ARM: MAIR_EL1, PAR_EL1.
// It does not know which descriptors use an attribute.
import Architecture

extension RegisterLayout {
  static let memoryAttributes: [FieldLayout] = (0..<8).reversed().map { index in
    FieldLayout("Attr\(index)", 8 * index + 7, 8 * index) { memoryType($0) }
  }

  /// The memory type of one attribute, as in `Normal, write-back, read- and write-allocate`.
  static func memoryType(_ attribute: UInt64) -> String {
    let outer = attribute >> 4
    let inner = attribute & 15
    switch attribute {
    case 0x40: return "Normal, non-cacheable, not waited for by nXS maintenance (FEAT_XS)"
    case 0xa0: return "Normal, write-through, read-allocate, not waited for by nXS maintenance (FEAT_XS)"
    case 0xf0: return "Normal, write-back, read- and write-allocate, with allocation tags"
    default: break
    }
    if outer == 0 {
      let type = "Device-" + ["nGnRnE", "nGnRE", "nGRE", "GRE"][Int(inner >> 2)]
      return inner & 2 != 0 ? "unpredictable" : inner & 1 != 0 ? "\(type), not waited for by nXS maintenance (FEAT_XS)" : type
    }
    if inner == 0 { return "unpredictable" }
    if outer == inner { return "Normal, " + cacheability(outer) }
    return "Normal, outer \(cacheability(outer)); inner \(cacheability(inner))"
  }

  /// Four bits: the policy, then R and W, which allow allocation.
  private static func cacheability(_ bits: UInt64) -> String {
    if bits == 4 { return "non-cacheable" }
    let policy = (bits >> 2 & 1 != 0 ? "write-back" : "write-through") + (bits >> 3 & 1 != 0 ? "" : " transient")
    let allocation = ["no allocation", "write-allocate", "read-allocate", "read- and write-allocate"][Int(bits & 3)]
    return "\(policy), \(allocation)"
  }

  @Sendable static func memoryAttributesSummary(_ value: UInt64) -> String {
    // Attributes behind the last one that is not zero are what the register was reset to.
    let count = value == 0 ? 1 : 8 - value.leadingZeroBitCount / 8
    return (0..<count).map { "\($0) \(short(value >> UInt64(8 * $0) & 0xff))" }.joined(separator: ", ")
  }

  /// The type without its caches.
  private static func short(_ attribute: UInt64) -> String {
    switch attribute {
    case 0xff: "Normal"
    case 0xf0: "Normal with tags"
    case 0x44: "Normal non-cacheable"
    default: attribute >> 4 == 0 ? String(memoryType(attribute).prefix { $0 != "," }) : "Normal \(hexadecimal(attribute))"
    }
  }

  /// PAR_EL1 with F clear.
  static let translated: [FieldLayout] = [
    FieldLayout("ATTR", 63, 56) { memoryType($0) },
    FieldLayout("PA", 51, 12) { "page \(hexadecimal($0 << 12))" },
    FieldLayout("NSE", 11, 11),
    FieldLayout("IMP DEF", 10, 10),
    FieldLayout("NS", 9, "", "non-secure"),
    FieldLayout("SH", 8, 7, names: ["non-shareable", "reserved", "outer shareable", "inner shareable"]),
    FieldLayout("F", 0, "the translation succeeded", "the translation failed"),
  ]

  /// PAR_EL1 with F set.
  static let untranslated: [FieldLayout] = [
    FieldLayout("IMP DEF", 63, 48),
    FieldLayout("DirtyBit", 15, "", "dirty state"),
    FieldLayout("Overlay", 14, "", "overlay permissions"),
    FieldLayout("TopLevel", 13, "", "the top level of stage 2"),
    FieldLayout("AssuredOnly", 12, "", "an assured translation was needed"),
    FieldLayout("RES1", 11, 11),
    FieldLayout("S", 9, "stage 1 failed", "stage 2 failed"),
    FieldLayout("PTW", 8, "", "a stage 2 fault on a stage 1 walk"),
    FieldLayout("FST", 6, 1) { "\(FaultStatus(rawValue: UInt8($0)))" },
    FieldLayout("F", 0, "the translation succeeded", "the translation failed"),
  ]

  @Sendable static func translationSummary(_ value: UInt64) -> String {
    if value & 1 != 0 { return "no translation: \(FaultStatus(rawValue: UInt8(value >> 1 & 0x3f)))" }
    return "physical page \(hexadecimal(value & 0x000f_ffff_ffff_f000)), \(memoryType(value >> 56))"
  }
}
