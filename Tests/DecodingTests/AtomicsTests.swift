// Owns the exhaustive check of FEAT_LSE: every operation, size and ordering, from the encodings of the manual.
// It does not know how the decoder reads a word. Arm ARM C4.1.96.
import Decoding
import Testing

struct AtomicsTests {
  let decoder: Decoder
  init() throws { decoder = try Decoder() }

  private static let sizes: [(UInt32, AccessSize)] = [(0, .byte), (1, .half), (2, .word), (3, .double)]
  private static let orderings: [(acquire: Bool, release: Bool)] = [(false, false), (true, false), (false, true), (true, true)]
  /// Registers in pairs of field and operand; 31 is ZR for data and SP for the base.
  private static let registers: [(UInt32, UInt32, UInt32)] = [(1, 2, 3), (0, 31, 31), (31, 0, 30), (7, 7, 7), (30, 15, 16)]

  private func base(_ field: UInt32) -> Register { field == 31 ? .sp : Register(UInt8(field)) }
  private func data(_ field: UInt32) -> Register { field == 31 ? .zero : Register(UInt8(field)) }

  /// o3:opc of each operation.
  private static let operations: [(UInt32, AtomicOperation)] = [
    (0b0000, .add), (0b0001, .clr), (0b0010, .eor), (0b0011, .set),
    (0b0100, .smax), (0b0101, .smin), (0b0110, .umax), (0b0111, .umin), (0b1000, .swap),
  ]

  @Test func everyReadModifyWriteDecodes() {
    for (size, access) in Self.sizes {
      for (acquire, release) in Self.orderings {
        for (code, operation) in Self.operations {
          for (s, t, n) in Self.registers {
            let order: UInt32 = (acquire ? 1 << 23 : 0) | (release ? 1 << 22 : 0)
            let word = size << 30 | 0x3820_0000 | order | s << 16 | code << 12 | n << 5 | t
            #expect(
              decoder.decode(word)
                == .atomic(operation, size: access, acquire: acquire, release: release, s: data(s), t: data(t), n: base(n)),
              "\(hex(word))")
          }
        }
      }
    }
  }

  @Test func everyCompareAndSwapDecodes() {
    for (size, access) in Self.sizes {
      for (acquire, release) in Self.orderings {
        for (s, t, n) in Self.registers {
          let order: UInt32 = (acquire ? 1 << 22 : 0) | (release ? 1 << 15 : 0)
          let word = size << 30 | 0x08a0_7c00 | order | s << 16 | n << 5 | t
          #expect(
            decoder.decode(word)
              == .compareAndSwap(size: access, acquire: acquire, release: release, s: data(s), t: data(t), n: base(n)),
            "\(hex(word))")
        }
      }
    }
  }

  /// Pairs need even registers: every odd one is unallocated.
  @Test func compareAndSwapPairTakesEvenRegisters() {
    for (sz, access) in [(0, .word), (1, .double)] as [(UInt32, AccessSize)] {
      for (acquire, release) in Self.orderings {
        for s in 0..<32 as Range<UInt32> {
          for t in 0..<32 as Range<UInt32> {
            let order: UInt32 = (acquire ? 1 << 22 : 0) | (release ? 1 << 15 : 0)
            let word = sz << 30 | 0x0820_7c00 | order | s << 16 | 31 << 5 | t
            if s & 1 == 0 && t & 1 == 0 {
              #expect(
                decoder.decode(word)
                  == .compareAndSwapPair(
                    size: access, acquire: acquire, release: release, s: Register(UInt8(s)), t: Register(UInt8(t)), n: .sp),
                "\(hex(word))")
            } else {
              #expect(decoder.decode(word) == .undefined && !decoder.isAllocated(word), "\(hex(word))")
            }
          }
        }
      }
    }
  }

  /// LDAPR takes A = 1, R = 0, Rs = 31; LDLAR and STLLR are LDAR and STLR with o0 = 0.
  @Test func acquirePCAndLimitedOrderingDecode() {
    for (size, access) in Self.sizes {
      for (_, t, n) in Self.registers {
        let place = Addressing.offset(n: base(n), 0)
        let fields = size << 30 | n << 5 | t
        #expect(
          decoder.decode(0x38bf_c000 | fields) == .load(Load(size: access, t: data(t), addressing: place, ordering: .acquirePC)))
        #expect(
          decoder.decode(0x08df_7c00 | fields)
            == .load(Load(size: access, t: data(t), addressing: place, ordering: .limitedOrdering)))
        #expect(
          decoder.decode(0x089f_7c00 | fields)
            == .store(Store(size: access, t: data(t), addressing: place, ordering: .limitedOrdering)))
      }
    }
  }
}
