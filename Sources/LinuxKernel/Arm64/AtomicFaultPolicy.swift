// Owns the force-write-fault patch as a policy: which instruction words count as atomics, in which version, and the other
// conditions.
// It does not know the fault path that asks. The masks are those of the posted patch (linux-arm-kernel, May to June 2024).
import Architecture
import LinuxMM

/// Whether a read fault of an atomic read-modify-write is served as a write fault.
public enum AtomicFaultPolicy: String, CaseIterable, Sendable {
  /// Linux as released: the atomic faults twice on a fresh page.
  case stock
  /// Version 1 uses the class mask only and ignores the VMA, so the write fault of a read-only mapping reports WnR = 0.
  case forceWriteV1 = "force-write-v1"
  /// Version 5 covers atomics that write, including CAS and CASP, and only where the VMA is readable and writable.
  case forceWriteV5 = "force-write-v5"

  /// The class of atomic memory operations, which includes LDAPR and LD64B. Bit 26, size and ordering are ignored.
  static func isClassAtomic(_ word: UInt32) -> Bool { word & 0x3b20_0c00 == 0x3820_0000 }

  /// The operations of the class that need write permission.
  static func hasWrite(_ word: UInt32) -> Bool {
    word & 0x3f20_7c00 == 0x3820_0000 || word & 0x3f20_8c00 == 0x3820_0000 || word & 0x7fe0_6c00 == 0x7820_2000
      || word & 0xbf20_4c00 == 0x3820_0000
  }
  static func isCAS(_ word: UInt32) -> Bool { word & 0x3fa0_7c00 == 0x08a0_7c00 }
  static func isCASP(_ word: UInt32) -> Bool { word & 0xbfa0_7c00 == 0x0820_7c00 }

  /// Whether a word counts as an atomic whose read fault becomes a write fault.
  public func matches(_ word: UInt32) -> Bool {
    switch self {
    case .stock: false
    case .forceWriteV1: Self.isClassAtomic(word)
    case .forceWriteV5: Self.isClassAtomic(word) && Self.hasWrite(word) || Self.isCAS(word) || Self.isCASP(word)
    }
  }

  /// Whether the kernel reads the instruction for a read fault of EL0 in this VMA.
  func looksAtInstruction(_ vma: VMArea, needed: VMFlags) -> Bool {
    switch self {
    case .stock: false
    case .forceWriteV1: true
    case .forceWriteV5: needed.contains(.READ) && vma.flags.contains(.WRITE)
    }
  }
}
