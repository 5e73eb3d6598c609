// Owns the comparison of backtraces of real programs with gdb's, recorded by firmware/backtraces/record.sh; and those that gdb cannot be
// asked for: through signals, of deep and of damaged stacks. It does not know how a stack is unwound.
import Debugging
import ELFFormat
import Foundation
import Laboratory
import Symbols
import TestSupport
import Testing

@Suite(.enabled(if: shapesCanRun(), "needs the programs of `make glibc` and llvm-symbolizer"))
struct BacktraceTests {
  static let variants = ["O0", "O2", "omit", "pac", "nocfi", "scanned", "stripped"]

  /// The functions of a stack with file and line, as the recording has them: `leaf shapes.c:18`.
  private static func lines(_ session: Session, _ trace: Backtrace) -> [String] {
    (trace.first + trace.last).flatMap { frame in
      session.debugInformation.describe(frame).map { description in
        plain(description.function ?? "??") + (description.source?.shortPlace.map { " \($0)" } ?? "")
      }
    }
  }

  /// A function's name without what differs: the compiler's suffixes, and which memcpy the processor's features chose.
  private static func plain(_ name: String) -> String {
    let name = String(name.prefix { $0 != "." })
    if name.hasPrefix("__memcpy_") { return "memcpy" }
    return name.hasPrefix("__libc_start_main") ? "__libc_start_main" : name
  }

  private static func trace(_ variant: String, _ shape: String, first: Int = 40, last: Int = 4) throws -> (
    lines: [String], trace: Backtrace
  ) {
    // The path leads to the debug file of a stripped program.
    let session = try Session(SessionConfiguration(), host: MemoryIO())
    try session.load(path: firmwarePath("backtraces/shapes-\(variant)"), arguments: [shape])
    let stop = session.run(until: 50_000_000)
    guard case .killed = stop else { throw Unexpected(description: "\(variant) \(shape): \(stop)") }
    let trace = session.backtrace(BacktraceLimits(first: first, last: last))
    return (lines(session, trace), trace)
  }

  private struct Unexpected: Error, CustomStringConvertible { let description: String }

  /// The recorded lines by shape. The last two variants are the program of -O2.
  private static func recording(_ variant: String) throws -> [(shape: String, lines: [String])] {
    let recorded = ["scanned", "stripped"].contains(variant) ? "O2" : variant
    var rows: [(shape: String, lines: [String])] = []
    for line in try fixture("backtraces/gdb.txt").split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words[0] == "==" {
        rows.append((words[1] == recorded ? words[2] : "", []))
      } else {
        rows[rows.count - 1].lines.append(([plain(words[0])] + words.dropFirst()).joined(separator: " "))
      }
    }
    return rows.filter { $0.shape != "" }
  }

  /// gdb stops at main, so ours may go on; ours ends at _start. Under QEMU gdb does not strip authentication codes, and is lost at the first
  /// return address that has one.
  @Test(arguments: variants)
  func sameAsGDB(variant: String) throws {
    let rows = try Self.recording(variant)
    #expect(rows.count == 13)
    for row in rows {
      let (lines, trace) = try Self.trace(variant, row.shape)
      let lost = variant == "pac" ? row.lines.dropFirst().firstIndex(of: "??") : nil
      let expected = Array(row.lines.prefix(lost ?? row.lines.count))
      #expect(expected.count >= 2 && Array(lines.prefix(expected.count)) == expected, "\(variant) \(row.shape)")
      #expect(trace.end == .complete && lines.last == "_start", "\(variant) \(row.shape)")
    }
  }

  /// A handler on its own stack and on the program's, called for a signal that the program sent itself.
  @Test(arguments: variants, ["signal", "altstack"])
  func throughASignal(variant: String, shape: String) throws {
    let (lines, trace) = try Self.trace(variant, shape)
    let names = lines.map { $0.split(separator: " ").first.map(String.init) ?? "" }
    let handler = variant == "O0" ? ["leaf", "middle", "handler"] : ["leaf", "middle"]
    let inside = trace.first.first { $0.kind == .interrupted }
    #expect(names.starts(with: handler + ["<signal", "__pthread_kill_implementation", "raise", "main"]), "\(lines)")
    #expect(lines[handler.count] == "<signal handler called>" && names.last == "_start" && inside != nil)
    #expect(trace.end == .complete)
  }

  /// The handler of a fault faults too, until the stack is full: each level has four frames or three.
  @Test func manySignals() throws {
    let (lines, trace) = try Self.trace("O0", "segv", first: 9, last: 3)
    #expect(
      lines.prefix(8).map { $0.split(separator: " ")[0] } == [
        "leaf", "middle", "handler", "<signal", "leaf", "middle", "handler", "<signal",
      ])
    #expect(trace.count > 4000 && lines.last == "_start" && trace.end == .complete)
  }

  /// A stack overflow: the two ends of thousands of frames, and their number.
  @Test(arguments: variants)
  func stackOverflow(variant: String) throws {
    let (lines, trace) = try Self.trace(variant, "forever", first: 5, last: 4)
    #expect(lines.prefix(5).allSatisfy { $0.hasPrefix("forever ") })
    #expect(trace.count > 14_000 && trace.count < 18_000 && trace.omitted == trace.count - 9)
    #expect(lines.last == "_start" && trace.end == .complete)
  }

  /// A debug file that only the build's identity leads to, in a directory that the user gave.
  @Test func aDebugDirectory() throws {
    let program = try firmware("backtraces/shapes-stripped")
    let identity = try #require(BuildIdentity.read(program, SectionTable(program))).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    let folder = FileManager.default.temporaryDirectory.appending(path: "faultline-debug-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: ".build-id/\(identity[0])/\(identity.dropFirst().joined()).debug")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    for (contents, expected) in [("shapes-O0", nil), ("shapes-stripped.debug", "leaf")] as [(String, String?)] {
      try Data(try firmware("backtraces/\(contents)")).write(to: file)
      var configuration = SessionConfiguration()
      configuration.debugDirectories = [folder.path]
      let session = try Session(configuration, host: MemoryIO())
      try session.load(bytes: program, path: "shapes", arguments: ["leaf"])
      #expect(session.run(until: 50_000_000) == .killed(11))
      // The file of another build is passed over.
      #expect(session.debugInformation.symbols.place(session.programCounter)?.name == expected)
      #expect(session.debugInformation.lines.line(at: session.programCounter)?.shortPlace == expected.map { _ in "shapes.c:18" })
    }
  }

  @Test(arguments: variants)
  func aSmashedStack(variant: String) throws {
    let (_, trace) = try Self.trace(variant, "smash")
    guard case .corrupt = trace.end else {
      Issue.record("\(trace.end)")
      return
    }
    #expect(trace.first[0].pc == 0x4141_4141_4140 || variant == "pac")
  }
}

