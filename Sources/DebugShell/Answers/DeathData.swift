// Owns the data about a death, an address, and the calls that changed its mapping. It does not know how a report is made.
import Laboratory
import LinuxKernel

/// A system call that changed the mapping of an address.
struct MappingChangeData: Codable, Sendable {
  /// mapped, unmapped, protected, movedAway or movedHere.
  let change: String
  let start: HexadecimalText
  let end: HexadecimalText
  let systemCall: String
  let task: Int32
  /// The number of instructions that had retired.
  let instruction: UInt64
  /// The functions from which it came, the innermost first, as in `release (uaf.c:9)`.
  let from: [String]

  init(_ change: MappingChangeStory) {
    self.change = "\(change.event.change)"
    start = HexadecimalText(change.event.start)
    end = HexadecimalText(change.event.end)
    systemCall = SystemCallNames.name(change.event.systemCall) ?? "\(change.event.systemCall)"
    task = change.event.task.rawValue
    instruction = change.event.instruction
    from = change.places
  }
}

struct MappingChangesData: Codable, Sendable {
  let changes: [MappingChangeData]
}

/// Why a program died or is about to, or what an address is.
struct WhyData: Codable, Sendable {
  /// The signal, and its si_code by name; none for an address.
  var signal: String?
  var code: String?
  /// The address that the program used, or that was asked for.
  var address: HexadecimalText?
  /// What the address is.
  var meaning: String?
  /// The calls that changed its mapping, the latest first.
  var changes: [MappingChangeData] = []
  /// Where the program stands.
  var place: InstructionData?
  var frames: [FrameData] = []
}
