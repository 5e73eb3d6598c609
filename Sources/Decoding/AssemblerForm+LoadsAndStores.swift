// Owns how loads, stores, atomics and the moves of SIMD&FP registers are written in base form.
// It does not know whether an offset was scaled or unscaled, because `Instruction` does not keep that: both forms are written as
// LDR and STR.
import Architecture

extension AssemblerForm {
  static func access(_ instruction: Instruction, _ pc: UInt64) -> AssemblerForm? {
    switch instruction {
    case .load(let i):
      let width = i.signExtendTo ?? (i.size == .double ? .x : .w)
      return AssemblerForm(loadName(i), [.of(width, i.t), .place(i.addressing, pc: pc)])
    case .store(let i):
      let base =
        switch i.ordering {
        case .plain, .acquirePC, .acquirePCUnscaled, .nonTemporal: "str"
        case .releaseUnscaled: "stlur"
        case .unprivileged: "sttr"
        case .acquireRelease: "stlr"
        case .limitedOrdering: "stllr"
        }
      return AssemblerForm(base + suffix(i.size), [.transfer(i.size, i.t), .place(i.addressing, pc: pc)])
    case .loadPair(let i):
      let name = i.signed ? "ldpsw" : i.nonTemporal ? "ldnp" : "ldp"
      let width: Width = i.signed || i.size == .double ? .x : .w
      return AssemblerForm(name, [.of(width, i.t), .of(width, i.t2), .place(i.addressing, pc: pc)])
    case .storePair(let i):
      return AssemblerForm(
        i.nonTemporal ? "stnp" : "stp", [.transfer(i.size, i.t), .transfer(i.size, i.t2), .place(i.addressing, pc: pc)])
    case .loadExclusive(let size, let acquire, let t, let t2, let n):
      let name = (acquire ? "ldax" : "ldx") + (t2 == nil ? "r" + suffix(size) : "p")
      return AssemblerForm(name, [.transfer(size, t)] + (t2.map { [.transfer(size, $0)] } ?? []) + [base(n)])
    case .storeExclusive(let size, let release, let s, let t, let t2, let n):
      let name = (release ? "stlx" : "stx") + (t2 == nil ? "r" + suffix(size) : "p")
      return AssemblerForm(name, [.w(s), .transfer(size, t)] + (t2.map { [.transfer(size, $0)] } ?? []) + [base(n)])
    case .atomic(let operation, let size, let acquire, let release, let s, let t, let n):
      let tail = ordering(acquire, release) + suffix(size)
      // Where nothing is loaded the preferred form is ST<op>. SWP and the acquiring forms have no such alias.
      if t == .zero && !acquire && operation != .swap { return AssemblerForm("st\(operation)\(tail)", [.transfer(size, s), base(n)]) }
      return AssemblerForm(
        (operation == .swap ? "swp" : "ld\(operation)") + tail, [.transfer(size, s), .transfer(size, t), base(n)])
    case .compareAndSwap(let size, let acquire, let release, let s, let t, let n):
      return AssemblerForm("cas\(ordering(acquire, release))\(suffix(size))", [.transfer(size, s), .transfer(size, t), base(n)])
    case .compareAndSwapPair(let size, let acquire, let release, let s, let t, let n):
      return AssemblerForm(
        "casp\(ordering(acquire, release))",
        [.transfer(size, s), .transfer(size, next(s)), .transfer(size, t), .transfer(size, next(t)), base(n)])
    case .prefetch(let operation, let addressing):
      return AssemblerForm("prfm", [prefetchName(operation), .place(addressing, pc: pc)])
    case .loadVector(let log2Size, let t, let addressing):
      return AssemblerForm("ldr", [.scalar(log2Size, t), .place(addressing, pc: pc)])
    case .storeVector(let log2Size, let t, let addressing):
      return AssemblerForm("str", [.scalar(log2Size, t), .place(addressing, pc: pc)])
    case .loadVectorPair(let log2Size, let t, let t2, let addressing):
      return AssemblerForm("ldp", [.scalar(log2Size, t), .scalar(log2Size, t2), .place(addressing, pc: pc)])
    case .storeVectorPair(let log2Size, let t, let t2, let addressing):
      return AssemblerForm("stp", [.scalar(log2Size, t), .scalar(log2Size, t2), .place(addressing, pc: pc)])
    default: return nil
    }
  }

