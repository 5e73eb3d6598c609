// The questions of futex_fixup with other operations, keys and values, on pages of other kinds: shared, of files, huge, and shared
// by fork. A row has: state, operation, result, minor faults, the page's bits, and the word that the kernel left (own: this
// thread's number).
#include "mapped.h"

enum { WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAKE_OP = 5, LOCK_PI = 6, UNLOCK_PI = 7, TRYLOCK_PI = 8, WAIT_BITSET = 9,
       WAKE_BITSET = 10, WAIT_REQUEUE_PI = 11, CMP_REQUEUE_PI = 12, LOCK_PI2 = 13, PRIVATE = 128 };
#define ENCODE(operation, comparison, operand, against) \
  ((s64)(int)((u32)(operation) << 28 | (comparison) << 24 | ((operand) & 0xfff) << 12 | ((against) & 0xfff)))
enum { SET, ADD, OR, ANDN, XOR, SHIFT = 8 };
enum { EQ, NE, LT, LE, GT, GE };
#define HUGE (2ul << 20)
#define WORD 0x7f4

static s64 zero[2];  // a timeout that has passed
static char *good;

static void write_it(char *page) { *(volatile char *)page = 1; }
static void read_it(char *page) { *(volatile char *)page; }
static void make_read_only(char *page) { write_it(page); sys(SYS_mprotect, page, PAGE, PROT_R); }
static void drop(char *page) { write_it(page); sys(SYS_madvise, page, PAGE, MADV_DONTNEED); }
static void drop_and_read(char *page) { drop(page); read_it(page); }
static void make_none(char *page) { write_it(page); sys(SYS_mprotect, page, PAGE, 0); }
static void back_and_forth(char *page) { make_read_only(page); sys(SYS_mprotect, page, PAGE, RW); }

enum { ANONYMOUS, FILE, BIG };
static const struct { const char *name; int kind, flags, protection; void (*prepare)(char *); int readable; } states[] = {
  {"private", ANONYMOUS, MAP_PRIVATE, RW, 0, 1},
  {"private dropped", ANONYMOUS, MAP_PRIVATE, RW, drop, 1},
  {"private dropped, zero", ANONYMOUS, MAP_PRIVATE, RW, drop_and_read, 1},
  {"private again", ANONYMOUS, MAP_PRIVATE, RW, back_and_forth, 1},
  {"private read-only", ANONYMOUS, MAP_PRIVATE, RW, make_read_only, 1},
  {"private none", ANONYMOUS, MAP_PRIVATE, RW, make_none, 0},
  {"private write", ANONYMOUS, MAP_PRIVATE, PROT_W, 0, 1},
  {"private exec", ANONYMOUS, MAP_PRIVATE, PROT_X, 0, 1},
  {"shared", ANONYMOUS, MAP_SHARED, RW, 0, 1},
  {"shared read", ANONYMOUS, MAP_SHARED, RW, read_it, 1},
  {"shared dropped", ANONYMOUS, MAP_SHARED, RW, drop, 1},
  {"shared read-only", ANONYMOUS, MAP_SHARED, PROT_R, 0, 1},
  {"file shared", FILE, MAP_SHARED, RW, 0, 1},
  {"file shared read", FILE, MAP_SHARED, RW, read_it, 1},
  {"file private", FILE, MAP_PRIVATE, RW, 0, 1},
  {"file private read", FILE, MAP_PRIVATE, RW, read_it, 1},
  {"file private written", FILE, MAP_PRIVATE, RW, write_it, 1},
  {"file private read-only", FILE, MAP_PRIVATE, PROT_R, read_it, 1},
  {"huge", BIG, MAP_PRIVATE, RW, 0, 1},
  {"huge zero", BIG, MAP_PRIVATE, RW, read_it, 1},
  {"huge written", BIG, MAP_PRIVATE, RW, write_it, 1},
};

