// Owns tests of a test program's promises: registers and memory are kept, signals are recorded, differences are found and made
// small.
// It does not know QEMU: both sides are the built command.
import Foundation
import TestSupport
import Testing

@testable import Differential

/// The built command as an emulation, and a folder for its programs.
struct BuiltEmulator {
  let folder: URL

  static func emulation(_ name: String = "faultline", cpu: String = "max") -> Emulation {
    #if DEBUG
      let path = packageFolder.appending(path: ".build/debug/faultline").path
    #else
      let path = packageFolder.appending(path: ".build/release/faultline").path
    #endif
    return Emulation(name: name, command: [path, "run", "--cpu", cpu])
  }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "differential-test-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }
  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// The state after each of the stretches.
  func run(_ stretches: [Stretch]) throws -> [StretchState] {
    let path = folder.appending(path: "program")
    try Data(TestProgram(stretches).bytes).write(to: path)
    let output = try Self.emulation().start(path).result()
    return output.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: StretchState.size).map {
        StretchState(UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + StretchState.size]))
      }
    }
  }
}

struct TestProgramTests {
  /// Every register and every byte has a value of its own.
  static func stretch(_ words: [UInt32]) -> Stretch {
    var input = StretchState()
    for index in 0..<32 { input.x[index] = 0x1111_0000_0000_0000 + UInt64(index) * 0x10 }
    for index in 0..<64 { input.v[index] = 0x2222_0000_0000_0000 + UInt64(index) }
    for index in input.window.indices { input.window[index] = 0x3333_0000_0000_0000 + UInt64(index) }
    (input.fpcr, input.fpsr, input.nzcv) = (0x0040_0000, 0x10, 0xa000_0000)
    input.place = TestProgramLayout.address(slot: 0, word: 0)
    return Stretch(words: words, classes: words.map { _ in 0 }, input: input)
  }

  @Test func everythingComesThrough() throws {
    let emulator = try BuiltEmulator()
    defer { emulator.remove() }
    let nothing = Self.stretch([Stretch.nop])
    for state in try emulator.run([nothing, nothing, nothing]) {
      var expected = nothing.input
      expected.place = 0
      #expect(state == expected)
    }
  }

  @Test func signalsAreRecordedAndSkipped() throws {
    let emulator = try BuiltEmulator()
    defer { emulator.remove() }
    // udf; nop; ldr x0, [x1]; ldxr x2, [sp]; add x3, x3, #1
    var stretch = Self.stretch([0, Stretch.nop, 0xf940_0020, 0xc85f_7fe2, 0x9100_0463])
    stretch.input.x[31] = TestProgramLayout.window + 16
    stretch.input.x[1] = 8
    let state = try #require(try emulator.run([stretch]).first)
    #expect((0..<8).map { state.signal($0) } == [4, 0, 11, 0, 0, 0, 0, 0])
    #expect(state.x[2] == 0x3333_0000_0000_0002 && state.x[3] == stretch.input.x[3] + 1 && state.x[0] == stretch.input.x[0])
  }

  /// One side has no LSE, so the only atomic of the stretch must remain.
  @Test func differencesShrinkToTheirWord() throws {
    let emulator = try BuiltEmulator()
    defer { emulator.remove() }
    let comparison = Comparison(
      ours: BuiltEmulator.emulation(), theirs: BuiltEmulator.emulation("without", cpu: "max,-lse"), folder: emulator.folder)
    let shrinker = Shrinker(comparison: comparison, batchSize: 64)
    // add x5, x5, #1; ldadd x0, x4, [x6]; eor x7, x7, x8
    var stretch = Self.stretch([0x9100_04a5, 0xf820_00c4, 0xca08_00e7])
    stretch.input.x[6] = TestProgramLayout.window
    let same = Self.stretch([0x9100_04a5])
    let result = try comparison.run([same, stretch])
    #expect(result.differences.map(\.index) == [1])
    let found = try #require(try shrinker.shrink([stretch]).first?.first)
    #expect(found.words == [1] && found.stretch.words == [Stretch.nop, 0xf820_00c4, Stretch.nop])
    let smallest = try shrinker.reduceOperands(found)
    #expect(smallest.stretch.input.x[6] == TestProgramLayout.window && smallest.stretch.input.x[5] == 0)
    #expect(smallest.theirs?.signal(1) == 4 && smallest.ours?.signal(1) == 0)
  }
}
