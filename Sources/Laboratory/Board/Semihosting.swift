// Owns semihosting calls (HLT #0xF000): output and the end of the run.
// It does not know which image called, and has no files: other calls answer -1 and are reported. Arm, Semihosting for AArch32 and
// AArch64, 2.0.
import Machine

/// The outcome of a semihosting call.
enum SemihostingResult: Equatable {
  case done
  /// This operation is not supported.
  case unsupported(UInt64)
  case exit(Int32)
}

struct Semihosting {
  static let immediate: UInt16 = 0xf000

  private enum Operation {
    static let WRITEC: UInt64 = 0x03
    static let WRITE0: UInt64 = 0x04
    static let EXIT: UInt64 = 0x18
    static let EXIT_EXTENDED: UInt64 = 0x20
  }
  private static let applicationExit: UInt64 = 0x2_0026

  /// Receives the characters that are printed.
  let output: ([UInt8]) -> Void

  /// Serves the call in W0 and X1 of a PE, and puts the answer into X0.
  func call(_ processor: Processor) -> SemihostingResult {
    let parameter = processor[x: 1]
    let operation = processor[x: 0] & 0xffff_ffff
    switch operation {
    case Operation.WRITEC:
      if let byte = processor.peek(parameter, count: 1) { output(byte) }
      return .done
    case Operation.WRITE0:
      output(string(processor, parameter))
      return .done
    case Operation.EXIT, Operation.EXIT_EXTENDED:
      // The parameter block has two words: the reason, and a status that the application chooses.
      guard let block = processor.peek(parameter, count: 16) else { return .exit(1) }
      let words = stride(from: 0, to: 16, by: 8).map { at in
        (0..<8).reduce(UInt64(0)) { $0 | UInt64(block[at + $1]) << UInt64(8 * $1) }
      }
      return .exit(words[0] == Self.applicationExit ? Int32(truncatingIfNeeded: words[1]) & 0xff : 1)
    default:
      processor[x: 0] = ~0
      return .unsupported(operation)
    }
  }

  /// The bytes up to a zero byte or the end of the mapping, at most 64 KiB.
  private func string(_ processor: Processor, _ address: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < 1 << 16, let byte = processor.peek(address &+ UInt64(bytes.count), count: 1)?[0], byte != 0 {
      bytes.append(byte)
    }
    return bytes
  }
}
