// Owns the forms of JSON text: a document that people read too, and one line. Keys are sorted in both. It does not know any schema.
import Foundation

public enum JSONText {
  /// A document: indented, with one newline at the end.
  public static func document(_ value: some Encodable) throws -> String {
    try text(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + "\n"
  }

  /// One line, without its newline: what JSON Lines and JSON-RPC over a pipe are made of.
  public static func line(_ value: some Encodable) throws -> String { try text(value, [.sortedKeys, .withoutEscapingSlashes]) }

  private static func text(_ value: some Encodable, _ form: JSONEncoder.OutputFormatting) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = form
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
