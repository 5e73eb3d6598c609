// Owns all that the files of a program tell people who debug it: names, source lines, and stacks in these words.
// It does not know processes: its caller makes a new one when other files are loaded.
import ELFFormat

/// A program's debug information: one for each set of loaded files. It starts the helper processes when it first needs them; they end
/// when it goes.
public final class DebugInformation {
  /// The files, in the order in which names are searched.
  public let modules: [LoadedModule]
  /// Names by address and addresses by name.
  public let symbols: ProgramSymbols
  /// Source lines and inlined functions by address.
  public let lines: SourceLines
  private let unwinder: Unwinder

  public init(_ modules: [LoadedModule], tools: HelperTools = .found) {
    self.modules = modules
    let symbolizer = Symbolizer(tools)
    symbols = ProgramSymbols(modules, names: NameDemangler(symbolizer, tools))
    lines = SourceLines(modules, symbolizer)
    unwinder = Unwinder(modules)
  }

  /// The stack of the functions that have not returned. `read` reads memory without side effects, and returns nil if any byte is not
  /// mapped.
  public func backtrace(
    _ registers: UnwindRegisters, _ limits: BacktraceLimits = BacktraceLimits(), read: (_ address: UInt64, _ count: Int) -> [UInt8]?
  ) -> Backtrace {
    unwinder.backtrace(registers, limits, read: read)
  }

  /// A frame in words: functions that were inlined at its pc come first, each as one description.
  public func describe(_ frame: StackFrame) -> [FrameDescription] {
    if frame.kind == .signal {
      return [FrameDescription(frame: frame, function: "<signal handler called>", offset: nil, isInlined: false, source: nil)]
    }
    // The place is that of the call, but the offset is that of the pc.
    let place = symbols.place(frame.lookup)
    let offset = place.map { frame.pc &- $0.start }
    let sources = lines.frames(at: frame.lookup)
    guard let outer = sources.last else {
      return [FrameDescription(frame: frame, function: place?.name, offset: offset, isInlined: false, source: nil)]
    }
    let inlined = sources.dropLast().map {
      FrameDescription(frame: frame, function: $0.function, offset: nil, isInlined: true, source: $0)
    }
    return inlined + [
      FrameDescription(frame: frame, function: place?.name ?? outer.function, offset: offset, isInlined: false, source: outer)
    ]
  }
}

/// One line of a backtrace: a function, or one that was inlined into it.
public struct FrameDescription: Equatable, Sendable {
  public let frame: StackFrame
  /// The function's name; nil if no symbol covers it.
  public let function: String?
  /// The distance of the pc from the function's start in bytes; nil for an inlined function and without a symbol.
  public let offset: UInt64?
  /// Whether the function was inlined into the next description's.
  public let isInlined: Bool
  /// The file and line; nil without debug information.
  public let source: SourceFrame?

  /// `main+76 (uaf.c:11)`; `??` stands for a function without a name.
  public var text: String {
    let name = function ?? "??"
    let place = offset.map { $0 == 0 ? name : "\(name)+\($0)" } ?? name
    return place + (source?.shortPlace.map { " (\($0))" } ?? "")
  }
}
