// Futex operations on pages in each state: result and minor faults (fault_in_user_writeable, fixup_user_fault).
#include "oracle.h"

enum { WAIT = 0, WAKE = 1, CMP_REQUEUE = 4, WAKE_OP = 5, LOCK_PI = 6, UNLOCK_PI = 7, TRYLOCK_PI = 8, PRIVATE = 128 };
#define ENCODE(operation, comparison, operand, against) \
  ((operation) << 28 | (comparison) << 24 | (operand) << 12 | (against))

static void futex(const char *state, const char *name, char *word, s64 operation, s64 value, s64 timeout, s64 other, s64 last) {
  s64 before = minor_faults();
  s64 result = sys6(SYS_futex, (s64)word, operation | PRIVATE, value, timeout, other, last);
  s64 after = minor_faults();
  put(state);
  put("\t"); put(name);
  put("\t"); dec(result);
  put("\t"); dec(after - before);
  put("\n");
}

static const char *states[] = {"rw-absent", "rw-zeropage", "rw-dirty", "ro-absent", "ro-zeropage", "none", "unmapped"};
enum { RW_ABSENT, RW_ZEROPAGE, RW_DIRTY, RO_ABSENT, RO_ZEROPAGE, NONE, UNMAPPED, STATES };

static char *page(int state) {
  char *page = map(PAGE, state == NONE ? 0 : PROT_R | PROT_W);
  switch (state) {
  case RW_ZEROPAGE: *(volatile char *)page; break;
  case RW_DIRTY: *(volatile char *)page = 0; break;
  case RO_ABSENT: sys(SYS_mprotect, page, PAGE, PROT_R); break;
  case RO_ZEROPAGE: *(volatile char *)page; sys(SYS_mprotect, page, PAGE, PROT_R); break;
  case UNMAPPED: sys(SYS_munmap, page, PAGE, 0); break;
  }
  return page;
}

static s64 zero[2];  // a timeout that has passed

int oracle_main(void) {
  char *good = page(RW_DIRTY);
  ((volatile s64 *)zero)[0] = 0;
  futex("warm", "x", good, WAKE, 1, 0, 0, 0);
  output_length = 0;
  for (int s = 0; s < STATES; s++) {
    futex(states[s], "wake", page(s), WAKE, 1, 0, 0, 0);
    futex(states[s], "wait.mismatch", page(s), WAIT, 5, 0, 0, 0);
    futex(states[s], "wait.timeout0", page(s), WAIT, 0, (s64)zero, 0, 0);
    futex(states[s], "wake_op.add", good, WAKE_OP, 1, 1, (s64)page(s), ENCODE(1, 0, 1, 0));
    futex(states[s], "wake_op.set", good, WAKE_OP, 1, 1, (s64)page(s), ENCODE(0, 0, 3, 0));
    futex(states[s], "wake_op.xor", good, WAKE_OP, 1, 1, (s64)page(s), ENCODE(4, 0, 1, 0));
    futex(states[s], "wake_op.bad", good, WAKE_OP, 1, 1, (s64)page(s), ENCODE(7, 0, 1, 0));
    futex(states[s], "cmp_requeue", page(s), CMP_REQUEUE, 1, 1, (s64)good, 0);
    futex(states[s], "lock_pi", page(s), LOCK_PI, 0, 0, 0, 0);
    futex(states[s], "trylock_pi", page(s), TRYLOCK_PI, 0, 0, 0, 0);
    futex(states[s], "unlock_pi.notowner", page(s), UNLOCK_PI, 0, 0, 0, 0);
  }
  futex("misaligned", "wake", good + 1, WAKE, 1, 0, 0, 0);
  futex("kernel", "wait", (char *)0xffff800000000000ul, WAIT, 0, (s64)zero, 0, 0);
  return 0;
}
