// Owns the operands of loads and stores, C4.1.96, for general and SIMD&FP registers, including FEAT_LSE and FEAT_LRCPC. It does not
// know what recognised the word. CONSTRAINED UNPREDICTABLE register choices (write-back to a loaded register, a pair loaded to one
// register, STXR status in a source) decode as written: both registers are written in order.
import Architecture

enum LoadsAndStores {
  private static let sizes: [AccessSize] = [.byte, .half, .word, .double]

  static func decode(_ w: Word) -> Instruction {
    switch w[29, 27] {
    case 0b001: w[26] ? StructuresEncoding.decode(w) : exclusiveOrOrdered(w)
    case 0b011: w[24] ? releaseConsistentImmediate(w) : literal(w)
    case 0b101: pair(w)
    case 0b111: w[24] ? unsignedOffset(w) : otherSingle(w)
    default: .undefined
    }
  }

  // MARK: Exclusive, ordered, compare-and-swap

  private static func exclusiveOrOrdered(_ w: Word) -> Instruction {
    if w[24] { return .undefined }
    let size = sizes[w[31, 30]]
    let o2 = w[23], load = w[22], o1 = w[21], o0 = w[15]
    if o1 && o2 {
      if w[14, 10] != 31 { return .undefined }
      return .compareAndSwap(size: size, acquire: load, release: o0, s: w.m, t: w.t, n: w.nOrSP)
    }
    if o1 && !w[31] {
      // CASP takes even registers only.
      if w[14, 10] != 31 || w[16] || w[0] { return .undefined }
      return .compareAndSwapPair(size: w[30] ? .double : .word, acquire: load, release: o0, s: w.m, t: w.t, n: w.nOrSP)
    }
    if o1 {
      return load
        ? .loadExclusive(size: size, acquire: o0, t: w.t, t2: w.a, n: w.nOrSP)
        : .storeExclusive(size: size, release: o0, s: w.m, t: w.t, t2: w.a, n: w.nOrSP)
    }
    if !o2 {
      return load
        ? .loadExclusive(size: size, acquire: o0, t: w.t, t2: nil, n: w.nOrSP)
        : .storeExclusive(size: size, release: o0, s: w.m, t: w.t, t2: nil, n: w.nOrSP)
    }
    let ordering: AccessOrdering = o0 ? .acquireRelease : .limitedOrdering
    let addressing = Addressing.offset(n: w.nOrSP, 0)
    return load
      ? .load(Load(size: size, t: w.t, addressing: addressing, ordering: ordering))
      : .store(Store(size: size, t: w.t, addressing: addressing, ordering: ordering))
  }

  /// LDAPUR and STLUR (FEAT_LRCPC2).
  private static func releaseConsistentImmediate(_ w: Word) -> Instruction {
    if w[31, 24] == 0b1101_1001 && w[21] { return MemoryTagging.access(w) }
    if w[26] || w[21] || w[11, 10] != 0 { return .undefined }
    let instruction = single(w, .offset(n: w.nOrSP, w.signed(20, 12)), w[23, 22] == 0 ? .releaseUnscaled : .acquirePCUnscaled)
    // None of these forms is a prefetch.
    if case .prefetch = instruction { return .undefined }
    return instruction
  }

  // MARK: Literal

  private static func literal(_ w: Word) -> Instruction {
    let addressing = Addressing.literal(w.signed(23, 5) << 2)
    if w[26] {
      return w[31, 30] == 3 ? .undefined : .loadVector(log2Size: UInt8(w[31, 30] + 2), t: w.vector(0), addressing)
    }
    return switch w[31, 30] {
    case 0: .load(Load(size: .word, t: w.t, addressing: addressing))
    case 1: .load(Load(size: .double, t: w.t, addressing: addressing))
    case 2: .load(Load(size: .word, signExtendTo: .x, t: w.t, addressing: addressing))
    default: .prefetch(operation: UInt8(w[4, 0]), addressing)
    }
  }

  // MARK: Pairs

  private static func pair(_ w: Word) -> Instruction {
    let opc = w[31, 30], load = w[22], mode = w[24, 23]
    if opc == 3 { return .undefined }
    func addressing(_ shift: Int64) -> Addressing {
      let offset = w.signed(21, 15) << shift
      return switch mode {
      case 1: .postIndex(n: w.nOrSP, offset)
      case 3: .preIndex(n: w.nOrSP, offset)
      default: .offset(n: w.nOrSP, offset)
      }
    }
    if w[26] {
      let log2Size = UInt8(opc + 2)
      let place = addressing(Int64(log2Size))
      return load
        ? .loadVectorPair(log2Size: log2Size, t: w.vector(0), t2: w.vector(10), place)
        : .storeVectorPair(log2Size: log2Size, t: w.vector(0), t2: w.vector(10), place)
    }
    if opc == 1 {
      // LDPSW and STGP have no no-allocate form.
      if mode == 0 { return .undefined }
      if !load { return .storeTagPair(t: w.t, t2: w.a, addressing(4)) }
      return .loadPair(LoadPair(size: .word, signed: true, t: w.t, t2: w.a, addressing: addressing(2)))
    }
    let size: AccessSize = opc == 2 ? .double : .word
    let place = addressing(opc == 2 ? 3 : 2)
    return load
      ? .loadPair(LoadPair(size: size, t: w.t, t2: w.a, addressing: place, nonTemporal: mode == 0))
      : .storePair(StorePair(size: size, t: w.t, t2: w.a, addressing: place, nonTemporal: mode == 0))
  }

