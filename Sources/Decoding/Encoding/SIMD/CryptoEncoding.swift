// Owns the encodings of the cryptographic instructions, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum CryptoEncoding {
  private static let words = Arrangement(log2Size: 2, .full)
  private static let doublewords = Arrangement(log2Size: 3, .full)
  private static let bytes = Arrangement(log2Size: 0, .full)

  static func aes(_ w: Word) -> Instruction {
    let operations: [Int: Crypto] = [4: .aese, 5: .aesd, 6: .aesmc, 7: .aesimc]
    guard w[23, 22] == 0, let operation = operations[w[16, 12]] else { return .undefined }
    return .simd(.crypto(operation), w, bytes)
  }

  static func threeRegisterSHA(_ w: Word) -> Instruction {
    let operations: [Crypto] = [.sha1c, .sha1p, .sha1m, .sha1su0, .sha256h, .sha256h2, .sha256su1]
    guard w[23, 22] == 0, w[14, 12] < 7 else { return .undefined }
    return .simd(.crypto(operations[w[14, 12]]), w, words)
  }

  static func twoRegisterSHA(_ w: Word) -> Instruction {
    let operations: [Crypto] = [.sha1h, .sha1su1, .sha256su0]
    guard w[23, 22] == 0, w[16, 12] < 3 else { return .undefined }
    return .simd(.crypto(operations[w[16, 12]]), w, words)
  }

  /// SM3TT1A, SM3TT1B, SM3TT2A, SM3TT2B: the immediate is a lane of Vm.
  static func threeRegisterImmediate(_ w: Word) -> Instruction {
    let operations: [Crypto] = [.sm3tt1a, .sm3tt1b, .sm3tt2a, .sm3tt2b]
    return .simd(.crypto(operations[w[11, 10]]), w, words, immediate: w[13, 12])
  }

  static func threeRegisterSHA512(_ w: Word) -> Instruction {
    switch (w[14], w[11, 10]) {
    case (false, 0): .simd(.crypto(.sha512h), w, doublewords)
    case (false, 1): .simd(.crypto(.sha512h2), w, doublewords)
    case (false, 2): .simd(.crypto(.sha512su1), w, doublewords)
    case (false, _): .simd(.crypto(.rax1), w, doublewords)
    case (true, 0): .simd(.crypto(.sm3partw1), w, words)
    case (true, 1): .simd(.crypto(.sm3partw2), w, words)
    case (true, 2): .simd(.crypto(.sm4ekey), w, words)
    case (true, _): .undefined
    }
  }

  static func fourRegister(_ w: Word) -> Instruction {
    switch w[22, 21] {
    case 0: .simd(.crypto(.eor3), w, bytes)
    case 1: .simd(.crypto(.bcax), w, bytes)
    case 2: .simd(.crypto(.sm3ss1), w, words)
    default: .undefined
    }
  }

  static func exclusiveOrAndRotate(_ w: Word) -> Instruction {
    w[22, 21] == 0 ? .simd(.crypto(.xar), w, doublewords, immediate: w[15, 10]) : .undefined
  }

  static func twoRegisterSHA512(_ w: Word) -> Instruction {
    switch w[11, 10] {
    case 0: .simd(.crypto(.sha512su0), w, doublewords)
    case 1: .simd(.crypto(.sm4e), w, words)
    default: .undefined
    }
  }
}
