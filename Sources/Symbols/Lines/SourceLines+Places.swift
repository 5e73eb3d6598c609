// Owns the way back from source to addresses: the code of a line, the extent of a line's code, and where a function's body begins.
// It does not read line tables: it asks for the lines of a function's instructions, one by one, and remembers them.
import ELFFormat

extension SourceLines {
  /// The largest function in bytes of which all lines are asked for, and the most functions that are looked at.
  private static let largestFunction: UInt64 = 1 << 18
  private static let mostFunctions = 1 << 16

  /// The code of one line in a function: the first address, and the first behind it.
  public struct Extent: Hashable, Sendable {
    public let range: Range<UInt64>
    public let source: SourceFrame
  }

  /// The first addresses of a line's code, one in each function that has it: for `break null.c:5`. If no code belongs to the line, the next
  /// line of the file that has some is taken. `file` is a path or its end, as in `null.c`. Empty if the file or the line is not known.
  public func addresses(file: String, line: Int) -> [UInt64] {
    let extents = functions(in: file).flatMap { lineExtents(of: $0).filter { Self.isFile($0.source.file, file) && $0.source.line >= line } }
    guard let best = extents.map(\.source.line).min() else { return [] }
    var addresses: [UInt64] = []
    for extent in extents where extent.source.line == best {
      let function = functionRange(at: extent.range.lowerBound)
      if let last = addresses.last, function?.contains(last) == true { continue }
      addresses.append(extent.range.lowerBound)
    }
    return addresses
  }

  /// The code around an address that belongs to the same line; nil without debug information.
  public func extent(at address: UInt64) -> Extent? {
    functionRange(at: address).flatMap { lineExtents(of: $0).first { $0.range.contains(address) } }
  }

  /// Where the body of the function at an address begins, behind its prologue: the second line of its code. It is the function's start if
  /// there is only one line, and nil without debug information.
  public func bodyStart(ofFunctionAt address: UInt64) -> UInt64? {
    guard let function = functionRange(at: address) else { return nil }
    let extents = lineExtents(of: function)
    return extents.dropFirst().first { $0.source.line > 0 }?.range.lowerBound ?? extents.first?.range.lowerBound
  }

  /// The lines of a function's code in the order of its addresses.
  private func lineExtents(of function: Range<UInt64>) -> [Extent] {
    let addresses = Array(stride(from: function.lowerBound, to: function.upperBound, by: 4))
    load(addresses)
    var extents: [Extent] = []
    for address in addresses {
      guard let source = line(at: address) else { continue }
      if let last = extents.last, last.range.upperBound == address, last.source.line == source.line, last.source.file == source.file {
        extents[extents.count - 1] = Extent(range: last.range.lowerBound..<address + 4, source: last.source)
      } else {
        extents.append(Extent(range: address..<address &+ 4, source: source))
      }
    }
    return extents
  }

  /// The function at an address, by the symbols.
  private func functionRange(at address: UInt64) -> Range<UInt64>? {
    for module in modules {
      guard let (symbol, _) = module.symbols.nearest(address &- module.bias), let range = Self.range(symbol, module) else { continue }
      return range
    }
    return nil
  }

  private static func range(_ symbol: SymbolTable.Symbol, _ module: LoadedModule) -> Range<UInt64>? {
    let start = symbol.address &+ module.bias
    guard symbol.kind == .function, symbol.size > 0, symbol.size <= largestFunction, start & 3 == 0, start <= .max - symbol.size - 8 else {
      return nil
    }
    return start..<start + symbol.size
  }

  /// The most bytes of code with lines in which every function is looked at.
  private static let mostCode: UInt64 = 1 << 18

  /// Where a function was inlined into others: the first address of each place, in the order of addresses. `name` is the function's name,
  /// for C++ also without its arguments. Where a program has much code, only the functions that begin in the same file are looked at.
  public func inlinedPlaces(of name: String) -> [UInt64] {
    struct Place: Hashable {
      let function: UInt64
      /// The callers with the lines of the calls, which tell one call from another.
      let callers: ArraySlice<SourceFrame>
    }
    var functions = knownFunctions
    if functions.reduce(0, { $0 + UInt64($1.count) }) > Self.mostCode {
      let file = modules.lazy.compactMap { module in module.symbols.symbols.first { $0.name == name }.map { $0.address &+ module.bias } }
        .first.flatMap { self.frames(at: $0).last?.file }
      functions = functions.filter { file != nil && frames(at: $0.lowerBound).last?.file == file }
    }
    load(functions.flatMap { stride(from: $0.lowerBound, to: $0.upperBound, by: 4) })
    var places: [Place: UInt64] = [:]
    for function in functions {
      for address in stride(from: function.lowerBound, to: function.upperBound, by: 4) {
        let frames = frames(at: address)
        for (level, frame) in frames.enumerated().dropLast() where frame.function == name || frame.function.hasPrefix(name + "(") {
          let place = Place(function: function.lowerBound, callers: frames[(level + 1)...])
          places[place] = min(places[place] ?? .max, address)
        }
      }
    }
    return places.values.sorted()
  }

  /// The functions that may have code from a file. A function of another file may have it too, by inlining; where a program has much code,
  /// only the functions that begin in the file are looked at.
  private func functions(in file: String) -> [Range<UInt64>] {
    let known = knownFunctions
    if known.reduce(0, { $0 + UInt64($1.count) }) <= Self.mostCode { return known }
    return known.filter { frames(at: $0.lowerBound).contains { Self.isFile($0.file, file) } }
  }

  /// The functions with source lines.
  private var knownFunctions: [Range<UInt64>] {
    let all = modules.filter(\.hasDebugInformation).flatMap { module in
      module.symbols.symbols.prefix(Self.mostFunctions).compactMap { Self.range($0, module) }
    }
    load(all.map(\.lowerBound))
    var seen: Set<UInt64> = []
    return all.filter { !frames(at: $0.lowerBound).isEmpty && seen.insert($0.lowerBound).inserted }
  }

  /// Whether a path ends with the parts of another one.
  static func isFile(_ path: String?, _ wanted: String) -> Bool {
    guard let path, !wanted.isEmpty else { return false }
    return path == wanted || path.hasSuffix(wanted.hasPrefix("/") ? wanted : "/" + wanted)
  }
}
