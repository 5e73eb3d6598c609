// For each mapping state and each instruction: the signal, si_code, ESR record and minor faults of one access.
#include "oracle.h"

static void row(const char *state, int i, void *address) {
  caught.sig = caught.code = 0;
  caught.esr = 0;
  caught.addr = 0;
  s64 before = minor_faults();
  ops[i].f(address);
  s64 after = minor_faults();
  put(state);
  put("\t"); put(ops[i].name);
  put("\t"); dec(caught.sig);
  put("\t"); dec(caught.code);
  put("\t"); hex(caught.esr);
  put("\t"); dec(after - before);
  put("\n");
}

/// A row for each instruction, each on a page of its own that `prepare` brings into the state.
static void rows(const char *state, int protection, void (*prepare)(char *page)) {
  for (int i = 0; i < NOPS; i++) {
    char *page = map(PAGE, protection);
    if (prepare) prepare(page);
    row(state, i, page + 0x100);
    sys(SYS_munmap, page, PAGE, 0);
  }
}

static void rows_at(const char *state, void *address) { for (int i = 0; i < NOPS; i++) row(state, i, address); }

static void read_it(char *page) { *(volatile char *)page; }
static void write_it(char *page) { *(volatile char *)page = 1; }
static void write_and_protect(char *page) { write_it(page); sys(SYS_mprotect, page, PAGE, PROT_R); }

int oracle_main(void) {
  char *warm = map(PAGE * 2, PROT_R | PROT_W);
  for (int i = 0; i < NOPS; i++) {
    row("warm", i, warm);
    row("warm", i, (void *)8);
  }
  // The functions that prepare a page run once, so that every page that the program itself needs is present.
  read_it(warm);
  write_it(warm);
  output_length = 0;

  char *hole = map(64 * PAGE, PROT_R | PROT_W);
  write_it(hole);
  sys(SYS_munmap, hole + 8 * PAGE, 8 * PAGE, 0);
  rows_at("unmapped", hole + 8 * PAGE + 0x100);

  char *none = map(4 * PAGE, PROT_R | PROT_W);
  write_it(none);
  sys(SYS_mprotect, none, 4 * PAGE, 0);
  rows_at("none-present", none + 0x100);
  rows_at("none-absent", none + PAGE + 0x100);

  rows("ro-absent", PROT_R, 0);
  rows("ro-zeropage", PROT_R, read_it);
  rows("ro-dirty", PROT_R | PROT_W, write_and_protect);
  rows("rw-absent", PROT_R | PROT_W, 0);
  rows("rw-zeropage", PROT_R | PROT_W, read_it);
  rows("rw-dirty", PROT_R | PROT_W, write_it);

  rows_at("null", (void *)0x100);
  rows_at("kernel", (void *)0xffff800000000100ul);
  rows_at("noncanonical", (void *)0x0100000000000100ul);
  return 0;
}
