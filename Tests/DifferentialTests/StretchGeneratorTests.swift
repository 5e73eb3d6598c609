// Owns tests of the generator's promises: the same stretches for a seed, words of the requested class, no excluded word.
// It does not know what the words do.
import Architecture
import Testing

@testable import Differential

struct StretchGeneratorTests {
  @Test func everyClassGivesItsOwnWords() {
    for (index, kind) in EncodingClass.all.enumerated() {
      var generator = StretchGenerator(seed: 5, classes: [index])
      for _ in 0..<50 {
        let stretch = generator.next()
        #expect((1...Stretch.wordLimit).contains(stretch.words.count) && stretch.classes.allSatisfy { $0 == index })
        // The offsets of branches are set after the draw. A pair's second word and a filler are not drawn from the pattern.
        for word in stretch.words where word != Stretch.nop && kind.name != "exclusive" {
          #expect(kind.patterns.contains { $0.matches(word) }, "\(kind.name): \(bareHexadecimal(word, digits: 8))")
          let control = Exclusion.row(of: word)?.control
          #expect(
            control == nil || control! != 0 && stretch.input.fpcr & control! == 0, "\(kind.name): \(bareHexadecimal(word, digits: 8))")
        }
      }
      #expect(generator.tried[index] > 50, "\(kind.name)")
    }
  }

  @Test func aSeedGivesTheSameStretches() {
    let classes = [0, 7, 40]
    var a = StretchGenerator(seed: 9, classes: classes)
    var b = StretchGenerator(seed: 9, classes: classes)
    var c = StretchGenerator(seed: 10, classes: classes)
    for _ in 0..<20 {
      let (first, second, other) = (a.next(), b.next(), c.next())
      #expect(first.words == second.words && first.input == second.input)
      #expect(first.input != other.input)
    }
  }

  @Test func namesAreUnique() { #expect(Set(EncodingClass.all.map(\.name)).count == EncodingClass.all.count) }
}
