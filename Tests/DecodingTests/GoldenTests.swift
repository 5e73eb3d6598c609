// Owns the check of every golden table against the decoder.
// It does not know the words: they are in Tables/.
import Decoding
import Testing

struct GoldenTests {
  let decoder: Decoder
  init() throws { decoder = try Decoder() }

  private func check(_ rows: [GoldenRow]) {
    for row in rows {
      #expect(decoder.decode(row.word) == row.expected, "\(row.testDescription)")
      #expect(decoder.isAllocated(row.word), "\(row.testDescription)")
    }
  }

  @Test func dataProcessingDecodesAsWritten() { check(GoldenRow.dataProcessing) }
  @Test func branchesAndSystemDecodeAsWritten() { check(GoldenRow.branchesAndSystem) }
  @Test func loadsAndStoresDecodeAsWritten() { check(GoldenRow.loadsAndStores) }
  @Test func vectorMovesDecodeAsWritten() { check(GoldenRow.vectorMoves) }

  /// The two v8.0 words that Capstone 4.0.2 refuses come from the extension decoder there, and newer versions agree.
  @Test(arguments: [0xf852_c96b, 0x6e18_6ef2] as [UInt32])
  func legalWordsThatCapstoneMayRefuseDecode(word: UInt32) {
    #expect(decoder.source(word) != .nobody)
    #expect(decoder.decode(word) != .undefined)
  }
}
