// Owns the lines of source files, and the way from a file and line to an address. It does not know DWARF: the symbols' lines do.
import Foundation
import Symbols

/// The source files that have been read.
final class SourceFiles {
  /// Folders in which files are looked for, beside the place where the compiler had them.
  var folders = ["."]
  private var texts: [String: [String]?] = [:]

  /// Reads the files again when they are needed next.
  func forget() { texts = [:] }

  /// The text of a line; nil if the file cannot be found, or has no such line.
  func line(_ frame: SourceFrame) -> String? {
    guard let file = frame.file, frame.line > 0 else { return nil }
    return lines(of: file, frame.line...frame.line)?.first
  }

  /// The lines of a file in a range, as far as it has them; nil if the file cannot be found.
  func lines(of file: String, _ range: ClosedRange<Int>) -> [String]? {
    let text = texts[file] ?? read(file)
    texts[file] = text
    guard let text else { return nil }
    let range = range.clamped(to: 1...max(text.count, 1))
    return text.isEmpty ? [] : Array(text[range.lowerBound - 1..<range.upperBound])
  }

  private func read(_ file: String) -> [String]? {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    for path in [file] + folders.flatMap({ ["\($0)/\(file)", "\($0)/\(name)"] }) {
      // No source file is longer than this; a device would never end.
      guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: 1 << 24) else { continue }
      return String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    return nil
  }
}

extension Shell {
  /// The innermost function and line of code at an address; nil without debug information.
  func sourceLine(_ address: UInt64) -> SourceFrame? { debugInformation?.lines.line(at: address) }

  /// The lowest address of each function whose code has this line of a file, or the next line that has code. `file` is the end of a path.
  func addresses(ofLine line: Int, in file: String) -> [UInt64] {
    debugInformation?.lines.addresses(file: file, line: line) ?? []
  }
}
