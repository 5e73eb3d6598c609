// Owns a file of vectors and the list of all of them: its name, how its rows are made, and how they are written.
// It does not know which judge is asked.

/// The tools with which a file is recorded.
struct VectorSources {
  let judge: VectorJudge
  let llvm: LLVMDisassembler
  /// The judges' names for the first line of a file.
  let judgeName: String
  let llvmName: String
  var random: RandomOperands
}

/// A file below Tests/Fixtures that `faultline vectors` writes.
struct VectorFile: Sendable {
  let name: String
  /// The lines of the file. The first names the columns and the judge.
  let lines: @Sendable (inout VectorSources) throws -> [String]

  static let all: [VectorFile] = integers + [structures] + floatingPoint + [allocation, floatText] + scalarFloat
}