  // MARK: Single registers

  private static func unsignedOffset(_ w: Word) -> Instruction {
    if w[26] {
      guard let log2Size = vectorSize(w) else { return .undefined }
      return vectorSingle(w, log2Size, .offset(n: w.nOrSP, Int64(w[21, 10]) << Int64(log2Size)))
    }
    return single(w, .offset(n: w.nOrSP, Int64(w[21, 10]) << Int64(w[31, 30])), .plain)
  }

  private static func otherSingle(_ w: Word) -> Instruction {
    if w[21] {
      switch w[11, 10] {
      case 0: return w[26] ? .undefined : atomic(w)
      case 2: return registerOffset(w)
      default: return PointerAuthentication.load(w)
      }
    }
    let offset = w.signed(20, 12)
    let n = w.nOrSP
    let addressing: Addressing =
      switch w[11, 10] {
      case 1: .postIndex(n: n, offset)
      case 3: .preIndex(n: n, offset)
      default: .offset(n: n, offset)
      }
    if w[26] {
      guard w[11, 10] != 2, let log2Size = vectorSize(w) else { return .undefined }
      return vectorSingle(w, log2Size, addressing)
    }
    let instruction = single(w, addressing, w[11, 10] == 2 ? .unprivileged : .plain)
    // Only the unscaled form has a prefetch.
    if case .prefetch = instruction, w[11, 10] != 0 { return .undefined }
    return instruction
  }

  private static func registerOffset(_ w: Word) -> Instruction {
    guard w[14], let type = Extend(rawValue: UInt8(w[15, 13])) else { return .undefined }
    if w[26] {
      guard let log2Size = vectorSize(w) else { return .undefined }
      return vectorSingle(w, log2Size, .register(n: w.nOrSP, m: w.m, type, shift: w[12] ? log2Size : 0))
    }
    return single(w, .register(n: w.nOrSP, m: w.m, type, shift: w[12] ? UInt8(w[31, 30]) : 0), .plain)
  }

  private static func single(_ w: Word, _ addressing: Addressing, _ ordering: AccessOrdering) -> Instruction {
    let size = sizes[w[31, 30]]
    switch w[23, 22] {
    case 0: return .store(Store(size: size, t: w.t, addressing: addressing, ordering: ordering))
    case 1: return .load(Load(size: size, t: w.t, addressing: addressing, ordering: ordering))
    case 2:
      if size == .double { return ordering == .plain ? .prefetch(operation: UInt8(w[4, 0]), addressing) : .undefined }
      return .load(Load(size: size, signExtendTo: .x, t: w.t, addressing: addressing, ordering: ordering))
    default:
      if size == .word || size == .double { return .undefined }
      return .load(Load(size: size, signExtendTo: .w, t: w.t, addressing: addressing, ordering: ordering))
    }
  }

  /// log2 of the bytes of a SIMD&FP access: size and the high bit of opc.
  private static func vectorSize(_ w: Word) -> UInt8? {
    if w[23] { return w[31, 30] == 0 ? 4 : nil }
    return UInt8(w[31, 30])
  }
  private static func vectorSingle(_ w: Word, _ log2Size: UInt8, _ addressing: Addressing) -> Instruction {
    w[22]
      ? .loadVector(log2Size: log2Size, t: w.vector(0), addressing)
      : .storeVector(log2Size: log2Size, t: w.vector(0), addressing)
  }

  // MARK: FEAT_LSE and LDAPR

  private static func atomic(_ w: Word) -> Instruction {
    let size = sizes[w[31, 30]]
    let opc = w[14, 12]
    if w[15] {
      if opc == 0 {
        return .atomic(.swap, size: size, acquire: w[23], release: w[22], s: w.m, t: w.t, n: w.nOrSP)
      }
      // LDAPR has A = 1, R = 0 and Rs = 31.
      if opc == 4 && w[23, 22] == 2 && w[20, 16] == 31 {
        return .load(Load(size: size, t: w.t, addressing: .offset(n: w.nOrSP, 0), ordering: .acquirePC))
      }
      return .undefined
    }
    let operation = AtomicOperation(rawValue: UInt8(opc))!
    return .atomic(operation, size: size, acquire: w[23], release: w[22], s: w.m, t: w.t, n: w.nOrSP)
  }
}
