// Owns a file of vectors and the list of all of them: its name, how its rows are made, and how they are written.
// It does not know which judge is asked.

/// Everything that a file is recorded with.
struct VectorSources {
  let judge: VectorJudge
  let llvm: LLVMDisassembler
  /// How the judges call themselves in the first line of a file.
  let judgeName: String
  let llvmName: String
  var random: RandomOperands
}

/// A file below Tests/Fixtures that `faultline vectors` writes.
struct VectorFile: Sendable {
  let name: String
  /// The lines of the file; the first says what the columns are and who the judge was.
  let lines: @Sendable (inout VectorSources) throws -> [String]

  static let all: [VectorFile] = integers + [structures] + floatingPoint + [allocation, floatText] + scalarFloat
}
