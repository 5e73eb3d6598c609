// Owns how numbers are written in hexadecimal.
// It does not know who writes them.
import Architecture
import Testing

struct HexadecimalTests {
  @Test func leadingZerosFillUpToTheDigits() {
    #expect(hexadecimal(0) == "0x0")
    #expect(hexadecimal(0xab as UInt8, digits: 4) == "0x00ab")
    #expect(hexadecimal(UInt64.max, digits: 4) == "0xffffffffffffffff")
    #expect(bareHexadecimal(0x1f as UInt32, digits: 8) == "0000001f")
    #expect(bareHexadecimal(0x1f) == "1f")
  }
}
