// Owns writing all files of vectors with the help of their judges.
// It does not know what is in a file.
import Foundation

/// Records the files below a folder of fixtures again. The same seed and judges give the same files on every host.
public struct VectorRun {
  let seed: UInt64
  let emulation: Emulation
  let emulationName: String
  let llvm: LLVMDisassembler

  /// `emulationName` is the emulator's name in the first line of each file.
  public init(seed: UInt64, under emulation: Emulation, named emulationName: String, _ llvm: LLVMDisassembler) {
    self.seed = seed
    self.emulation = emulation
    self.emulationName = emulationName
    self.llvm = llvm
  }

  /// The names of all files, below the folder of fixtures.
  public static var files: [String] { VectorFile.all.map(\.name) }

  /// Writes all files, or those named, to `fixtures`. Programs go to `folder`, which must exist. `progress` gets each file's name
  /// and number of rows.
  public func write(_ names: [String], to fixtures: URL, folder: URL, progress: (String, Int) -> Void) throws {
    let llvmName = try llvm.versionName()
    for (index, file) in VectorFile.all.enumerated() where names.isEmpty || names.contains(file.name) {
      var sources = VectorSources(
        judge: VectorJudge(emulation: emulation, folder: folder), llvm: llvm, judgeName: emulationName, llvmName: llvmName,
        random: RandomOperands(seed: seed &* 0x1_0000 &+ UInt64(index)))
      let lines = try file.lines(&sources)
      try lines.map { $0 + "\n" }.joined().write(to: fixtures.appending(path: file.name), atomically: true, encoding: .utf8)
      progress(file.name, lines.count - 1)
    }
  }
}
