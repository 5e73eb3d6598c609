// Owns which instructions a processor has: from an instruction to the feature that it belongs to.
// It does not know what instructions do, or who asks.
import Architecture
import Decoding

extension ProcessorFeatures {
  /// Whether the processor has the instruction. An instruction of an absent feature is UNDEFINED.
  func allow(_ instruction: Instruction) -> Bool {
    switch instruction {
    case .atomic, .compareAndSwap, .compareAndSwapPair: lse
    case .crc32: crc32
    case .load(let load): load.ordering == .acquirePC ? lrcpc : load.ordering == .limitedOrdering ? lor : true
    case .store(let store): store.ordering == .limitedOrdering ? lor : true
    case .simd(let simd): allow(simd)
    default: true
    }
  }

  private func allow(_ simd: SIMDInstruction) -> Bool {
    let log2Size = simd.operands.arrangement.log2Size
    return switch simd.operation {
    case .crypto(let operation): allow(operation)
    default: true
    }
  }

  private func allow(_ operation: Crypto) -> Bool {
    switch operation {
    case .aese, .aesd, .aesmc, .aesimc: aes
    case .sha1c, .sha1p, .sha1m, .sha1su0, .sha1h, .sha1su1: sha1
    case .sha256h, .sha256h2, .sha256su0, .sha256su1: sha256
    case .sha512h, .sha512h2, .sha512su0, .sha512su1: sha512
    case .eor3, .rax1, .xar, .bcax: sha3
    case .sm3ss1, .sm3tt1a, .sm3tt1b, .sm3tt2a, .sm3tt2b, .sm3partw1, .sm3partw2: sm3
    case .sm4e, .sm4ekey: sm4
    }
  }
}