  static func vector(_ instruction: Instruction) -> AssemblerForm? {
    switch instruction {
    case .vectorImmediate(let operation, let full, let d, let immediate):
      // The form shows the expanded pattern of each half, because `Instruction` does not keep which of MOVI's many encodings gave
      // it.
      let name: String
      switch operation {
      case .moveHalf: return AssemblerForm("fmov", [.arranged(d, 1, full: full), .immediate(immediate & 0xffff)])
      case .move: name = "movi"
      case .or: name = "orr"
      case .bitClear: name = "bic"
      }
      return AssemblerForm(name, [.arranged(d, 3, full: full), .immediate(immediate)])
    case .moveVectorScalar(let log2Size, let d, let n): return AssemblerForm("fmov", [.scalar(log2Size, d), .scalar(log2Size, n)])
    case .moveVectorScalarImmediate(let log2Size, let d, let bits):
      return AssemblerForm("fmov", [.scalar(log2Size, d), .immediate(bits)])
    case .moveGeneralToVector(let log2Size, let upper, let d, let n):
      return AssemblerForm("fmov", [upper ? .element(d, 3, 1) : .scalar(log2Size, d), .of(log2Size == 3 ? .x : .w, n)])
    case .moveVectorToGeneral(let log2Size, let upper, let d, let n):
      return AssemblerForm("fmov", [.of(log2Size == 3 ? .x : .w, d), upper ? .element(n, 3, 1) : .scalar(log2Size, n)])
    case .duplicateElement(let log2Size, let full, let scalar, let d, let n, let index):
      return AssemblerForm(
        "dup", [scalar ? .scalar(log2Size, d) : .arranged(d, log2Size, full: full), .element(n, log2Size, index)])
    case .duplicateGeneral(let log2Size, let full, let d, let n):
      return AssemblerForm("dup", [.arranged(d, log2Size, full: full), .of(log2Size == 3 ? .x : .w, n)])
    case .insertElement(let log2Size, let d, let index, let n, let sourceIndex):
      return AssemblerForm("ins", [.element(d, log2Size, index), .element(n, log2Size, sourceIndex)])
    case .insertGeneral(let log2Size, let d, let index, let n):
      return AssemblerForm("ins", [.element(d, log2Size, index), .of(log2Size == 3 ? .x : .w, n)])
    case .moveElementToGeneral(let signed, let log2Size, let width, let d, let n, let index):
      return AssemblerForm(signed ? "smov" : "umov", [.of(width, d), .element(n, log2Size, index)])
    case .vectorLogical(let operation, let full, let d, let n, let m):
      return AssemblerForm("\(operation)", [d, n, m].map { .arranged($0, 0, full: full) })
    case .simd(let operation): return simd(operation)
    default: return nil
    }
  }

  private static func base(_ n: Register) -> AssemblerOperand { .memory(base: AssemblerOperand.general(n, .x), offset: 0, .plain) }

  private static func loadName(_ i: Load) -> String {
    let base =
      switch i.ordering {
      case .plain, .nonTemporal, .releaseUnscaled: "ldr"
      case .acquirePCUnscaled: "ldapur"
      case .unprivileged: "ldtr"
      case .acquireRelease: "ldar"
      case .acquirePC: "ldapr"
      case .limitedOrdering: "ldlar"
      }
    guard i.signExtendTo != nil else { return base + suffix(i.size) }
    return base + "s" + (i.size == .word ? "w" : suffix(i.size))
  }

  private static func suffix(_ size: AccessSize) -> String {
    switch size {
    case .byte: "b"
    case .half: "h"
    case .word, .double: ""
    }
  }
  private static func ordering(_ acquire: Bool, _ release: Bool) -> String { (acquire ? "a" : "") + (release ? "l" : "") }

  /// The second register of a CASP pair; the one after 30 is ZR.
  private static func next(_ register: Register) -> Register { Register(register.rawValue + 1) }

  /// The name of a prefetch operation: type, target cache, policy; a number if one of these fields is reserved. Arm ARM C6.2 PRFM.
  private static func prefetchName(_ operation: UInt8) -> AssemblerOperand {
    let type = Int(operation >> 3), target = Int(operation >> 1 & 3)
    guard type < 3, target < 3 else { return .immediate(UInt64(operation)) }
    return .keyword("\(["pld", "pli", "pst"][type])l\(target + 1)\(operation & 1 == 0 ? "keep" : "strm")")
  }
}