static char *make(int state) {
  u64 size = states[state].kind == BIG ? HUGE : PAGE;
  sys(SYS_munmap, place, HUGE, 0);
  if (states[state].kind == FILE) {
    sys(SYS_ftruncate, file, 0, 0);
    sys(SYS_ftruncate, file, PAGE, 0);
    fill(0, 1);
    map_at(place, 1, states[state].protection, states[state].flags, 0);
  } else sys6(SYS_mmap, (s64)place, size, states[state].protection, states[state].flags | MAP_ANON | MAP_FIXED, -1, 0);
  sys(SYS_madvise, place, size, states[state].kind == BIG ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  if (states[state].prepare) states[state].prepare(place);
  return place + WORD;
}

static void futex(int state, const char *name, int swapped, s64 operation, s64 value, s64 timeout, s64 last) {
  char *word = make(state), *first = swapped ? good : word, *second = swapped ? word : good;
  s64 faults = minor_faults();
  s64 result = sys6(SYS_futex, (s64)first, operation, value, timeout, (s64)second, last);
  faults = minor_faults() - faults;
  cell(states[state].name);
  cell(name);
  cell_dec(result);
  cell_dec(faults);
  cell_bits(word);
  u32 left = states[state].readable ? *(volatile u32 *)word : 0;
  if (left == sys(SYS_gettid, 0, 0, 0)) cell("own"); else cell_hex(left);
  end_row();
}

static void all(int state) {
  futex(state, "wake", 0, WAKE, 3, 0, 0);
  futex(state, "wake private", 0, WAKE | PRIVATE, 3, 0, 0);
  futex(state, "wait, other value", 0, WAIT, 9, (s64)zero, 0);
  futex(state, "wait", 0, WAIT, 0, (s64)zero, 0);
  futex(state, "wait bits private", 0, WAIT_BITSET | PRIVATE, 0, (s64)zero, 6);
  futex(state, "wait no bits", 0, WAIT_BITSET | PRIVATE, 0, (s64)zero, 0);
  futex(state, "wake bits", 0, WAKE_BITSET, 1, 0, 6);
  futex(state, "or", 1, WAKE_OP | PRIVATE, 1, 1, ENCODE(OR, EQ, 0x55, 0));
  futex(state, "and not", 1, WAKE_OP, 1, 1, ENCODE(ANDN, NE, 0x55, 1));
  futex(state, "add -1", 1, WAKE_OP | PRIVATE, 1, 1, ENCODE(ADD, LT, -1, 0));
  futex(state, "set shifted", 1, WAKE_OP | PRIVATE, 0, 0, ENCODE(SET | SHIFT, GE, 7, -5));
  futex(state, "xor, bad comparison", 1, WAKE_OP | PRIVATE, 1, 1, ENCODE(XOR, 9, 3, 0));
  futex(state, "wake and set", 0, WAKE_OP | PRIVATE, 1, 1, ENCODE(SET, GT, 0, 2));
  futex(state, "requeue", 0, REQUEUE | PRIVATE, 1, 1, 0);
  futex(state, "requeue here", 1, REQUEUE, 1, 1, 0);
  futex(state, "requeue if 0", 0, CMP_REQUEUE, 0, 5, 0);
  futex(state, "requeue if 4", 0, CMP_REQUEUE | PRIVATE, 0, 5, 4);
  futex(state, "requeue less", 0, CMP_REQUEUE | PRIVATE, -1, 5, 0);
  futex(state, "lock", 0, LOCK_PI, 0, 0, 0);
  futex(state, "lock, monotonic", 0, LOCK_PI2 | PRIVATE, 0, 0, 0);
  futex(state, "try to lock", 0, TRYLOCK_PI, 0, 0, 0);
  futex(state, "unlock", 0, UNLOCK_PI, 0, 0, 0);
}

int oracle_main(void) {
  settle();
  open_pagemap();
  place = reserve(HUGE);
  good = map(PAGE, RW);
  *(volatile int *)good = 0;
  ((volatile s64 *)zero)[0] = 0;
  file = memfd(PAGE, 0);
  all(0);
  output_length = 0;
  for (int state = 0; state < COUNT(states); state++) all(state);
  // After a fork, while the child lives: it waits for the end of a pipe that this process holds.
  int ends[2];
  for (int i = 0; i < 3; i++) {
    static const char *const names[] = {"copied on write, wake", "copied on write, wait", "copied on write, add"};
    sys(SYS_pipe2, ends, 0, 0);
    char *word = make(3), byte;
    flush();
    s64 child = fork();
    if (child == 0) {
      sys(SYS_close, ends[1], 0, 0);
      sys(SYS_read, ends[0], &byte, 1);
      sys(SYS_exit_group, 0, 0, 0);
    }
    settle();
    s64 faults = minor_faults(), result;
    if (i == 0) result = sys6(SYS_futex, (s64)word, WAKE, 1, 0, 0, 0);
    else if (i == 1) result = sys6(SYS_futex, (s64)word, WAIT | PRIVATE, 0, (s64)zero, 0, 0);
    else result = sys6(SYS_futex, (s64)good, WAKE_OP | PRIVATE, 0, 0, (s64)word, ENCODE(ADD, EQ, 1, 0));
    faults = minor_faults() - faults;
    cell(names[i]); cell_dec(result); cell_dec(faults); cell_bits(word);
    end_row();
    sys(SYS_close, ends[1], 0, 0);
    wait_for(child);
    sys(SYS_close, ends[0], 0, 0);
  }
  return 0;
}
