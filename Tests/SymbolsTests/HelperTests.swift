// Owns tests of the helper process: answers, and helpers that are absent, die, hang, or talk nonsense. None of these may stop or hang us.
// It does not know DWARF. The helpers are shell scripts in a temporary folder.
import Foundation
import TestSupport
import Testing

@testable import Symbols

@Suite struct HelperTests {
  /// A script that is a helper.
  private final class Script {
    let path: String
    init(_ text: String) throws {
      let file = FileManager.default.temporaryDirectory.appending(path: "faultline-helper-\(UUID().uuidString)")
      try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
      path = file.path
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let module: LoadedModule = {
    var elf = TinyELF([0, 0, 0, 0])
    elf.textAddress = 0x40_0000
    return LoadedModule(name: "tiny", bytes: elf.bytes)
  }()

  private func ask(_ script: String, _ addresses: [UInt64] = [0x40_0000], times: Int = 1) throws -> (
    frames: [[SourceFrame]], warning: String?
  ) {
    let helper = try Script(script)
    let symbolizer = Symbolizer(HelperTools(symbolizer: helper.path), patience: .milliseconds(400))
    var frames: [[SourceFrame]] = []
    for _ in 0..<times { frames += symbolizer.code(addresses, in: module) }
    return (frames, symbolizer.takeWarning().map { $0.replacing(helper.path, with: "helper") })
  }

  private static let answer = #"""
    while read -r kind file address; do
      echo "{\"Address\":\"$address\",\"Symbol\":[{\"FunctionName\":\"inner\",\"FileName\":\"a/b.c\",\"Line\":3,\"Column\":4,\"StartLine\":2},{\"FunctionName\":\"outer\",\"FileName\":\"a/b.c\",\"Line\":9}]}"
    done
    """#

  @Test func answers() throws {
    let (frames, warning) = try ask(Self.answer, (0..<1000).map { 0x40_0000 + $0 })
    #expect(warning == nil && frames.count == 1000)
    #expect(frames.allSatisfy { $0.map(\.function) == ["inner", "outer"] && $0[0].shortPlace == "b.c:3" && $0[0].startLine == 2 })
  }

  /// The module's bytes reach the helper by a file, which is gone afterwards.
  @Test func bytesFromMemory() throws {
    let copy = FileManager.default.temporaryDirectory.appending(path: "faultline-copy-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: copy) }
    let (frames, _) = try ask(
      #"read -r kind file address; f=${file#\"}; f=${f%\"}; cp "$f" \#(copy.path); echo "{\"Address\":\"$address\",\"Symbol\":[{\"FunctionName\":\"$f\",\"FileName\":\"x\",\"Line\":1}]}"; read -r x"#
    )
    #expect(try Data(contentsOf: copy).elementsEqual(module.bytes))
    #expect(!FileManager.default.fileExists(atPath: try #require(frames.first?.first?.function)))
  }

  @Test func anAbsentHelper() throws {
    let symbolizer = Symbolizer(HelperTools(symbolizer: nil))
    #expect(symbolizer.code([0x40_0000], in: module) == [[]] && symbolizer.takeWarning() == nil)
    let wrong = Symbolizer(HelperTools(symbolizer: "/nonexistent/llvm-symbolizer"))
    #expect(wrong.code([0x40_0000], in: module) == [[]])
    #expect(wrong.takeWarning()?.contains("cannot be started") == true && wrong.takeWarning() == nil)
  }

  @Test func helpersThatFail() throws {
    let rows: [(script: String, warning: String)] = [
      ("sleep 60", "helper did not answer within 0 seconds"),
      ("exit 1", "helper ended twice"),
      ("read -r x; exit 1", "helper ended twice"),
      ("read -r x; echo garbage; read -r x", "helper gave an answer that is not understood"),
      (#"read -r x; echo '{"Address":"0x7","Symbol":[]}'; read -r x"#, "helper gave an answer that is not understood"),
      ("read -r x; yes", "helper gave an answer that is not understood"),
      ("read -r x; while :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", "helper "),
    ]
    for (script, warning) in rows {
      let (frames, text) = try ask(script, times: 3)
      #expect(frames == [[], [], []], "\(script)")
      #expect(text?.hasPrefix(warning) == true, "\(script): \(text ?? "no warning")")
    }
  }

  /// A helper that dies is started once more.
  @Test func aHelperThatDiesOnce() throws {
    let mark = FileManager.default.temporaryDirectory.appending(path: "faultline-mark-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: mark) }
    let (frames, warning) = try ask("if [ ! -e \(mark.path) ]; then touch \(mark.path); exit 1; fi\n" + Self.answer)
    #expect(frames.first?.count == 2 && warning == nil)
  }

  @Test func toolsStandBesideSwift() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "faultline-tools-\(UUID().uuidString)").resolvingSymlinksInPath()
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["toolchain/swift", "toolchain/llvm-symbolizer", "other/llvm-symbolizer", "other/swift-demangle"] {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("#!/bin/sh\n".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    try FileManager.default.createDirectory(at: folder.appending(path: "links"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: "links/swift"), withDestinationURL: folder.appending(path: "toolchain/swift"))
    let tools = HelperTools(path: "\(folder.path)/links::relative:\(folder.path)/other")
    #expect(tools.symbolizer == "\(folder.path)/toolchain/llvm-symbolizer")
    #expect(tools.swiftDemangle == "\(folder.path)/other/swift-demangle")
    #expect(HelperTools(path: "").symbolizer == nil)
  }
}
