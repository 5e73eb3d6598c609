// Owns the places that breakpoints and listings name: functions, lines, addresses. It does not know what is done there.
import Architecture
import Debugging
import Symbols

extension Shell {
  /// The addresses of a place: a function (behind its prologue), FILE:LINE, a LINE of the file that is shown, *ADDRESS, or any expression.
  /// Without text: the next instruction.
  func locations(_ text: String) throws(ShellError) -> [UInt64] {
    if text.isEmpty { return [try requiredTarget().programCounter] }
    if text.hasPrefix("*") { return [try address(String(text.dropFirst()))] }
    if let place = try lineLocation(text) {
      let addresses = addresses(ofLine: place.line, in: place.file)
      if addresses.isEmpty { throw ShellError("No line \(place.line) in file \"\(place.file)\".") }
      return addresses
    }
    if let start = symbols.address(of: text) { return [afterPrologue(start)] }
    return [try address(text)]
  }

  /// The file and line of `FILE:LINE` and of `LINE`; nil if the text is neither.
  func lineLocation(_ text: String) throws(ShellError) -> (file: String, line: Int)? {
    if let match = text.wholeMatch(of: /(.+):([0-9]+)/), let line = Int(match.2), symbols.address(of: text) == nil {
      return (String(match.1), line)
    }
    guard let line = Int(text), text.allSatisfy(\.isNumber) else { return nil }
    guard let file = sourceLine(viewedPC)?.file ?? listed?.file else { return nil }
    return (file, line)
  }
}
