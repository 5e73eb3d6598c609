// Owns the list of what an expression may ask for. It does not know who answers.

/// What an expression may ask for. A name that is missing is an error of the expression.
protocol ExpressionNames {
  func register(_ name: String) throws(ShellError) -> ExpressionValue
  /// A number of a view of a vector register: of `v0` the fields `d` and `u`, and there the number 1.
  func lane(_ register: String, _ fields: [String], _ index: Int) throws(ShellError) -> ExpressionValue
  func symbol(_ name: String) throws(ShellError) -> ExpressionValue
  /// `$1`; 0 stands for the latest value, `$`.
  func shown(_ number: Int) throws(ShellError) -> ExpressionValue
  /// A word of the shell's own, as `far`; nil if it has none of this name.
  func word(_ name: String) throws(ShellError) -> ExpressionValue?
  /// A field of such a word, as `esr.wnr`, or with an argument `pte(ADDRESS).af`.
  func field(_ name: String, of word: String, _ argument: ExpressionValue?) throws(ShellError) -> ExpressionValue
  /// The value of `size` bytes of memory, little-endian.
  func memory(_ address: UInt64, size: Int) throws(ShellError) -> UInt64
}
