// Owns the known answers of the standards behind the cryptographic instructions: FIPS 197, FIPS 180-4, GB/T 32905 and 32907.
// It does not know instructions: it composes the pure functions as programs compose the instructions.
import Testing

@testable import Machine

struct CryptoTests {
  private func bytes(_ values: [UInt8]) -> Vector {
    var result = Vector.zero
    for (index, value) in values.enumerated() { result.setLane(index, value) }
    return result
  }
  private func lanes(_ v: Vector) -> [UInt32] { (0..<4).map { v.lane($0) } }
  private func hex(_ words: [UInt32]) -> String {
    words.map { word in String(repeating: "0", count: 8 - String(word, radix: 16).count) + String(word, radix: 16) }.joined()
  }
  private func same(_ a: Vector, _ b: Vector) -> Bool { a.low == b.low && a.high == b.high }

  /// FIPS 197, appendix B, round 1.
  @Test func aesRound() {
    let start = bytes([0x19, 0x3d, 0xe3, 0xbe, 0xa0, 0xf4, 0xe2, 0x2b, 0x9a, 0xc6, 0x8d, 0x2a, 0xe9, 0xf8, 0x48, 0x08])
    let shifted = bytes([0xd4, 0xbf, 0x5d, 0x30, 0xe0, 0xb4, 0x52, 0xae, 0xb8, 0x41, 0x11, 0xf1, 0x1e, 0x27, 0x98, 0xe5])
    let mixed = bytes([0x04, 0x66, 0x81, 0xe5, 0xe0, 0xcb, 0x19, 0x9a, 0x48, 0xf8, 0xd3, 0x7a, 0x28, 0x06, 0x26, 0x4c])
    #expect(same(aesSubstituteAndShift(start), shifted))
    #expect(same(aesMixColumns(shifted), mixed))
    #expect(same(aesInverseMixColumns(mixed), shifted))
    #expect(same(aesInverseSubstituteAndShift(shifted), start))
  }

  /// The block of the message "abc".
  private let block: [UInt32] = [0x6162_6380, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24]
  private func schedule(_ words: [UInt32]) -> [Vector] {
    stride(from: 0, to: 16, by: 4).map { vector(words[$0], words[$0 + 1], words[$0 + 2], words[$0 + 3]) }
  }
  private func adding(_ v: Vector, _ constant: UInt32) -> Vector {
    let w = lanes(v).map { $0 &+ constant }
    return vector(w[0], w[1], w[2], w[3])
  }

  @Test func sha1OfABC() {
    let start: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    var state = vector(start[0], start[1], start[2], start[3])
    var e = start[4]
    var w = schedule(block)
    let stages: [(SHA1Function, UInt32)] = [
      (.choose, 0x5a82_7999), (.parity, 0x6ed9_eba1), (.majority, 0x8f1b_bcdc), (.parity, 0xca62_c1d6),
    ]
    for round in 0..<20 {
      let (function, constant) = stages[round / 5]
      let next = rotateLeft(state.lane(0), 30)
      state = sha1Rounds(function, state, e, adding(w[0], constant))
      e = next
      w.append(sha1Schedule1(sha1Schedule0(w[0], w[1], w[2]), w[3]))
      w.removeFirst()
    }
    let digest = zip(lanes(state) + [e], start).map { $0 &+ $1 }
    #expect(hex(digest) == "a9993e364706816aba3e25717850c26c9cd0d89d")
  }

  /// FIPS 180-2, appendix B.1: a to h after the fourth round of "abc".
  @Test func sha256AfterFourRounds() {
    let x = vector(0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a)
    let y = vector(0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
    let sum = vector(block[0] &+ 0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5)
    #expect(hex(lanes(sha256Rounds(x, y, sum, firstHalf: true))) == "d550f666c8c347a75a6ad9ad5d6aebcd")
    #expect(hex(lanes(sha256Rounds(x, y, sum, firstHalf: false))) == "24e00850f92939eb78ce7989fa2a4622")
  }

  /// GB/T 32907, appendix A, example 1.
  @Test func sm4Example() {
    let key: [UInt32] = [0x0123_4567, 0x89ab_cdef, 0xfedc_ba98, 0x7654_3210]
    let family: [UInt32] = [0xa3b1_bac6, 0x56aa_3350, 0x677d_9197, 0xb270_22dc]
    var keys = vector(key[0] ^ family[0], key[1] ^ family[1], key[2] ^ family[2], key[3] ^ family[3])
    var state = vector(key[0], key[1], key[2], key[3])
    for round in 0..<8 {
      let constants = (0..<4).map { (i: Int) -> UInt32 in
        (0..<4).reduce(0) { $0 << 8 | UInt32((4 * (4 * round + i) + $1) * 7 & 0xff) }
      }
      keys = sm4KeySchedule(keys, constants: vector(constants[0], constants[1], constants[2], constants[3]))
      state = sm4Rounds(state, keys: keys)
    }
    #expect(hex(lanes(state).reversed()) == "681edf34d206965e86b3e94f536e4246")
  }

  /// GB/T 32905, appendix A.1: the hash of "abc".
  @Test func sm3OfABC() {
    let start: [UInt32] = [
      0x7380_166f, 0x4914_b2b9, 0x1724_42d7, 0xda8a_0600, 0xa96f_30bc, 0x1631_38aa, 0xe38d_ee4d, 0xb0fb_0e4e,
    ]
    // The instructions hold A in the highest lane.
    var abcd = vector(start[3], start[2], start[1], start[0])
    var efgh = vector(start[7], start[6], start[5], start[4])
    var w = block
    for j in 16..<68 {
      let x = w[j - 16] ^ w[j - 9] ^ rotateLeft(w[j - 3], 15)
      w.append((x ^ rotateLeft(x, 15) ^ rotateLeft(x, 23)) ^ rotateLeft(w[j - 13], 7) ^ w[j - 6])
    }
    // The schedule by the instructions gives the same words.
    for j in stride(from: 16, to: 64, by: 4) {
      let v0 = vector(w[j - 16], w[j - 15], w[j - 14], w[j - 13]), v7 = vector(w[j - 13], w[j - 12], w[j - 11], w[j - 10])
      let v9 = vector(w[j - 9], w[j - 8], w[j - 7], w[j - 6]), v6 = vector(w[j - 6], w[j - 5], w[j - 4], w[j - 3])
      let v3 = vector(w[j - 4], w[j - 3], w[j - 2], w[j - 1])
      let next = sm3Schedule2(sm3Schedule1(v0, v9, v3), v6, v7)
      #expect(lanes(next) == Array(w[j..<j + 4]))
    }
    for j in 0..<64 {
      let constant: UInt32 = j < 16 ? 0x79cc_4519 : 0x7a87_9d8a
      let turned = rotateLeft(constant, UInt32(j % 32 == 0 ? 0 : j % 32))
      let sum = sm3SharedSum(abcd, vector(0, 0, 0, efgh.lane(3)), vector(0, 0, 0, j % 32 == 0 ? constant : turned))
      let next = sm3Round1(abcd, sum, w[j] ^ w[j + 4], early: j < 16)
      efgh = sm3Round2(efgh, sum, w[j], early: j < 16)
      abcd = next
    }
    let digest = zip(lanes(abcd).reversed() + lanes(efgh).reversed(), start).map { $0 ^ $1 }
    #expect(hex(digest) == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
  }
}
