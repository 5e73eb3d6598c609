// Owns the releases of Linux as numbers that can be compared.
// It does not know what a release changed: `KernelProfile` has a row for each difference.

/// A release of Linux, as in 6.12.
public struct KernelVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let number: UInt32

  public init(_ major: Int, _ minor: Int) {
    precondition((0...255).contains(major) && (0...255).contains(minor), "no release of Linux has such a number")
    number = UInt32(major << 8 | minor)
  }

  public static func < (one: Self, other: Self) -> Bool { one.number < other.number }
  public var description: String { "\(number >> 8).\(number & 255)" }

  static let v6_13 = Self(6, 13), v6_14 = Self(6, 14), v6_15 = Self(6, 15), v6_16 = Self(6, 16), v6_17 = Self(6, 17)
  static let v6_18 = Self(6, 18), v6_19 = Self(6, 19), v7_0 = Self(7, 0), v7_1 = Self(7, 1), v7_2 = Self(7, 2), v7_3 = Self(7, 3)
}
