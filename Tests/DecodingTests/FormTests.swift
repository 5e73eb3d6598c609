// Owns the check of forms: Capstone's answer for the word that represents a form is its answer for every word of the form.
// It does not know which words are instructions.
import TestSupport
import Testing

@testable import Decoding

struct FormTests {
  let capstone: CapstoneDecoder
  init() throws { capstone = try CapstoneDecoder() }

  /// Whether Capstone gives the word and its form the same answer; true for words without an encoding here.
  private func agrees(_ word: UInt32) -> Bool {
    Encoding.decode(word) == .undefined || capstone.recognises(word) == capstone.recognises(FormTable.form(of: word))
  }

  /// Random words of each row, whose registers are equal, or 31, more often than by chance.
  @Test func formsAnswerForTheirWords() {
    var random = SeededRandom(seed: 11)
    for row in FormTable.rows {
      for _ in 0..<2000 {
        let choice = random.next()
        var bits = UInt32(truncatingIfNeeded: choice >> 32)
        if choice & 1 == 1 { bits = bits & ~0x3e0 | (bits & 31) << 5 }
        if choice & 2 == 2 { bits = bits & ~0x7c00 | (bits & 31) << 10 }
        if choice & 4 == 4 { bits = bits & ~0x1f_0000 | (bits >> 5 & 31) << 16 }
        if choice & 24 == 24 { bits |= 31 << [0, 5, 10, 16][Int(choice >> 8) & 3] }
        let word = row.pattern.word(bits)
        #expect(agrees(word), "\(hex(word)) \(row.name)")
      }
    }
  }

  /// Every choice of registers for each load and store whose Rt Capstone compares with Rn: those with write-back, and the
  /// unprivileged ones.
  @Test func registersOfSingleAccesses() {
    for fields in 0..<(1 << 6) as Range<UInt32> {
      // size, V, opc, and bit 10 or 11 set
      let word = (fields >> 4) << 30 | 0x3800_0000 | (fields >> 3 & 1) << 26 | (fields >> 1 & 3) << 22 | (fields & 1 == 0 ? 1 : 2) << 10
      for registers in 0..<1024 as Range<UInt32> { #expect(agrees(word | registers), "\(hex(word | registers))") }
    }
  }

  /// All choices of five registers, 31 among them, in the four fields of exclusives, compare-and-swaps and pairs.
  @Test func registersOfExclusivesAndPairs() {
    let registers: [UInt32] = [0, 1, 2, 30, 31]
    for n in registers {
      for t in registers {
        for t2 in registers {
          let fields = t2 << 10 | n << 5 | t
          for s in registers {
            // size, o2, L, o1, o0
            for o in 0..<(1 << 6) as Range<UInt32> {
              let word = (o >> 4) << 30 | 0x0800_0000 | (o >> 1 & 7) << 21 | (o & 1) << 15 | s << 16 | fields
              #expect(agrees(word), "\(hex(word))")
            }
          }
          // opc, V, mode, L
          for o in 0..<(1 << 6) as Range<UInt32> {
            let word = (o >> 4) << 30 | 0x2800_0000 | (o >> 3 & 1) << 26 | (o & 7) << 22 | fields
            #expect(agrees(word), "\(hex(word))")
          }
        }
      }
    }
  }

  /// Each word that has an encoding has a row. The word that represents its form has an encoding too, and represents itself.
  @Test func formsHaveEncodings() {
    let patterns = FormTable.rows.map(\.pattern)
    for word in SampleWords(seed: 3, count: 1 << 17) where Encoding.decode(word) != .undefined {
      let form = FormTable.form(of: word)
      #expect(patterns.contains { $0.matches(word) }, "\(hex(word)) has no row")
      #expect(Encoding.decode(form) != .undefined, "\(hex(word)) has the form \(hex(form))")
      #expect(FormTable.form(of: form) == form, "\(hex(word)) has the form \(hex(form))")
    }
  }

  @Test func bothModesDecodeAlike() throws {
    let (byForm, byWord) = (try Decoder(.everyForm), try Decoder(.everyWord))
    var words = 0
    for word in SampleWords(seed: 5, count: 1 << 16) {
      #expect(byForm.decode(word) == byWord.decode(word) && byForm.source(word) == byWord.source(word), "\(hex(word))")
      words += 1
    }
    #expect(byForm.formsAsked > 1000 && byForm.formsAsked < words / 4, "\(byForm.formsAsked) forms")
    #expect(byWord.formsAsked == 0)
  }

  /// The index and a search through all rows find the same first row of a table.
  @Test func indexFindsTheFirstRow() {
    let patterns = FormTable.rows.map(\.pattern)
    let index = EncodingIndex(patterns)
    for word in SampleWords(seed: 9, count: 1 << 15) {
      #expect(index.firstMatch(word) == patterns.firstIndex { $0.matches(word) }, "\(hex(word))")
    }
  }
}
