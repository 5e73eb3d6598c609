// Owns which instructions a processor has: it maps an instruction to the feature that it belongs to.
// It does not know what instructions do, or who asks.
import Architecture
import Decoding

extension ProcessorFeatures {
  /// Whether the processor has the instruction. An instruction of an absent feature is UNDEFINED.
  func allow(_ instruction: Instruction) -> Bool {
    switch instruction {
    case .atomic, .compareAndSwap, .compareAndSwapPair: lse
    case .crc32: crc32
    case .load(let load): allow(load.ordering)
    case .store(let store): allow(store.ordering)
    case .barrier(.sb, _): sb
    case .commonUnary, .minMax: cssc
    case .flagManipulation(.axflag), .flagManipulation(.xaflag): flagm2
    case .flagManipulation: flagm
    case .waitWithTimeout: wfxt
    case .addPointerCode, .authenticatePointer, .stripPointerCode, .genericCode, .branchAuthenticated, .exceptionReturnAuthenticated,
      .loadAuthenticated:
      hasPAuth
    case .simd(let simd): allow(simd)
    case .addTag, .insertRandomTag, .insertTagMask, .subtractPointer, .storeTag, .loadTag, .storeTagPair: mte
    case .vectorImmediate(let operation, _, _, _): operation == .moveHalf ? fp16 : true
    case .moveVectorScalar(let log2Size, _, _), .moveVectorScalarImmediate(let log2Size, _, _), .moveGeneralToVector(let log2Size, _, _, _),
      .moveVectorToGeneral(let log2Size, _, _, _):
      log2Size != 1 || fp16
    // Every processor has the instructions of Armv8.0.
    case .addSubtract, .addSubtractWithCarry, .logical, .moveWide, .pcRelative, .bitfield, .extract, .conditionalSelect,
      .conditionalCompare, .shiftVariable, .divide, .multiplyAdd, .multiplyAddLong, .multiplyHigh, .unary:
      true
    case .branch, .branchConditional, .compareAndBranch, .testAndBranch, .branchRegister: true
    case .loadPair, .storePair, .loadExclusive, .storeExclusive, .prefetch: true
    case .loadVector, .storeVector, .loadVectorPair, .storeVectorPair, .structures: true
    case .duplicateElement, .duplicateGeneral, .insertElement, .insertGeneral, .moveElementToGeneral, .vectorLogical: true
    // The code that executes them decides which hints, system registers and PSTATE fields exist.
    case .exceptionGeneration, .exceptionReturn, .hint, .barrier, .readSystemRegister, .writeSystemRegister, .writeProcessorState, .system,
      .systemRead, .undefined:
      true
    }
  }

  private func allow(_ ordering: AccessOrdering) -> Bool {
    switch ordering {
    case .plain, .unprivileged, .acquireRelease, .nonTemporal: true
    case .acquirePC: lrcpc
    case .acquirePCUnscaled, .releaseUnscaled: lrcpc2
    case .limitedOrdering: lor
    }
  }

  private func allow(_ simd: SIMDInstruction) -> Bool {
    let log2Size = simd.operands.arrangement.log2Size
    let half = fp16 || log2Size != 1
    return switch simd.operation {
    case .threeSame, .twoRegister, .shift, .tableLookup, .permute, .extract: true
    case .threeSameFloat(let operation):
      switch operation {
      case .fmlal, .fmlal2, .fmlsl, .fmlsl2: fhm
      default: half
      }
    case .threeSameExtra(let operation):
      switch operation {
      case .sqrdmlah, .sqrdmlsh: rdm
      case .sdot, .udot: dotprod
      case .usdot, .smmla, .ummla, .usmmla: i8mm
      case .fcmla, .fcadd: fcma && half
      case .bfdot, .bfmmla, .bfmlalb, .bfmlalt: bf16
      }
    case .threeDifferent(let operation): operation == .pmull && log2Size == 3 ? pmull : true
    case .twoRegisterFloat(let operation):
      switch operation {
      case .fcvtn, .fcvtl: true
      case .bfcvtn: bf16
      case .frint32z, .frint32x, .frint64z, .frint64x: frintts
      default: half
      }
    case .acrossLanes(let operation):
      switch operation {
      case .fmaxnmv, .fmaxv, .fminnmv, .fminv: half
      default: true
      }
    case .pairwise(let operation): operation == .addp || half
    case .byElement(let operation):
      switch operation {
      case .sqrdmlah, .sqrdmlsh: rdm
      case .sdot, .udot: dotprod
      case .usdot, .sudot: i8mm
      default: true
      }
    case .byElementFloat(let operation):
      switch operation {
      case .fmlal, .fmlal2, .fmlsl, .fmlsl2: fhm
      case .fcmla: fcma && half
      case .bfdot, .bfmlalb, .bfmlalt: bf16
      default: half
      }
    case .crypto(let operation): allow(operation)
    case .floatOneSource(let operation):
      switch operation {
      case .fcvtToHalf, .fcvtToSingle, .fcvtToDouble: true
      case .bfcvt: bf16
      case .frint32z, .frint32x, .frint64z, .frint64x: frintts
      default: half
      }
    case .floatTwoSource, .floatThreeSource, .floatCompare, .floatConditionalCompare, .floatSelect, .floatToGeneral,
      .generalToFloat:
      half
    case .floatToJavaScript: jscvt
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
