// Owns the explanation of one report of a kernel's log: what happened, the syndrome, the tables, the code, and hints that follow from them.
// It does not know how a log is read.
import Architecture
import Debugging
import Decoding
import LinuxKernel

/// The explanation of a report.
public struct OopsExplanation: Sendable {
  public let report: KernelReport
  public let syndrome: ESRExplanation?
  public let outcomes: [ExceptionOutcome]
  /// What Linux's own words for the fault mean, and whether they follow from the numbers.
  public let meaning: String?
  public let walk: LoggedWalk?
  public let verdict: LoggedWalk.Verdict?
  /// Bits of the descriptor that refuse the access.
  public let refusals: [String]
  public let code: [CodeLine]
  public let access: LoggedAccess?
  public let hints: [String]

  /// One word of the code line; nil where the kernel could not read it.
  public struct CodeLine: Sendable {
    public let word: UInt32?
    public let text: String
    public let isFaulting: Bool
  }

  public init(_ report: KernelReport) {
    self.report = report
    let esr = report.esr.map { ExceptionSyndrome(rawValue: $0) }
    syndrome = esr.map { ESRExplanation($0) }
    // A report says which level its exception came from.
    let origin = report.kind == .program ? "EL0" : "EL1"
    outcomes = esr.map { ExceptionOutcome.all($0).filter { $0.origin == origin } } ?? []
    let walk = report.pageTable.map { LoggedWalk($0) }
    self.walk = walk
    let isAbort = esr.map { $0.isDataAbort || $0.isInstructionAbort } ?? false
    verdict = isAbort ? walk.flatMap { walk in esr.map { walk.verdict($0.faultStatus) } } : nil
    let hasPAN = report.pstate.map { $0 >> 22 & 1 != 0 } ?? false
    refusals = esr.flatMap { esr in walk.map { $0.refusals(esr, pan: hasPAN) } } ?? []
    meaning = OopsWords.meaning(report)
    let pc = report.pc ?? report.offsetInFunction
    code = report.code.enumerated().map { index, word in
      let place = (pc ?? 0) &+ UInt64(bitPattern: Int64(index - (report.faultingWord ?? index)) * 4)
      let text = word.map { InstructionText.describe($0, at: place) } ?? "could not be read"
      return CodeLine(word: word, text: text, isFaulting: index == report.faultingWord)
    }
    // After an Instruction Abort the word at the PC, if there is one, is not what caused the abort.
    access = esr?.isInstructionAbort == true ? nil : LoggedAccess(report)
    hints = OopsHints.all(report, esr, access)
  }

  /// `NULL pointer dereference at 0x10`.
  public var title: String { report.message + (report.address.map { " at \(hexadecimal($0))" } ?? "") }
}

/// The access of the word at the PC, by the registers of the log.
public struct LoggedAccess: Sendable {
  public let instruction: String
  public let expression: String
  public let registers: [(name: String, value: UInt64)]
  /// The first byte of the access; nil where the log has not all of its registers.
  public let address: UInt64?
  /// Bytes of the access; 0 for maintenance of a line.
  public let size: UInt64
  /// Whether the fault's address lies in the access; nil where one of them is not known.
  public let agrees: Bool?

  init?(_ report: KernelReport) {
    guard let index = report.faultingWord, report.code.indices.contains(index), let word = report.code[index], let decoder = try? Decoder(),
      let access = MemoryAccess(decoder.decode(word))
    else { return nil }
    func value(_ register: Register) -> UInt64? {
      register == .sp ? report.sp : register == .zero ? 0 : report.general[Int(register.rawValue)]
    }
    instruction = InstructionText.describe(word)
    expression = access.expression
    size = access.size
    registers = access.registers.compactMap { register in value(register).map { (register.name, $0) } }
    address = report.pc == nil && access.registers.isEmpty ? nil : access.address(pc: report.pc ?? 0, value)
    agrees = address.flatMap { start in
      report.address.map { fault in
        // Linux logs the address without the tag of an address of the lower half.
        let first = start >> 55 & 1 == 0 ? start & 0x00ff_ffff_ffff_ffff : start
        return fault &- first < max(access.size, 1) || access.size == 0 && fault &- (first & ~63) < 64
      }
    }
  }
}
