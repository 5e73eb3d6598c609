// Owns asking llvm-objdump which instructions words are, many words at once.
// It does not know our decoder.
import Foundation

/// The host's llvm-objdump.
public struct LLVMDisassembler: Sendable {
  let path: String
  let folder: URL

  /// llvm-objdump ignores `+all`, so each feature is named.
  static let features = [
    "v8.6a", "lse", "crc", "rcpc", "rcpc-immo", "aes", "sha2", "sha3", "sm4", "fullfp16", "fp16fml", "dotprod", "bf16", "i8mm", "pauth",
    "altnzcv", "flagm", "fptoint", "complxnum", "jsconv", "lor", "pan", "pan-rwv", "ras", "sb", "ssbs", "dit", "bti", "predres", "ccpp",
    "ccdp", "rand", "uaops", "specrestrict", "rdm", "am", "vh", "fp-armv8", "neon", "cssc", "wfxt", "xs", "mte",
  ]

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Finds the toolchain's llvm-objdump, or else the one on the path; nil if there is none, or if it does not know the features.
  public init?(folder: URL = FileManager.default.temporaryDirectory) {
    guard let path = Self.candidates().first(where: FileManager.default.isExecutableFile) else { return nil }
    self.path = path
    self.folder = folder
    // The oldest and the newest of the named features.
    guard let answers = try? lines([0x1ad0_43c1, 0x5ac0_2020]).map({ $0?.prefix(4) }), answers == ["crc3", "abs "] else { return nil }
  }

  /// The places to look: beside the toolchain's swift, then on the path.
  private static func candidates() -> [String] {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { URL(filePath: String($0)) }
    let toolchains = folders.map { $0.appending(path: "swift") }.filter { FileManager.default.isExecutableFile(atPath: $0.path) }
      .map { $0.resolvingSymlinksInPath().deletingLastPathComponent() }
    return (toolchains + folders).map { $0.appending(path: "llvm-objdump").path }
  }

  /// One line for each word, as `ldadd w0, w1, [x2]`; nil where the word is not allocated.
  public func lines(_ words: [UInt32], aliases: Bool = true) throws -> [String?] {
    let name = UUID().uuidString
    let object = folder.appending(path: name + ".o")
    let output = folder.appending(path: name + ".txt")
    defer { for file in [object, output] { try? FileManager.default.removeItem(at: file) } }
    try Data(Self.object(words)).write(to: object)
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments =
      ["-d", "-z", "--no-show-raw-insn", "--mattr=" + Self.features.map { "+" + $0 }.joined(separator: ",")]
      + (aliases ? [] : ["-M", "no-aliases"]) + [object.path]
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let found = Self.parse(try Data(contentsOf: output))
    if found.count != words.count { throw Failure(description: "\(path) answered \(found.count) words of \(words.count)") }
    return found
  }

  /// The name and version, as in `llvm-objdump 14.0.6`.
  func versionName() throws -> String {
    let text = try HostCommand.output(path, ["--version"])
    guard let number = text.firstMatch(of: /LLVM version ([0-9.]+)/)?.1 else {
      throw Failure(description: "\(path) does not say its version")
    }
    return "llvm-objdump \(number)"
  }

  /// Parses lines such as `      4: \tldadd\tw0, w1, [x2]`.
  private static func parse(_ output: Data) -> [String?] {
    let (newline, space, tab, colon) = (UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ":"))
    var answers: [String?] = []
    for line in Array(output).split(separator: newline) where line.first == space {
      guard let address = line.firstIndex(of: colon) else { continue }
      let text = line[(address + 1)...].drop { $0 == space || $0 == tab }
      let isUnknown = text.first == UInt8(ascii: "<")
      answers.append(isUnknown ? nil : String(decoding: text.map { $0 == tab ? space : $0 }, as: UTF8.self))
    }
    return answers
  }

  /// A relocatable ELF file with one section of code.
  private static func object(_ words: [UInt32]) -> [UInt8] {
    let size = words.count * 4
    let names = Array("\0.text\0.shstrtab\0".utf8)
    let namesOffset = 64 + size
    let headersOffset = (namesOffset + names.count + 7) & ~7
    var file: [UInt8] = []
    let header: [UInt64] = [
      0x0001_0102_464c_457f, 0, 0x0000_0001_00b7_0001, 0, 0, UInt64(headersOffset), 0x0000_0040_0000_0000, 0x0002_0003_0040_0000,
    ]
    header.withUnsafeBytes { file += $0 }
    words.withUnsafeBytes { file += $0 }
    file += names + [UInt8](repeating: 0, count: headersOffset - namesOffset - names.count)
    let sections: [UInt64] =
      [UInt64](repeating: 0, count: 8)
      + [1 | 1 << 32, 6, 0, 64, UInt64(size), 0, 4, 0]
      + [7 | 3 << 32, 0, 0, UInt64(namesOffset), UInt64(names.count), 0, 1, 0]
    sections.withUnsafeBytes { file += $0 }
    return file
  }
}
