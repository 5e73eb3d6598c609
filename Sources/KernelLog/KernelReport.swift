// Owns the facts that a kernel logged about one fault: an oops, a panic, or an unhandled fault of a program.
// It does not know what they mean, nor the lines from which they were read.

/// What the kernel logged about one fault. What the log did not hold is nil or empty.
public struct KernelReport: Sendable {
  public enum Kind: String, Sendable {
    /// The kernel's own exception.
    case oops
    /// The kernel's stack overflowed, which is a panic.
    case stackOverflow = "stack overflow"
    /// A program's exception that no handler took.
    case program = "program fault"
  }

  public var kind: Kind
  /// What the kernel calls it, as in `NULL pointer dereference` or `level 2 translation fault`.
  public var message: String
  /// The faulting virtual address: FAR_EL1 without its tag.
  public var address: UInt64?
  public var esr: UInt64?
  /// The number behind `#` of an oops: 1 for the first since the kernel started.
  public var number: UInt64?
  public var task: String?
  public var process: UInt64?
  public var cpu: UInt64?
  /// The kernel's release, as in `6.12.117+deb13-cloud-arm64`.
  public var release: String?
  /// The letters of the kernel's taint.
  public var taint = ""
  public var pageTable: LoggedPageTable?
  /// X0 to X30.
  public var general = [UInt64?](repeating: nil, count: 31)
  public var sp: UInt64?
  public var pc: UInt64?
  public var pstate: UInt64?
  /// The PC as a symbol with offset, as in `vfs_fsync+0x1c/0x98`; so with LR.
  public var pcSymbol: String?
  public var lrSymbol: String?
  public var mapping: LoggedMapping?
  /// The words before the PC and the one at the PC; nil for a word that the kernel could not read.
  public var code: [UInt32?] = []
  /// The index in `code` of the word at the PC.
  public var faultingWord: Int?
  public var trace: [String] = []
  public var stacks: [LoggedStack] = []
  /// Lines that say what was wrong in words, as `kernel BUG at ...` or `list_del corruption`.
  public var notes: [String] = []

  public init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }
}

extension KernelReport {
  /// The PC's offset in its function, from `vfs_fsync+0x1c/0x98`.
  public var offsetInFunction: UInt64? {
    guard let symbol = pcSymbol, let plus = symbol.lastIndex(of: "+") else { return nil }
    var line = LineScanner(Array(symbol[plus...].utf8).dropFirst())
    return line.hexadecimal()
  }
}

/// The page tables of the faulting address as the kernel printed them.
public struct LoggedPageTable: Sendable {
  /// Whether they are a program's (TTBR0_EL1) or the kernel's own (TTBR1_EL1).
  public var isUser = true
  /// Bytes of a page; 0 where the log did not say.
  public var pageSize: UInt64 = 0
  /// Bits of a virtual address; 0 where the log did not say.
  public var addressBits = 0
  /// The physical address of the top table.
  public var root: UInt64?
  /// The entries from the top: `pgd`, `p4d`, `pud`, `pmd` or `pte`, and the descriptor.
  public var entries: [(name: String, value: UInt64)] = []
  /// Why there are none, in the kernel's words.
  public var refusal: String?
}

/// The mapping that holds a program's PC.
public struct LoggedMapping: Sendable {
  public var file: String
  /// The PC's offset in the file, which kernels print since 6.8.
  public var offset: UInt64?
  public var start: UInt64
  /// Bytes.
  public var size: UInt64

  public init(file: String, offset: UInt64?, start: UInt64, size: UInt64) {
    self.file = file
    self.offset = offset
    self.start = start
    self.size = size
  }
}

public struct LoggedStack: Sendable {
  /// `Task`, `IRQ` or `Overflow`.
  public var name: String
  public var range: ClosedRange<UInt64>
}
