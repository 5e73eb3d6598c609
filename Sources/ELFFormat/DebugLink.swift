// Owns what a file says about the separate file with its debug information: a name with a checksum, and the identity of its build.
// It does not know where such files lie. Source: GDB's manual, "Separate Debug Files"; GNU binutils, "objcopy --add-gnu-debuglink".

/// The reference from a stripped program to its debug file.
public struct DebugLink: Hashable, Sendable {
  /// The name of the debug file, without a folder.
  public let name: String
  /// The CRC-32 of the debug file's bytes.
  public let checksum: UInt32

  /// The contents of .gnu_debuglink; nil if the file has none, or a damaged one.
  public init?(_ bytes: [UInt8], _ sections: SectionTable) {
    guard let section = sections.section(".gnu_debuglink"), section.isPlain else { return nil }
    let contents = Array(bytes[section.bytes])
    let name = contents.prefix { $0 != 0 }
    let at = (name.count + 4) & ~3
    guard !name.isEmpty, !name.contains(UInt8(ascii: "/")), let value = try? ByteReader(contents).word32(at, "the checksum") else {
      return nil
    }
    self.name = String(decoding: name, as: UTF8.self)
    checksum = value
  }

  /// The CRC-32 that .gnu_debuglink has: that of ISO 3309, as in zlib.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let table: [UInt32] = (0..<256).map { (value: UInt32) in
      var word = value
      for _ in 0..<8 { word = word & 1 != 0 ? 0xedb8_8320 ^ (word >> 1) : word >> 1 }
      return word
    }
    var word: UInt32 = ~0
    for byte in bytes { word = table[Int(UInt8(truncatingIfNeeded: word) ^ byte)] ^ (word >> 8) }
    return ~word
  }
}

/// The identity of a build.
public enum BuildIdentity {
  /// The longest identity in bytes; a SHA-1 has 20.
  static let longest = 64

  /// The bytes of the note NT_GNU_BUILD_ID; nil if the file has none.
  public static func read(_ bytes: [UInt8], _ sections: SectionTable) -> [UInt8]? {
    for section in sections.sections where section.type == 7 && section.isPlain {  // SHT_NOTE
      let reader = ByteReader(Array(bytes[section.bytes]))
      var at = 0
      while let nameSize = try? reader.word32(at, "n_namesz"), let size = try? reader.word32(at + 4, "n_descsz"),
        let type = try? reader.word32(at + 8, "n_type")
      {
        let content = at + 12 + (Int(nameSize) + 3) & ~3
        if type == 3, nameSize == 4, size > 0, size <= longest, content + Int(size) <= reader.bytes.count,
          reader.bytes[at + 12..<content].elementsEqual("GNU\0".utf8)
        {
          return Array(reader.bytes[content..<content + Int(size)])
        }
        at = content + (Int(size) + 3) & ~3
      }
    }
    return nil
  }
}
