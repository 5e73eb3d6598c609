// Owns what a build of Faultline says about itself: version, commit, compiler.
// It does not know where they are printed. `BuiltFrom` is written before each build by the plugin WriteBuildInformation.

public enum BuildInformation {
  /// The version, which is the same for all builds of a release.
  public static let version = "0.1.0"

  /// The short hash of the commit, as in `7aaa126`, or `7aaa126, modified` where the sources differ from it. Nil for sources that
  /// are no git checkout, such as an unpacked archive.
  public static var commit: String? { BuiltFrom.commit }

  /// The version of the Swift compiler, as in `6.3.1`; nil if it could not be asked.
  public static var compiler: String? { BuiltFrom.compiler }
}
