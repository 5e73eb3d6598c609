// Owns how the options of a command that may debug a board describe it. It does not know what an image does.
import Laboratory

extension BoardConfiguration {
  /// The board that options describe. It throws one line of text for a mistake.
  init(_ processor: ProcessorOptions, _ decoder: DecoderOptions, memory: String, vcpus: Int) throws {
    if !(1...8).contains(vcpus) { throw UsageError("--vcpus needs 1 to 8, not \(vcpus)") }
    self.init()
    features = try processor.features()
    decodeMode = try decoder.mode()
    memorySize = try Quantity.memory(memory)
    processorCount = vcpus
  }
}

extension SessionOptions {
  /// The board of `--machine`.
  func boardConfiguration() throws -> BoardConfiguration {
    try BoardConfiguration(system.processor, system.decoder, memory: system.memory, vcpus: vcpus)
  }
}

extension ProgramArguments {
  /// Refuses a program beside an image.
  func isAbsentOrFail(beside image: String) throws {
    if let chosen = try chosen() { throw UsageError("a board runs the image \(image); the program \(chosen.path) has no place there") }
  }
}
