// Owns how a line becomes words as in a POSIX shell: quotes and backslashes keep blanks together. Nothing is expanded.
// It does not know what the words are for.

extension CommandArguments {
  /// The arguments of a program.
  func quotedWords() throws(ShellError) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in text {
      if isEscaped {
        // Between double quotes a backslash is itself before all other characters.
        if quote == "\"" && !"\"\\$`".contains(character) { word = (word ?? "") + "\\" }
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\" && quote != "'" {
        isEscaped = true
      } else if character == quote {
        quote = nil
      } else if quote == nil && (character == "'" || character == "\"") {
        quote = character
        word = word ?? ""
      } else if quote == nil && character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let quote { throw ShellError("There is no closing \(quote) in '\(text)'.") }
    if isEscaped { throw ShellError("Nothing follows the last \\ in '\(text)'.") }
    return words + (word.map { [$0] } ?? [])
  }
}
