// Owns the test that the kernel model changes its tables by break-before-make, with every DSB, so that strict mode finds nothing.
// It does not know more of the programs than that they fault, copy on write, unmap and protect. Linux: arch/arm64 tlbflush.h.
import Laboratory
import LinuxKernel
import LinuxMM
import TestSupport
import Testing

@Suite struct StrictKernelTests {
  @Test(arguments: [
    ("oracle/pretouch", KernelProfile.linux6_12, AtomicFaultPolicy.stock), ("oracle/pretouch", .newest, .forceWriteV5),
    ("oracle/thp", .linux6_12, .stock), ("oracle/thp", .newest, .stock), ("oracle/thp_shared", .newest, .stock),
    ("oracle/fork_cow", .linux6_12, .stock), ("oracle/fork_kinds", .newest, .stock), ("oracle/shared", .newest, .stock),
    ("oracle/mremap", .linux6_12, .stock), ("oracle/mremap", .newest, .stock), ("oracle/hugetlb", .newest, .stock),
    ("oracle/protect", .linux6_12, .stock), ("oracle/walk", .linux6_12, .stock), ("oracle/walk", .newest, .stock),
    ("oracle/thp_walk", .linux6_12, .stock), ("oracle/thp_walk", .newest, .stock), ("oracle/guard", .newest, .stock),
    ("oracle/esr_matrix", .linux6_12, .stock), ("tests/placement", .newest, .stock), ("examples/segv_esr", .newest, .forceWriteV1),
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
