// Owns the places in source files that belong to addresses, and the inlined functions there, with what was answered before.
// It does not know DWARF: a helper process reads it. Where there is no helper or no debug information, there is no answer and no error.

/// A function at an address, with the line of its source.
public struct SourceFrame: Hashable, Sendable {
  /// The function's name as people write it.
  public let function: String
  /// The path of the source file as the compiler had it, from the folder of the build; nil if it is not known.
  public let file: String?
  /// The line, from 1; 0 if the code belongs to no line.
  public let line: Int
  /// The column, from 1; 0 if it is not known.
  public let column: Int
  /// The line at which the function begins; 0 if it is not known.
  public let startLine: Int

  /// `null.c:5`, with the last part of the path; nil without a file.
  public var shortPlace: String? {
    file.map { file in
      let name = file.split(separator: "/").last.map(String.init) ?? file
      return line == 0 ? name : "\(name):\(line)"
    }
  }
}

/// Source lines for the addresses of a program.
public final class SourceLines {
  let modules: [LoadedModule]
  private let symbolizer: Symbolizer
  private var answered: [UInt64: [SourceFrame]] = [:]
  /// The most addresses whose answers are kept.
  private static let most = 1 << 16

  public init(_ modules: [LoadedModule], _ symbolizer: Symbolizer) {
    self.modules = modules
    self.symbolizer = symbolizer
  }

  /// The functions at an address where code runs, the innermost inlined one first; the last one is the function in whose code it lies.
  /// Empty if there is no debug information for the address.
  public func frames(at address: UInt64) -> [SourceFrame] {
    if let known = answered[address] { return known }
    load([address])
    return answered[address] ?? []
  }

  /// Asks for several addresses at once, which is faster than one by one; `frames` then has the answers.
  public func load(_ addresses: [UInt64]) {
    if answered.count > Self.most { answered = [:] }
    let missing = addresses.filter { answered[$0] == nil }
    for module in modules {
      let inside = missing.filter { module.containsCode($0) }
      if inside.isEmpty { continue }
      let answers = symbolizer.code(inside.map { $0 &- module.bias }, in: module)
      // Without debug information the helper has the names of object files from the symbol table, and no line.
      for (address, frames) in zip(inside, answers) { answered[address] = frames.contains { $0.line > 0 } ? frames : [] }
    }
    for address in missing where answered[address] == nil { answered[address] = [] }
  }

  /// The innermost function and line at an address; nil if there is none.
  public func line(at address: UInt64) -> SourceFrame? { frames(at: address).first }

  /// The one line about a helper that failed; nil if it did not. Each failure is told once.
  public func takeWarning() -> String? { symbolizer.takeWarning() }
}
