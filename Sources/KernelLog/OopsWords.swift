// Owns the words with which Linux names the kernel's faults, and what each of them says. It does not know the numbers beside the words.
// Linux: __do_kernel_fault(), do_page_fault(), the callers of die() in arch/arm64.

enum OopsWords {
  private static let noFixup = "the instruction has no entry in the exception table, so Linux cannot go on behind it"

  /// The name that Linux gives, and what it says.
  private static let rows: [(name: String, meaning: String)] = [
    ("NULL pointer dereference", "\(noFixup); the address is below PAGE_SIZE, so Linux calls it NULL"),
    ("paging request", "\(noFixup); the address is not below PAGE_SIZE, and no special case fits"),
    ("write to read-only memory", "\(noFixup); it is a permission fault of a write"),
    ("read from unreadable memory", "\(noFixup); it is a permission fault of a read"),
    ("execute from non-executable memory", "a permission fault of an instruction fetch: the kernel jumped to data"),
    ("execution of user memory", "the kernel jumped to a program's address, which it never executes"),
    (
      "access to user memory outside uaccess routines",
      "the instruction has no entry in the exception table, but accessed a page that EL0 may access: only get_user(), copy_from_user() and "
        + "their like may"
    ),
    ("access to hypervisor-protected memory", "pKVM's hypervisor has taken the page from the host"),
    (
      "kernel stack overflow",
      "the stack had no room for the registers of an exception, so Linux went on with its overflow stack, and panics"
    ),
    ("Oops - BUG", "the kernel found a state that must not be, and executed the BRK of BUG()"),
    ("Oops - Undefined instruction", "the word at the PC is undefined here, or traps"),
    ("Oops - BTI", "an indirect branch came to an instruction that is no landing pad (BTI)"),
    ("Oops - FPAC", "a return address or a pointer had a wrong authentication code"),
    ("Oops - GCS", "a return address differs from the Guarded Control Stack's"),
    ("Oops - BRK", "a BRK whose immediate belongs to no part of the kernel"),
    ("Oops - CFI", "an indirect call of a function of another type"),
    ("Oops - KASAN", "KASAN found a wrong pointer tag"),
    ("SP/PC alignment exception", "the kernel jumped to an address that is no multiple of 4"),
    ("synchronous external abort", "the memory system refused the access: a device, an address without memory, or a hardware error"),
  ]

  static func meaning(_ report: KernelReport) -> String? { rows.first { report.message.hasPrefix($0.name) }?.meaning }
}
