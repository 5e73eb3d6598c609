// Owns the data about places of a program: an address with its function and line, a frame of the stack, an instruction.
// It does not know how they are found.
import Architecture
import Debugging
import Symbols

/// A place in the program's code or data.
struct PlaceData: Codable, Sendable {
  let address: HexadecimalText
  /// The symbol that covers it, with the distance, as in `main+8`.
  let symbol: String?
  let file: String?
  let line: Int?
  /// The text of the source line, if its file can be read.
  let source: String?
}

/// A place, and the instruction there.
struct InstructionData: Codable, Sendable {
  let place: PlaceData
  let word: HexadecimalText?
  let text: String?
}

struct CodeData: Codable, Sendable {
  let instructions: [InstructionData]
}

/// Lines of a source file.
struct SourceData: Codable, Sendable {
  let file: String
  /// The number of the first line, from 1.
  let firstLine: Int
  let lines: [String]
}

/// One function of the stack. Functions that were inlined stand before the one that they were inlined into, with the same level.
struct FrameData: Codable, Sendable {
  let level: Int
  let pc: HexadecimalText
  let function: String?
  let isInlined: Bool
  let file: String?
  let line: Int?
  let sp: HexadecimalText
}

struct BacktraceData: Codable, Sendable {
  let frames: [FrameData]
  /// The number of frames that are not among `frames`.
  let omitted: Int
  /// Why the stack could not be followed to its end.
  let stopped: String?
}

extension FrameData {
  init(_ description: FrameDescription) {
    level = description.frame.level
    pc = HexadecimalText(description.frame.pc)
    function = description.function
    isInlined = description.isInlined
    file = description.source?.file
    line = description.source?.line
    sp = HexadecimalText(description.frame.registers.sp)
  }
}

extension Shell {
  func placeData(_ address: UInt64) -> PlaceData {
    let line = sourceLine(address)
    return PlaceData(
      address: HexadecimalText(address), symbol: symbols.name(address), file: line?.file, line: line?.line,
      source: line.flatMap { sources.line($0) })
  }

  func instructionData(_ address: UInt64) -> InstructionData {
    func word(at address: UInt64) -> UInt32? { peek(address, count: 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } } }
    let here = word(at: address)
    return InstructionData(
      place: placeData(address), word: here.map { HexadecimalText(UInt64($0)) },
      text: here.map { InstructionText.describe($0, at: address, after: word(at: address &- 4), symbols: symbols) })
  }

  func frameData(_ frame: StackFrame) -> [FrameData] { debugInformation?.describe(frame).map(FrameData.init) ?? [] }

  func backtraceData(_ stack: Backtrace) -> BacktraceData {
    var stopped: String?
    if case .corrupt(let reason) = stack.end { stopped = reason }
    return BacktraceData(frames: (stack.first + stack.last).flatMap { frameData($0) }, omitted: stack.omitted, stopped: stopped)
  }
}
