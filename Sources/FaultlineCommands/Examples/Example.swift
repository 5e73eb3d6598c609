// Owns the example programs that the command carries, each with its source. It does not know what is done with one.
import ArgumentParser
import Foundation
import Laboratory

/// A guest program for Linux, inside the command.
struct Example {
  let name: String
  /// The name of its source file.
  let sourceName: String
  let source: String
  let program: [UInt8]

  static let all = ExampleFiles.programs.map { name, program in
    let source = ExampleFiles.sources.first { $0.name.hasPrefix(name + ".") }!
    return Example(
      name: name, sourceName: source.name, source: String(decoding: bytes(source.base64), as: UTF8.self), program: bytes(program))
  }

  /// The headers that the sources include.
  static var headers: [(name: String, text: String)] {
    ExampleFiles.headers.map { ($0.name, String(decoding: bytes($0.base64), as: UTF8.self)) }
  }

  static func named(_ name: String) throws -> Example {
    if let example = all.first(where: { $0.name == name }) { return example }
    throw UsageError("there is no example '\(name)'; there are \(list(all.map(\.name)))")
  }

  /// What it does: the first sentence of its source's first comment.
  var summary: String {
    let comment = source.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("// ") }.map { $0.dropFirst(3) }
    let text = comment.joined(separator: " ")
    return (text.firstRange(of: ". ").map { String(text[..<$0.lowerBound]) } ?? text.trimmingCharacters(in: ["."])) + "."
  }

  /// The recorder made the text, and a test compares the bytes.
  private static func bytes(_ base64: String) -> [UInt8] { Data(base64Encoded: base64).map([UInt8].init) ?? [] }
}
