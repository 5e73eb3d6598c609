// Owns tests of how numbers, counts and sizes are read. It does not know where they are typed.
import Debugging
import Testing

struct CountTests {
  @Test(arguments: [
    ("0", 0), ("1000000", 1_000_000), ("1_000_000", 1_000_000), ("1e6", 1_000_000), ("2E3", 2000), ("1.5e3", 1500), ("200M", 200_000_000),
    ("200m", 200_000_000), ("1.5K", 1500), ("3G", 3_000_000_000), ("2T", 2_000_000_000_000), ("0x10", 16), ("0XfF", 255),
    ("18446744073709551615", UInt64.max), ("1e19", 10_000_000_000_000_000_000), ("12.50e1", 125),
  ])
  func countsAreRead(_ text: String, _ value: UInt64) { #expect(Number.count(text) == value, "\(text)") }

  @Test(arguments: [
    ("64M", 64 << 20), ("1G", 1 << 30), ("1.5G", 3 << 29), ("4K", 4096), ("1T", 1 << 40), ("64MiB", 64 << 20), ("2KiB", 2048),
    ("65536", 65536), ("0x10000", 65536), ("1e6", 1_000_000),
  ])
  func sizesAreRead(_ text: String, _ value: UInt64) { #expect(Number.size(text) == value, "\(text)") }

  /// Text that is no number, numbers that are not whole, and numbers of more than 64 bits.
  @Test(arguments: [
    "", "-1", "+1", "many", "1e", "e6", "1.5", "1.5e0", "1e20", "1e-3", "18446744073709551616", "99999999999T", "0x", "0x1p3", "1 M", "M",
    "1MM", "1Q", ".5K", "1.K", "１", "1e999999999999",
  ])
  func otherTextIsRefused(_ text: String) {
    #expect(Number.count(text) == nil, "\(text)")
    #expect(Number.size(text) == nil, "\(text)")
  }

  /// Only sizes are in KiB.
  @Test func aCountHasNoBytes() { #expect(Number.count("1KiB") == nil) }
}
