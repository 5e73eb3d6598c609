// Four PEs, started by PSCI CPU_ON, that write to memory at the same time. It prints only what does not depend on their order.
// It knows PSCI's function numbers (Arm DEN 0022). It does not know interrupts.
#include "el1.h"

enum { VERSION = 0x84000000, CPU_OFF = 0x84000002, CPU_ON = 0xc4000003, AFFINITY_INFO = 0xc4000004 };
enum { PES = 4, ROUNDS = 2000 };

void secondary_start(void);

/// A stack with the function and its argument above it, as start.S requires.
static struct { u64 words[1024]; void (*function)(u64); u64 argument; } __attribute__((aligned(16))) stacks[PES];

static volatile u64 arrived, added, exclusive_added, locked_added, lock_word, mpidr_seen[PES], el_seen[PES], left, messages[PES];

static void add(volatile u64 *to, u64 value) { asm volatile("ldadd %1, xzr, [%0]" : : "r"(to), "r"(value) : "memory"); }
static void add_exclusively(volatile u64 *to, u64 value) {
  u64 old;
  u32 failed;
  do asm volatile("ldxr %0, [%2]\n add %0, %0, %3\n stxr %w1, %0, [%2]" : "=&r"(old), "=&r"(failed) : "r"(to), "r"(value) : "memory");
  while (failed);
}
static void take(volatile u64 *lock) {
  u64 old;
  do {
    old = 0;
    asm volatile("casa %0, %2, [%1]" : "+r"(old) : "r"(lock), "r"(1ul) : "memory");
    if (old) asm volatile("yield");
  } while (old);
}
static void release(volatile u64 *lock) { asm volatile("stlr xzr, [%0]" : : "r"(lock) : "memory"); }

static void work(u64 pe) {
  mpidr_seen[pe] = read_register(mpidr_el1);
  el_seen[pe] = read_register(currentel);
  for (u64 i = 1; i <= ROUNDS; i++) {
    add(&added, i);
    add_exclusively(&exclusive_added, pe + i);
    take(&lock_word);
    locked_added = locked_added + 1;  // a plain load and a plain store: the lock alone keeps them together
    release(&lock_word);
  }
  // A ring of messages, each by store-release and load-acquire.
  if (pe) { u64 seen; do asm volatile("ldar %0, [%1]" : "=r"(seen) : "r"(&messages[pe - 1]) : "memory"); while (!seen); }
  u64 sent = (pe ? messages[pe - 1] : 0) + pe + 1;
  asm volatile("stlr %0, [%1]\n sev" : : "r"(sent), "r"(&messages[pe]) : "memory");
  add(&arrived, 1);
}

static void secondary(u64 pe) {
  work(pe);
  if (pe == 3) {
    add(&left, 1);
    psci_hvc(CPU_OFF, 0, 0, 0);
    add(&left, 100);  // never
  }
  for (;;) asm volatile("wfe");
}
static void again(u64 value) {
  add(&left, value);
  for (;;) asm volatile("wfe");
}

static s64 start(u64 pe, void (*function)(u64), u64 argument, long (*call)(u64, u64, u64, u64)) {
  stacks[pe].function = function;
  stacks[pe].argument = argument;
  dsb();
  return call(CPU_ON, pe, physical((void *)secondary_start), (u64)&stacks[pe].function);
}

/// Waits until the word is `value`, and returns its final number.
static u64 await(volatile u64 *word, u64 value) {
  for (u64 tries = 0; *word != value && tries < 50000000; tries++) asm volatile("yield");
  return *word;
}

int el1_main(void) {
  header();
  u64 version = (u64)psci_hvc(VERSION, 0, 0, 0);
  tell("hvc/version>=0.2", version >= 2 && version < 0x20000);
  tell("hvc/unknown", (u32)psci_hvc(0x8400007f, 0, 0, 0));
  tell("affinity/0", (u64)psci_hvc(AFFINITY_INFO, 0, 0, 0));
  tell("affinity/1,before", (u64)psci_hvc(AFFINITY_INFO, 1, 0, 0));
  tell("affinity/4", (u32)psci_hvc(AFFINITY_INFO, 4, 0, 0));
  tell("on/1", (u64)start(1, secondary, 1, psci_hvc));
  tell("on/2", (u64)start(2, secondary, 2, psci_hvc));
  u64 last = (u64)start(3, secondary, 3, psci_hvc);
  tell("on/3", last);
  if (last != 0) {
    put("there are fewer than four processors: run this with --vcpus 4\n");
    quit(1);
  }
  work(0);
  tell("arrived", await(&arrived, PES));
  tell("ldadd", added);
  tell("exclusives", exclusive_added);
  tell("lock", locked_added);
  tell("ring", messages[PES - 1]);
  for (int pe = 0; pe < PES; pe++) {
    static const char *const names[] = {"mpidr/0", "mpidr/1", "mpidr/2", "mpidr/3"}, *const levels[] = {"currentel/0", "currentel/1", "currentel/2", "currentel/3"};
    tell(names[pe], mpidr_seen[pe] & 0xff00ffffff);
    tell(levels[pe], el_seen[pe]);
  }
  // The PEs must be running first, because QEMU would start a PE twice while it is still starting.
  tell("on/1,again", (u32)psci_hvc(CPU_ON, 1, physical((void *)secondary_start), 0));
  tell("on/0,itself", (u32)psci_hvc(CPU_ON, 0, physical((void *)secondary_start), 0));
  tell("on/4,none", (u32)psci_hvc(CPU_ON, 4, physical((void *)secondary_start), 0));
  tell("left", await(&left, 1));
  u64 state = 0;
  for (u64 tries = 0; tries < 50000000 && (state = (u64)psci_hvc(AFFINITY_INFO, 3, 0, 0)) != 1; tries++) asm volatile("yield");
  tell("affinity/3,off", state);
  tell("affinity/2,on", (u64)psci_hvc(AFFINITY_INFO, 2, 0, 0));
  tell("on/3,again", (u64)start(3, again, 10, psci_hvc));
  tell("left,again", await(&left, 11));
  // SMC: a board may offer PSCI by HVC alone. Without EL3, SMC is then UNDEFINED.
  struct probe p = at_home(EL1H);
  p.x[0] = VERSION;
  extern void psci_smc_probe(void);
  set_code(&p, psci_smc_probe);
  run_probe(&p);
  name_reset();
  name_add("smc/version");
  row(&p, ~0ul, ~0ul, !faulted(&p), p.out[0] == version);
  return 0;
}
asm(".text\n.globl psci_smc_probe\npsci_smc_probe: smc #0\n svc #0xfff\n");
