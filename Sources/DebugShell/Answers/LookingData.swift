// Owns the data about registers, memory, values, tasks and stop points. It does not know how a command is typed.
import Architecture
import Debugging
import LinuxKernel
import LinuxMM

struct RegisterData: Codable, Sendable {
  let name: String
  let value: HexadecimalText
  /// The upper half of a register of 128 bits.
  let upper: HexadecimalText?

  init(_ register: NamedRegister) {
    name = register.name
    value = HexadecimalText(register.value)
    upper = register.upper.map { HexadecimalText($0) }
  }
}

struct RegistersData: Codable, Sendable {
  let registers: [RegisterData]
}

/// Memory as `x` reads it.
struct MemoryData: Codable, Sendable {
  let start: HexadecimalText
  /// The bytes, two digits each.
  let bytes: String
  /// The address at which the next `x` continues.
  let next: HexadecimalText
}

struct ValueData: Codable, Sendable {
  /// The number by which print's value is known: `$1`.
  let number: Int
  let text: String
  let bits: HexadecimalText
}

/// Symbols by name.
struct SymbolsData: Codable, Sendable {
  struct Row: Codable, Sendable {
    let address: HexadecimalText
    let name: String
  }
  let symbols: [Row]
  let isTruncated: Bool
}

struct AuxiliaryVectorData: Codable, Sendable {
  struct Entry: Codable, Sendable {
    /// The AT_ number of Linux's auxvec.h.
    let type: UInt64
    let value: HexadecimalText
  }
  let entries: [Entry]
}

/// The program, and how far it has come.
struct ProgramData: Codable, Sendable {
  let path: String
  let arguments: [String]
  /// The next instruction.
  let next: PlaceData
  /// The exit status, once the program has exited.
  let status: Int32?
  let isOver: Bool
  /// The numbers of instructions that have retired and of aborts that were taken.
  let instructions: UInt64
  let aborts: Int
}

struct TaskData: Codable, Sendable {
  let task: Int32
  let process: Int32
  let parent: Int32?
  let name: String
  let state: String
  /// The system call in which it sleeps.
  let systemCall: String?
  let isChosen: Bool
  let place: PlaceData
}

struct TasksData: Codable, Sendable {
  let tasks: [TaskData]
}

struct StopPointData: Codable, Sendable {
  let number: Int
  /// gdb's word for its kind: breakpoint, hw watchpoint, catchpoint...
  let type: String
  let isTemporary: Bool
  let isEnabled: Bool
  let place: PlaceData?
  let what: String
  let condition: String?
  let hits: Int
  let ignored: UInt64
  let commands: [String]
}

struct StopPointsData: Codable, Sendable {
  var stopPoints: [StopPointData]
}

extension Shell {
  func stopPointData(_ row: Breakpoint) -> StopPointData {
    StopPointData(
      number: row.number, type: row.typeName, isTemporary: row.isTemporary, isEnabled: row.isEnabled,
      place: row.address.map { placeData($0) },
      what: what(row), condition: row.condition?.text, hits: row.hits, ignored: row.ignored, commands: row.commands)
  }
}
