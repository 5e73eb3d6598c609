// Owns what llvm-symbolizer is asked and what its answers mean. It starts the helper when it is first asked, starts a helper that died
// once more, and gives up one that hangs or talks nonsense. It does not know how a line reaches the helper.
import Architecture
import ELFFormat
import Foundation

/// LLVM's symbolizer: functions and lines for the addresses of a module.
public final class Symbolizer {
  /// How long an answer may take. The first one includes reading a module's debug information.
  static let usualPatience = Duration.seconds(10)
  /// The number of questions of one exchange.
  private static let batch = 256

  private let path: String?
  private let patience: Duration
  private var helper: HelperProcess?
  /// How often a helper may still be started.
  private var starts = 2
  private var warning: String?
  /// The path by which the helper knows a module.
  private var paths: [ObjectIdentifier: String] = [:]
  /// Modules that were written to a temporary file, each with the file.
  private var temporary: [String] = []

  init(_ tools: HelperTools, patience: Duration = usualPatience) {
    path = tools.symbolizer
    self.patience = patience
  }

  deinit { removeTemporaryFiles() }

  /// The functions at each address of a module, the innermost inlined one first. Addresses are the file's own.
  func code(_ addresses: [UInt64], in module: LoadedModule) -> [[SourceFrame]] {
    ask("CODE", addresses, in: module).map { $0?.frames ?? [] }
  }

  /// The names of the functions, or of the data, at each address of a module, without mangling; nil for one that has no name.
  func names(_ addresses: [UInt64], isData: Bool, in module: LoadedModule) -> [String?] {
    ask(isData ? "DATA" : "CODE", addresses, in: module).map { answer in
      guard let name = isData ? answer?.Data?.Name : answer?.Symbol?.last?.FunctionName, !name.isEmpty, name != "??" else { return nil }
      return name.printable
    }
  }

  /// The one line about a helper that failed; nil if it did not, and once it was told.
  func takeWarning() -> String? {
    defer { warning = nil }
    return warning
  }

  /// One line of the helper's output. The names are LLVM's.
  private struct Answer: Decodable {
    struct Function: Decodable {
      let FunctionName: String?
      let FileName: String?
      let Line: Int?
      let Column: Int?
      let StartLine: Int?
    }
    struct Variable: Decodable { let Name: String? }
    let Address: String?
    let Symbol: [Function]?
    let Data: Variable?

    var frames: [SourceFrame] {
      (Symbol ?? []).map { function -> SourceFrame in
        let name = (function.FunctionName ?? "").printable.withoutHash
        let file = function.FileName ?? ""
        return SourceFrame(
          function: name, file: file.isEmpty ? nil : file.printable, line: max(0, function.Line ?? 0), column: max(0, function.Column ?? 0),
          startLine: max(0, function.StartLine ?? 0))
      }
    }
  }

  private func ask(_ kind: String, _ addresses: [UInt64], in module: LoadedModule) -> [Answer?] {
    var answers: [Answer?] = []
    while answers.count < addresses.count {
      let batch = Array(addresses[answers.count..<min(answers.count + Self.batch, addresses.count)])
      guard let some = exchange(kind, batch, in: module) else { break }
      answers += some
    }
    return answers + [Answer?](repeating: nil, count: addresses.count - answers.count)
  }

  /// The answers to one batch of questions; nil if there is no helper any more.
  private func exchange(_ kind: String, _ addresses: [UInt64], in module: LoadedModule) -> [Answer]? {
    while let helper = running(), let file = file(of: module) {
      do throws(HelperProcess.Failure) {
        let lines = try helper.exchange(addresses.map { "\(kind) \"\(file)\" \(hexadecimal($0))" }, patience: patience)
        let answers = lines.compactMap { try? JSONDecoder().decode(Answer.self, from: Data($0.utf8)) }
        let isOrdered = answers.count == addresses.count && zip(answers, addresses).allSatisfy { $0.Address == hexadecimal($1) }
        if !isOrdered { throw .talks }
        // The helper has read the file and keeps it.
        removeTemporaryFiles()
        return answers
      } catch { stop(error) }
    }
    return nil
  }

  private func running() -> HelperProcess? {
    if let helper { return helper }
    guard let path, starts > 0 else { return nil }
    starts -= 1
    helper = HelperProcess(path, ["--output-style=JSON", "--relativenames"])
    if helper == nil { give(up: "cannot be started") }
    return helper
  }

  private func stop(_ failure: HelperProcess.Failure) {
    helper = nil
    paths = [:]
    removeTemporaryFiles()
    switch failure {
    case .ended: if starts == 0 { give(up: "ended twice") }
    case .hung: give(up: "did not answer within \(patience.components.seconds) seconds")
    case .talks: give(up: "gave an answer that is not understood")
    }
  }

  private func give(up reason: String) {
    starts = 0
    warning = "\(path ?? "llvm-symbolizer") \(reason); there are no source lines from here on."
  }

  // MARK: Files

  /// The path of a file with a module's bytes, or of its debug file; nil if none can be written.
  private func file(of module: LoadedModule) -> String? {
    if let known = paths[ObjectIdentifier(module)] { return known }
    let path = module.debugFile?.path ?? module.path.flatMap { Self.holds($0, module.bytes) ? $0 : nil }
    let isPlain = path.map { $0.hasPrefix("/") && !$0.contains { $0 == "\"" || $0.isNewline } } ?? false
    let result = isPlain ? path : write(module.debugFile?.bytes ?? module.bytes)
    paths[ObjectIdentifier(module)] = result
    return result
  }

  private static func holds(_ path: String, _ bytes: [UInt8]) -> Bool {
    guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size == bytes.count else { return false }
    return FileManager.default.contents(atPath: path).map { $0.elementsEqual(bytes) } ?? false
  }

  private func write(_ bytes: [UInt8]) -> String? {
    let file = FileManager.default.temporaryDirectory.appending(path: "faultline-\(UUID().uuidString).elf")
    guard (try? Data(bytes).write(to: file, options: .withoutOverwriting)) != nil else { return nil }
    temporary.append(file.path)
    return file.path
  }

  private func removeTemporaryFiles() {
    for file in temporary { try? FileManager.default.removeItem(atPath: file) }
    temporary = []
  }
}

extension String {
  /// The text with a question mark for each control character: names come from files that may want to write to the terminal.
  var printable: String {
    unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }
      ? String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) ? "?" : $0 })) : self
  }

  /// The name of a Rust function without the hash at its end: `core::fmt::write::h0123456789abcdef`.
  var withoutHash: String {
    let text = utf8
    guard text.count > 19, let start = text.index(text.endIndex, offsetBy: -19, limitedBy: text.startIndex) else { return self }
    let end = text[start...]
    return end.starts(with: "::h".utf8) && end.dropFirst(3).allSatisfy { (48..<58).contains($0) || (97..<103).contains($0) }
      ? String(self[..<start]) : self
  }
}
