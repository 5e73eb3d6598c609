// Owns what differs between the kernels that are modelled, as values.
// It does not know who asks.

/// One kernel version, by what a program or a page table can see of it.
public struct KernelProfile: Hashable, Sendable {
  /// The name on the command line.
  public var name: String
  /// What uname reports.
  public var release: String
  /// ptep_set_access_flags after a write fault: broadcast the TLBI, or invalidate only this PE's TLB and let others take a
  /// spurious fault. Linux: arch/arm64/mm/fault.c.
  public var broadcastsOnAccessFlags: Bool
  /// flush_tlb_fix_spurious_fault does a local TLBI instead of nothing.
  public var flushesOnSpuriousFault: Bool

  public static let linux6_12 = KernelProfile(
    name: "linux-6.12", release: "6.12.107", broadcastsOnAccessFlags: true, flushesOnSpuriousFault: false)
  public static let linux7_2 = KernelProfile(
    name: "linux-7.2", release: "7.2.12", broadcastsOnAccessFlags: false, flushesOnSpuriousFault: true)

  /// Every profile, oldest first.
  public static let all: [KernelProfile] = [.linux6_12, .linux7_2]
  public static func named(_ name: String) -> KernelProfile? { all.first { $0.name == name } }
}
