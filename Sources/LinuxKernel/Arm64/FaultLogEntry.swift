// Owns what a history keeps of one abort: its syndrome and place, and what the kernel did. It does not know who keeps it.
import Architecture
import LinuxMM

/// One abort in a fault history.
public struct FaultLogEntry: Sendable, Hashable {
  /// The number of instructions that had retired before it.
  public let instruction: UInt64
  public let pc: UInt64
  public let esr: ExceptionSyndrome
  public let far: UInt64
  /// The signal that the abort became, or 0.
  public let signal: Int32
  /// How the abort was served; nil if it was not, or has not been yet.
  public let service: FaultService?
  /// The number of the task that took it.
  public let task: TaskID

  /// Nil if the record is not about a fault.
  public init?(_ record: TraceRecord) {
    if record.kind != .fault { return nil }
    instruction = record.instruction
    pc = record.c
    esr = ExceptionSyndrome(rawValue: record.a)
    far = record.b
    signal = record.detail & Self.served == 0 ? Int32(record.detail) : 0
    service = record.detail & Self.served == 0 ? nil : FaultService(rawValue: record.detail & ~Self.served)
    task = TaskID(record.task)
  }

  /// The abort that a PE has just taken, before a kernel does anything about it.
  init(_ el1: EL1Interface, task: TaskID) {
    instruction = el1[.retiredInstructions]
    pc = el1[.ELR_EL1]
    esr = ExceptionSyndrome(rawValue: el1[.ESR_EL1])
    far = el1[.FAR_EL1]
    signal = 0
    service = nil
    self.task = task
  }

  /// Set in the `detail` of the record of an abort that was served; the way is below it.
  static let served: UInt8 = 0x80
}
