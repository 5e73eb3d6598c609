// Owns the encodings of LD1 to LD4 and ST1 to ST4, C4.1.96.
// It does not know what the accesses do.
import Architecture

enum StructuresEncoding {
  static func decode(_ w: Word) -> Instruction { .undefined }
}
