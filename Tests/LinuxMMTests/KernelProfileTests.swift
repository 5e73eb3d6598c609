// Owns tests of the modelled kernels: their order, their names, and the differences that each has.
// It does not know what a difference means: the tests of its topic do.
import LinuxMM
import Testing

struct KernelProfileTests {
  @Test func releasesCompareAsNumbers() {
    let releases = [(6, 9), (6, 12), (6, 19), (7, 0), (7, 2), (7, 3), (7, 10), (10, 0)].map { KernelVersion($0.0, $0.1) }
    for (index, one) in releases.enumerated() {
      for (other, two) in releases.enumerated() { #expect((one < two) == (index < other)) }
    }
    #expect(releases.map(\.description) == ["6.9", "6.12", "6.19", "7.0", "7.2", "7.3", "7.10", "10.0"])
  }

  @Test func profilesHaveNames() {
    #expect(KernelProfile.all.map(\.name) == ["linux-6.12", "linux-7.2", "linux-7.3"])
    for profile in KernelProfile.all { #expect(KernelProfile.named(profile.name) == profile) }
    #expect(KernelProfile.named("linux-6.13") == nil)
    #expect(KernelProfile.newest == KernelProfile.all.last)
  }

  /// The first and the last row of each kind. A row without its release would hold for every kernel, or for none.
  @Test(
    arguments: [
      (\.broadcastsOnAccessFlags, [true, false, false]), (\.agesForkedEntries, [true, false, false]),
      (\.showsHugeZeroPageAsFile, [true, true, false]), (\.padsNodeMasks, [true, true, false]),
      (\.setsTableAccessFlag, [false, true, true]), (\.remapsInBatches, [false, true, true]),
      (\.keepsMovedCopiesApart, [false, false, true]), (\.hasFchroot, [false, false, true]),
    ] as [(KeyPath<KernelProfile, Bool> & Sendable, [Bool])])
  func differencesFollowFromTheRelease(difference: KeyPath<KernelProfile, Bool> & Sendable, kernels: [Bool]) {
    #expect(KernelProfile.all.map { $0[keyPath: difference] } == kernels)
  }
}
