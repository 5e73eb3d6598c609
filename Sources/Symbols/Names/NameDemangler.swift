// Owns names as their language writes them: which are mangled, which helper reads them, and what was answered before.
// It does not read mangled names itself: names come from guest programs, and a hostile one must only end a helper.
import ELFFormat
import Foundation

/// Names of C++, Rust and Swift as people write them.
public final class NameDemangler {
  private let symbolizer: Symbolizer
  private let swiftDemangle: String?
  private var answered: [String: String] = [:]
  /// The most names that are kept.
  private static let most = 1 << 16
  /// The longest mangled name in bytes that a helper is given.
  private static let longest = 2048

  init(_ symbolizer: Symbolizer, _ tools: HelperTools) {
    self.symbolizer = symbolizer
    swiftDemangle = tools.swiftDemangle
  }

  private enum Scheme { case llvm, swift }

  private static func scheme(_ name: String) -> Scheme? {
    // A name is one word of a question.
    guard name.utf8.allSatisfy({ (0x21..<0x7f).contains($0) }) else { return nil }
    if name.hasPrefix("_Z") || name.hasPrefix("_R") { return .llvm }
    return name.hasPrefix("$s") || name.hasPrefix("$S") || name.hasPrefix("_$s") || name.hasPrefix("_$S") ? .swift : nil
  }

  /// The name of a symbol of a module without mangling; nil if it is not mangled or no helper can read it.
  func demangled(_ symbol: SymbolTable.Symbol, in module: LoadedModule) -> String? {
    guard Self.scheme(symbol.name) != nil else { return nil }
    load([symbol], in: module)
    return answered[symbol.name].flatMap { $0 == symbol.name ? nil : $0 }
  }

  /// The address, in the file, of a name as people write it: with its parameters, or without them for the first that fits.
  func address(of name: String, in module: LoadedModule) -> UInt64? {
    // A mangled name has each identifier behind its length, which leaves few names to be read. Swift has words of its own at the end, as in
    // `Box.value.getter`.
    let identifiers = Self.identifiers(name).map { "\($0.utf8.count)\($0)" }
    guard let last = identifiers.last else { return nil }
    let candidates = module.symbols.symbols.filter { symbol in
      switch Self.scheme(symbol.name) {
      case .llvm: symbol.name.contains(last)
      case .swift: identifiers.contains { symbol.name.contains($0) }
      case nil: false
      }
    }
    load(candidates, in: module)
    let written = candidates.map { answered[$0.name] ?? $0.name }
    let exact = written.firstIndex(of: name) ?? written.firstIndex { Self.withoutParameters($0) == name }
    return exact.map { candidates[$0].address }
  }

  /// Reads the names of several symbols at once.
  private func load(_ symbols: [SymbolTable.Symbol], in module: LoadedModule) {
    if answered.count > Self.most { answered = [:] }
    let missing = symbols.filter { answered[$0.name] == nil && $0.name.utf8.count <= Self.longest }
    for isData in [false, true] {
      let some = missing.filter { Self.scheme($0.name) == .llvm && ($0.kind == .object) == isData }
      if some.isEmpty { continue }
      let names = symbolizer.names(some.map(\.address), isData: isData, in: module)
      for (symbol, name) in zip(some, names) { answered[symbol.name] = name?.withoutHash ?? symbol.name }
    }
    let swift = missing.filter { Self.scheme($0.name) == .swift }.map(\.name)
    if !swift.isEmpty { for (name, text) in zip(swift, readSwift(swift)) { answered[name] = text } }
  }

  /// What swift-demangle says about names; it writes only when its input ends, so each call is a process of its own.
  private func readSwift(_ names: [String]) -> [String] {
    guard let swiftDemangle, let helper = HelperProcess(swiftDemangle, ["--simplified"]),
      let lines = try? helper.exchange(names, patience: Symbolizer.usualPatience, endsInput: true)
    else { return names }
    return lines.map(\.printable)
  }

  /// The identifiers of a name in front of its parameters: `foo`, `S` and `bar` of `foo::S<int>::bar(int) const`.
  static func identifiers(_ name: String) -> [String] {
    let path = withoutParameters(name)
    var depth = 0
    var plain = ""
    for character in path {
      if character == "<" { depth += 1 }
      if depth == 0 { plain.append(character) }
      if character == ">" { depth = max(0, depth - 1) }
    }
    let parts = plain.split { $0 == ":" || $0 == "." || $0 == " " }
    return parts.map { String($0.prefix { $0.isLetter || $0.isNumber || $0 == "_" }) }.filter { !$0.isEmpty }
  }

  /// A function's name without its parameters and its result's type: `foo::bar` of `int foo::bar(int)`.
  static func withoutParameters(_ name: String) -> String {
    var depth = 0
    var start = name.startIndex
    var index = name.startIndex
    while index < name.endIndex {
      let rest = name[index...]
      if rest.hasPrefix("(anonymous namespace)") {
        index = name.index(index, offsetBy: "(anonymous namespace)".count)
        continue
      }
      if rest.hasPrefix("operator()") {
        index = name.index(index, offsetBy: "operator()".count)
        continue
      }
      switch name[index] {
      case "<": depth += 1
      case ">": depth = max(0, depth - 1)
      case "(" where depth == 0: return String(name[start..<index])
      case " " where depth == 0 && !name[start..<index].hasSuffix("operator"): start = name.index(after: index)
      default: break
      }
      index = name.index(after: index)
    }
    return start == name.endIndex ? name : String(name[start...])
  }
}
