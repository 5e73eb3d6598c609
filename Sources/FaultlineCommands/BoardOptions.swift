// Owns how the options of a command that may debug a board describe it. It does not know what an image does.
import Laboratory

extension SessionOptions {
  /// The board of `--machine`. It throws one line of text for a mistake.
  func boardConfiguration() throws -> BoardConfiguration {
    if !(1...8).contains(vcpus) { throw UsageError("--vcpus needs 1 to 8, not \(vcpus)") }
    var board = BoardConfiguration()
    board.features = try system.processor.features()
    board.decodeMode = try system.decoder.mode()
    board.memorySize = try Quantity.memory(system.memory)
    board.processorCount = vcpus
    return board
  }
}

extension ProgramArguments {
  /// Refuses a program beside an image.
  func isAbsentOrFail(beside image: String) throws {
    if let chosen = try chosen() { throw UsageError("a board runs the image \(image); the program \(chosen.path) has no place there") }
  }
}
