// Owns the note of GNU properties of a program: whether its code has landing pads for indirect branches.
// It does not know where the note is in the file. Source: ELF for the Arm 64-bit Architecture, "Program Property"; Linux: fs/binfmt_elf.c
// parse_elf_properties(), arch/arm64 arch_parse_elf_property().

public enum ProgramProperties {
  /// NOTE_DATA_SZ: Linux refuses a longer note.
  public static let longestNote = 1024

  /// Whether a note (PT_GNU_PROPERTY) says that all code has landing pads: GNU_PROPERTY_AARCH64_FEATURE_1_BTI. An error names what Linux
  /// refuses in it.
  public static func haveLandingPads(_ note: [UInt8]) throws(ELFError) -> Bool {
    let reader = ByteReader(note)
    let what = "PT_GNU_PROPERTY"
    if note.count > longestNote || note.count < 16 { throw .malformed("\(what) has \(note.count) bytes") }
    let (nameSize, size, type) = (try reader.word32(0, what), Int(try reader.word32(4, what)), try reader.word32(8, what))
    if nameSize != 4 || type != 5 || Array(note[12..<16]) != Array("GNU\0".utf8) {
      throw .malformed("\(what) is not a note of GNU properties")
    }
    if size > note.count - 16 { throw .malformed("\(what) is longer than its segment") }
    let end = 16 + size
    var at = 16
    var previous: UInt32?
    var result = false
    while at < end {
      if end - at < 8 { throw .malformed("\(what) ends within a property") }
      let (kind, length) = (try reader.word32(at, what), Int(try reader.word32(at + 4, what)))
      let step = (length + 7) & ~7
      if step > end - at - 8 { throw .malformed("\(what) ends within a property") }
      if let previous, kind <= previous { throw .malformed("\(what) has its properties out of order") }
      if kind == 0xc000_0000 {
        if length != 4 { throw .malformed("\(what) has a property of \(length) bytes where 4 are expected") }
        result = try reader.word32(at + 8, what) & 1 != 0
      }
      previous = kind
      at += 8 + step
    }
    return result
  }
}