/// Outside the suite: its own attribute cannot name it.
private func shapesCanRun() -> Bool {
  HelperTools.found.symbolizer != nil
    && BacktraceTests.variants.allSatisfy { FileManager.default.isReadableFile(atPath: firmwarePath("backtraces/shapes-\($0)")) }
}

@Suite(.enabled(if: HelperTools.found.symbolizer != nil, "needs llvm-symbolizer"))
struct SourceNameTests {
  private func session() throws -> Session {
    let session = try Session(SessionConfiguration(), host: MemoryIO())
    // From bytes: the helper gets them by a temporary file.
    try session.load(bytes: try firmware("backtraces/names"), path: "names")
    #expect(session.run(until: 1_000_000) == .killed(11))
    return session
  }

  @Test func aStackOfTemplatesAndInlinedFunctions() throws {
    let session = try session()
    let trace = session.backtrace()
    let text = trace.first.flatMap { session.debugInformation.describe($0) }.map {
      "\($0.function ?? "??")\($0.isInlined ? " inlined" : "")"
    }
    #expect(
      text == [
        "shapes::Box<int>::get(int) const", "shapes::(anonymous namespace)::hidden(shapes::Box<int> const&)",
        "shapes::twice(shapes::Box<int> const&) inlined", "shapes::crash(shapes::Box<int>, char const*)", "enter", "_start",
      ])
    #expect(trace.end == .complete && session.debugInformation.lines.takeWarning() == nil)
    let line = try #require(session.debugInformation.lines.line(at: session.programCounter))
    #expect(line.shortPlace == "names.cpp:18" && line.file?.hasSuffix("firmware/backtraces/names.cpp") == true && line.column > 0)
  }

  /// From source to addresses, and the extent of a line.
  @Test func linesOfAFile() throws {
    let session = try session()
    let (lines, symbols) = (session.debugInformation.lines, session.debugInformation.symbols)
    let get = try #require(symbols.address(of: "shapes::Box<int>::get"))
    let place = try #require(lines.addresses(file: "names.cpp", line: 18).first)
    #expect(place == get && lines.addresses(file: "backtraces/names.cpp", line: 17) == [place])
    #expect(lines.addresses(file: "ames.cpp", line: 18) == [] && lines.addresses(file: "names.cpp", line: 10_000) == [])
    #expect(lines.addresses(file: "", line: 1) == [])
    let extent = try #require(lines.extent(at: session.programCounter))
    #expect(extent.range.contains(session.programCounter) && extent.source.line == 18)
    #expect(lines.extent(at: 0x10) == nil && lines.bodyStart(ofFunctionAt: 0x10) == nil)
    let crash = try #require(symbols.address(of: "shapes::crash(shapes::Box<int>, char const*)"))
    let body = try #require(lines.bodyStart(ofFunctionAt: crash))
    #expect(body > crash && body < crash + 32)
  }

  /// A name is found as the file has it, and as people write it.
  @Test func namesAsPeopleTypeThem() throws {
    let symbols = try session().debugInformation.symbols
    let crash = try #require(symbols.address(of: "_ZN6shapes5crashENS_3BoxIiEEPKc"))
    #expect(symbols.address(of: "shapes::crash(shapes::Box<int>, char const*)") == crash)
    let first = try #require(symbols.address(of: "shapes::crash"))
    #expect(first == crash || first == symbols.address(of: "shapes::crash(long)"))
    #expect(symbols.address(of: "shapes::Box<int>::get") != nil && symbols.address(of: "shapes::get") == nil)
    #expect(symbols.address(of: "shapes::sink") == symbols.address(of: "_ZN6shapes4sinkE"))
    #expect(symbols.name(crash + 4) == "shapes::crash(shapes::Box<int>, char const*)+4")
    let others = [
      ("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"), ("_RNvCs15kBYyAo9fc_7mycrate3foo", "mycrate::foo"),
      ("$s4main3fooyyF", "foo()"), ("$s4main3BoxV5valueSivg", "Box.value.getter"), ("_Znotmangled", "_Znotmangled"),
    ]
    for (raw, written) in others {
      let address = try #require(symbols.address(of: raw), "\(raw)")
      #expect(symbols.place(address)?.name == written && symbols.place(address)?.rawName == raw)
      #expect(symbols.address(of: written) == address, "\(written)")
    }
    #expect(symbols.description(crash) == "shapes::crash(shapes::Box<int>, char const*) in section .text")
  }
}
