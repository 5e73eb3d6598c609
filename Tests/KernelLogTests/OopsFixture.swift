// Owns access to the recorded logs, and logs in older spellings, written by hand after the formats of those kernels.
// It does not know what the logs mean.
import Foundation
import TestSupport

/// What Debian's kernels logged of the faults of firmware/oops/record.sh, in the order of its tables.
enum OopsFixture {
  static let all = ["linux-6.12", "linux-7.3"]

  static func log(_ kernel: String) throws -> String {
    let file = packageFolder.appending(path: "Tests/Fixtures/oops/\(kernel).log")
    return String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}

enum OldSpellings {
  /// Linux 4.9, by syslog: no memory abort lines, a star before each entry, and addresses in brackets.
  static let linux4 = """
    Jan  1 00:00:10 board kernel: [   10.123456] Unable to handle kernel NULL pointer dereference at virtual address 00000018
    Jan  1 00:00:10 board kernel: [   10.123470] pgd = ffff800038a5c000
    Jan  1 00:00:10 board kernel: [   10.123480] [00000018] *pgd=0000000078a5d003, *pud=0000000078a5e003, *pmd=0000000000000000
    Jan  1 00:00:10 board kernel: [   10.123490] Internal error: Oops: 96000006 [#1] PREEMPT SMP
    Jan  1 00:00:10 board kernel: [   10.123500] Modules linked in:
    Jan  1 00:00:10 board kernel: [   10.123510] CPU: 2 PID: 77 Comm: worker thread Not tainted 4.9.0 #1
    Jan  1 00:00:10 board kernel: [   10.123520] PC is at example_read+0x20/0x60
    Jan  1 00:00:10 board kernel: [   10.123530] LR is at example_open+0x44/0x90
    Jan  1 00:00:10 board kernel: [   10.123540] pc : [<ffff000008085c20>] lr : [<ffff000008085d44>] pstate: 60000145
    Jan  1 00:00:10 board kernel: [   10.123550] sp : ffff800038b3bd40
    Jan  1 00:00:10 board kernel: [   10.123560] x29: ffff800038b3bd40 x28: ffff800038b38000
    Jan  1 00:00:10 board kernel: [   10.123570] x1 : 0000000000000000 x0 : 0000000000000008
    Jan  1 00:00:10 board kernel: [   10.123580] Call trace:
    Jan  1 00:00:10 board kernel: [   10.123590] [<ffff000008085c20>] example_read+0x20/0x60
    Jan  1 00:00:10 board kernel: [   10.123600] [<ffff000008085d44>] example_open+0x44/0x90
    Jan  1 00:00:10 board kernel: [   10.123610] Code: d503201f a9bf7bfd 910003fd f9400000 (f9400801)
    Jan  1 00:00:10 board kernel: [   10.123620] ---[ end trace 0123456789abcdef ]---

    """

  /// Linux 5.10 with pages of 64 KiB, quoted in a mail, with levels and threads before the messages.
  static let linux5 = """
    > <1>[   20.000001][ T1234] Unable to handle kernel paging request at virtual address fffffe0000000010
    > <1>[   20.000002][ T1234] Mem abort info:
    > <1>[   20.000003][ T1234]   ESR = 0x96000005
    > <1>[   20.000004][ T1234]   EC = 0x25: DABT (current EL), IL = 32 bits
    > <1>[   20.000005][ T1234] swapper pgtable: 64k pages, 48-bit VAs, pgdp=0000000081cb0000
    > <1>[   20.000006][ T1234] [fffffe0000000010] pgd=0000000000000000, p4d=0000000000000000, pud=0000000000000000
    > <0>[   20.000007][ T1234] Internal error: Oops: 96000005 [#3] SMP
    > <4>[   20.000008][ T1234] CPU: 0 PID: 1234 Comm: cat Tainted: G      D W         5.10.0 #2
    > <4>[   20.000009][ T1234] pstate: 60400009 (nZCv daif +PAN -UAO -TCO BTYPE=--)
    > <4>[   20.000010][ T1234] pc : f+0x8/0x20 [example]
    > <4>[   20.000011][ T1234] lr : g+0x10/0x20 [example]
    > <0>[   20.000012][ T1234] Code: ???????? ???????? (b9401020)

    """

  /// Linux 4.14 and a program's fault.
  static let program4 = """
    program[321]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000006, in program[400000+1000]

    """

  static let log = linux4 + linux5 + program4
}
