// Owns the names and encodings of the pointer authentication keys.
// It does not know what any of them holds.

extension SystemRegister {
  public static let APIAKeyLo_EL1 = Self(3, 0, 2, 1, 0)
  public static let APIAKeyHi_EL1 = Self(3, 0, 2, 1, 1)
  public static let APIBKeyLo_EL1 = Self(3, 0, 2, 1, 2)
  public static let APIBKeyHi_EL1 = Self(3, 0, 2, 1, 3)
  public static let APDAKeyLo_EL1 = Self(3, 0, 2, 2, 0)
  public static let APDAKeyHi_EL1 = Self(3, 0, 2, 2, 1)
  public static let APDBKeyLo_EL1 = Self(3, 0, 2, 2, 2)
  public static let APDBKeyHi_EL1 = Self(3, 0, 2, 2, 3)
  public static let APGAKeyLo_EL1 = Self(3, 0, 2, 3, 0)
  public static let APGAKeyHi_EL1 = Self(3, 0, 2, 3, 1)

  /// Every key register.
  static let pointerKeyNames: [(SystemRegister, String)] = [
    (.APIAKeyLo_EL1, "APIAKeyLo_EL1"),
    (.APIAKeyHi_EL1, "APIAKeyHi_EL1"),
    (.APIBKeyLo_EL1, "APIBKeyLo_EL1"),
    (.APIBKeyHi_EL1, "APIBKeyHi_EL1"),
    (.APDAKeyLo_EL1, "APDAKeyLo_EL1"),
    (.APDAKeyHi_EL1, "APDAKeyHi_EL1"),
    (.APDBKeyLo_EL1, "APDBKeyLo_EL1"),
    (.APDBKeyHi_EL1, "APDBKeyHi_EL1"),
    (.APGAKeyLo_EL1, "APGAKeyLo_EL1"),
    (.APGAKeyHi_EL1, "APGAKeyHi_EL1"),
  ]
}
