// Owns the claim that the kernel model changes its tables by break-before-make, with every DSB: strict mode finds nothing.
// It does not know what the programs do, but that they fault, copy on write, unmap and protect. Linux: arch/arm64 tlbflush.h.
import Laboratory
import LinuxKernel
import LinuxMM
import TestSupport
import Testing

@Suite struct StrictKernelTests {
  @Test(arguments: [
    ("oracle/pretouch", KernelProfile.linux6_12, AtomicFaultPolicy.stock), ("oracle/pretouch", .linux7_2, .forceWriteV5),
    ("oracle/thp", .linux6_12, .stock), ("oracle/thp", .linux7_2, .stock), ("oracle/thp_shared", .linux7_2, .stock),
    ("oracle/fork_cow", .linux6_12, .stock), ("oracle/fork_kinds", .linux7_2, .stock), ("oracle/shared", .linux7_2, .stock),
    ("oracle/mremap", .linux6_12, .stock), ("oracle/mremap", .linux7_2, .stock), ("oracle/hugetlb", .linux7_2, .stock),
    ("oracle/protect", .linux6_12, .stock), ("oracle/walk", .linux6_12, .stock), ("oracle/walk", .linux7_2, .stock),
    ("oracle/thp_walk", .linux6_12, .stock), ("oracle/thp_walk", .linux7_2, .stock), ("oracle/guard", .linux7_2, .stock),
    ("oracle/esr_matrix", .linux6_12, .stock), ("tests/placement", .linux7_2, .stock), ("examples/segv_esr", .linux7_2, .forceWriteV1),
  ])
  func theKernelFollowsTheSequence(program: String, profile: KernelProfile, policy: AtomicFaultPolicy) throws {
    var configuration = SessionConfiguration()
    configuration.kernel = profile
    configuration.policy = policy
    let plain = try Run(program, [], configuration)
    configuration.reportsBreakBeforeMake = true
    let strict = try Run(program, [], configuration)
    #expect(strict.stop == .exited(0))
    #expect(strict.output == plain.output)
    #expect(strict.session.machine.breakBeforeMakeViolations.map(\.description) == [])
  }
}
