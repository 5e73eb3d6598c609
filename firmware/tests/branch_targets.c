// Branch target identification: PROT_BTI and its flag in smaps, the note of this program, indirect branches to each kind of landing pad,
// the signal of a wrong one, and BTYPE in frames. The program is built with landing pads. It prints no address, and nothing about BTYPE
// after a system call, which is the processor's choice.
#include "tasks.h"

enum { PROT_BTI = 0x10, PROT_MTE = 0x20 };

static char text[65536];

// MARK: Flags

/// Prints whether the mapping at an address has the letters bt.
static void show_flag(const char *what, const void *place) {
  read_whole("/proc/self/smaps", text, sizeof text);
  int is_inside = 0;
  for (char *line = text; *line;) {
    u64 start = 0, end = 0;
    char *at = line;
    for (; (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f'); at++) start = start * 16 + (*at <= '9' ? *at - '0' : *at - 'a' + 10);
    if (*at == '-' && at > line) {
      for (at++; (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f'); at++) end = end * 16 + (*at <= '9' ? *at - '0' : *at - 'a' + 10);
      is_inside = start <= (u64)place && (u64)place < end;
    }
    if (is_inside && line[0] == 'V' && line[1] == 'm' && line[2] == 'F') {
      put("  "); put(what); put(":");
      for (at = line + 8; *at && *at != '\n'; at++) output[output_length++] = *at;
      put("\n");
      return;
    }
    while (*line && *line != '\n') line++;
    if (*line) line++;
  }
  put("  "); put(what); put(": not mapped\n");
}

static char *raw_map(int protection, int flags) { return (char *)sys6(SYS_mmap, 0, 2 * PAGE, protection, flags, -1, 0); }

static void flags(void) {
  s64 length = read_whole("/proc/self/auxv", text, sizeof text);
  for (s64 i = 0; i + 1 < length / 8; i += 2)
    if (((u64 *)text)[i] == 26) tell("HWCAP2", ((u64 *)text)[i + 1] >> 17 & 1, 0);
  read_whole("/proc/cpuinfo", text, sizeof text);
  int has = 0;
  for (char *at = text; *at; at++) has |= at[0] == ' ' && at[1] == 'b' && at[2] == 't' && at[3] == 'i' && (at[4] == ' ' || at[4] == '\n');
  tell("cpuinfo", has, 0);
  show_flag("this program's code", (void *)flags);
  show_flag("its data", text);
  char *memory = raw_map(PROT_R | PROT_X | PROT_BTI, MAP_PRIVATE | MAP_ANON);
  show_flag("mmap", memory);
  tell("mprotect away", sys(SYS_mprotect, memory, PAGE, PROT_R | PROT_X), 0);
  show_flag("first", memory);
  show_flag("second", memory + PAGE);
  tell("mprotect back", sys(SYS_mprotect, memory, PAGE, PROT_R | PROT_X | PROT_BTI), 0);
  show_flag("both", memory);
  tell("data", sys(SYS_mprotect, memory, PAGE, PROT_R | PROT_W | PROT_BTI), 0);
  show_flag("data", memory);
  tell("none", sys(SYS_mprotect, memory, PAGE, PROT_BTI), 0);
  show_flag("none", memory);
  tell("tags too", sys(SYS_mprotect, memory, PAGE, PROT_R | PROT_BTI | PROT_MTE), 0);
  tell("tags", sys(SYS_mprotect, memory, PAGE, PROT_R | PROT_MTE), 0);
  tell("more", sys(SYS_mprotect, memory, PAGE, PROT_R | 0x40), 0);
  memory = raw_map(PROT_R | PROT_X | PROT_MTE | 0x40, MAP_PRIVATE | MAP_ANON);
  show_flag("mmap with more", memory);
  memory = raw_map(PROT_R | PROT_BTI, MAP_SHARED | MAP_ANON);
  show_flag("shared", memory);
  s64 child = spawn();
  if (child == 0) {
    show_flag("child", memory);
    flush();
    leave(0);
  }
  wait4(child, 0, 0);
  memory = (char *)sys6(SYS_mremap, (s64)memory, 2 * PAGE, 4 * PAGE, 1, 0, 0);
  show_flag("moved", memory);
}

// MARK: Branches

enum { NOP = 0xd503201f, BTI = 0xd503241f, BTI_C = 0xd503245f, BTI_J = 0xd503249f, BTI_JC = 0xd50324df, PACIASP = 0xd503233f,
       PACIBSP = 0xd503237f, AUTIASP = 0xd50323bf, AUTIBSP = 0xd50323ff, RET = 0xd65f03c0, BRK = 0xd4200020, HLT = 0xd4400000,
       UDF = 0, SVC = 0xd4000001, MOV_X8_172 = 0xd2801588, PACIA = 0xdac103fe, XPACLRI = 0xd50320ff, B_SELF_8 = 0x14000002 };

static const struct pad { const char *name; u32 words[4]; } pads[] = {
  {"nop", {NOP, RET}}, {"bti", {BTI, RET}}, {"bti c", {BTI_C, RET}}, {"bti j", {BTI_J, RET}}, {"bti jc", {BTI_JC, RET}},
  {"paciasp", {PACIASP, AUTIASP, RET}}, {"pacibsp", {PACIBSP, AUTIBSP, RET}}, {"brk", {BRK, RET}}, {"hlt", {HLT, RET}},
  {"udf", {UDF, RET}}, {"svc", {SVC, RET}}, {"pacia x30, sp", {PACIA, AUTIASP, RET}}, {"ret", {RET}}, {"xpaclri", {XPACLRI, RET}},
};
enum { PADS = sizeof pads / sizeof *pads };

static volatile int signals, last_signal, last_code, last_offset, last_type, last_same, has_esr;
static volatile u64 last_esr;
static char *code;

/// Records the signal, and goes on at the caller with BTYPE 0.
static void on_fault(int number, struct siginfo *info, struct ucontext *context) {
  signals++;
  last_signal = number;
  last_code = info->code;
  last_offset = (int)(context->pc - (u64)code) & 63;
  last_same = info->address == context->pc;
  last_type = context->pstate >> 10 & 3;
  const u64 *esr = esr_record(context);
  has_esr = esr != 0;
  last_esr = esr ? *esr : 0;
  context->pc = context->regs[30];
  context->pstate &= ~(3ul << 10);
}

static void by_call(char *target) { asm volatile("blr %0" : : "r"(target) : "x30", "x8", "memory"); }
static void by_x16(char *target) {
  asm volatile("mov x16, %0\n adr x30, 1f\n br x16\n 1: hint #36" : : "r"(target) : "x16", "x30", "x8", "memory");
}
static void by_x17(char *target) {
  asm volatile("mov x17, %0\n adr x30, 1f\n br x17\n 1: hint #36" : : "r"(target) : "x17", "x30", "x8", "memory");
}
static void by_x9(char *target) {
  asm volatile("mov x9, %0\n adr x30, 1f\n br x9\n 1: hint #36" : : "r"(target) : "x9", "x30", "x8", "memory");
}
static void by_return(char *target) {
  asm volatile("mov x9, %0\n adr x30, 1f\n ret x9\n 1: hint #36" : : "r"(target) : "x9", "x30", "x8", "memory");
}
/// A branch through a register from a page that is not guarded.
static char *unguarded;
static void by_other_page(char *target) {
  asm volatile("mov x9, %0\n mov x10, %1\n adr x30, 1f\n ret x10\n 1: hint #36" : : "r"(target), "r"(unguarded) : "x9", "x10", "x30", "x8", "memory");
}

static const struct { const char *name; void (*go)(char *); } kinds[] = {
  {"blr", by_call}, {"br x16", by_x16}, {"br x17", by_x17}, {"br x9", by_x9}, {"ret", by_return}, {"br of another page", by_other_page},
};

static char *code_page(const u32 *words, int count) {
  char *page = (char *)sys6(SYS_mmap, 0, PAGE, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON, -1, 0);
  for (int i = 0; i < count; i++) ((u32 *)page)[i] = words[i];
  for (char *line = page; line < page + PAGE; line += 16) asm volatile("dc cvau, %0\n ic ivau, %0" : : "r"(line) : "memory");
  asm volatile("dsb ish\n isb");
  return page;
}

static void branches(int protection) {
  handle(SIGILL, on_fault), handle(SIGTRAP, on_fault), handle(SIGSEGV, on_fault), handle(SIGBUS, on_fault);
  u32 branch[1] = {0xd61f0120};  // br x9
  unguarded = code_page(branch, 1);
  sys(SYS_mprotect, unguarded, PAGE, PROT_R | PROT_X);
  u32 words[PADS * 4];
  for (int n = 0; n < PADS; n++)
    for (int i = 0; i < 4; i++) words[4 * n + i] = pads[n].words[i];
  code = code_page(words, PADS * 4);
  tell("mprotect", sys(SYS_mprotect, code, PAGE, PROT_R | PROT_X | protection), 0);
  for (u64 kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
    put("  "); put(kinds[kind].name); put("\n");
    for (int n = 0; n < PADS; n++) {
      signals = 0;
      char *target = code + 16 * n;
      code = target;
      kinds[kind].go(target);
      code = target - 16 * n;
      put("    "); put(pads[n].name); put(":");
      if (signals == 0) { put(" runs\n"); continue; }
      put(" signal "); dec(last_signal); put(" code "); dec(last_code); put(" at "); dec(last_offset);
      put(" BTYPE "); dec(last_type); put(last_same ? " addressed" : "");
      if (has_esr) { put(" ESR "); hex(last_esr); }
      put("\n");
    }
  }
}
static void guarded(void) { branches(PROT_BTI); }
static void not_guarded(void) { branches(0); }

// MARK: Signals

static volatile int inner;
static void on_usr(int number, struct siginfo *info, struct ucontext *context) { inner++; }

static void handlers(void) {
  handle(SIGILL, on_fault);
  // A handler's first instruction is the target of a call.
  static const struct { const char *name; u32 words[2]; } firsts[] = {
    {"nop", {NOP, RET}}, {"bti c", {BTI_C, RET}}, {"bti j", {BTI_J, RET}}, {"bti jc", {BTI_JC, RET}},
  };
  for (u64 n = 0; n < sizeof firsts / sizeof *firsts; n++) {
    for (int protection = 0; protection <= PROT_BTI; protection += PROT_BTI) {
      char *page = code_page(firsts[n].words, 2);
      sys(SYS_mprotect, page, PAGE, PROT_R | PROT_X | protection);
      code = page;
      handle(SIGUSR1, (signal_handler *)page);
      signals = 0;
      kill(getpid(), SIGUSR1);
      put("  "); put(firsts[n].name); put(protection ? " guarded" : ""); put(": signals "); dec(signals);
      if (signals) { put(" signal "); dec(last_signal); put(" code "); dec(last_code); put(" BTYPE "); dec(last_type); }
      put("\n");
    }
  }
  handle(SIGUSR1, on_usr);
  kill(getpid(), SIGUSR1);
  tell("this program's own handler", inner, 0);
}

static volatile int rounds;
static volatile u64 wanted_type;
/// Goes on at the same place with the wanted BTYPE, and the second time after it.
static void on_again(int number, struct siginfo *info, struct ucontext *context) {
  last_type = context->pstate >> 10 & 3;
  if (rounds++ == 0) {
    context->pstate = (context->pstate & ~(3ul << 10)) | wanted_type << 10;
    return;
  }
  context->pc = context->regs[30];
  context->pstate &= ~(3ul << 10);
}

static void returning(void) {
  handle(SIGILL, on_again);
  static const u32 words[] = {NOP, RET, NOP, NOP, BTI_C, RET};
  char *page = code_page(words, 6);
  sys(SYS_mprotect, page, PAGE, PROT_R | PROT_X | PROT_BTI);
  for (wanted_type = 0; wanted_type < 4; wanted_type++) {
    rounds = 0;
    by_call(page);
    tell("BTYPE in the frame", last_type, 0);
    tell("signals", rounds, 0);
  }
}

static void pages_come_and_go(void) {
  // The guard follows mprotect at once, for pages that are present already.
  static const u32 words[] = {NOP, RET};
  char *page = code_page(words, 2);
  handle(SIGILL, on_fault);
  code = page;
  static const int protections[] = {PROT_R | PROT_X, PROT_R | PROT_X | PROT_BTI, PROT_R | PROT_X, PROT_R | PROT_X | PROT_BTI};
  for (int i = 0; i < 4; i++) {
    sys(SYS_mprotect, page, PAGE, protections[i]);
    signals = 0;
    by_call(page);
    tell("signals", signals, 0);
  }
  s64 child = spawn();
  if (child == 0) {
    signals = 0;
    by_call(page);
    leave(signals);
  }
  wait_and_tell("child", child, 0);
}

static const struct test tests[] = {
  {"flags", flags}, {"guarded", guarded}, {"not-guarded", not_guarded}, {"handlers", handlers}, {"returning", returning},
};

int guest_main(int argc, char **argv) {
  // QEMU keeps code that it translated without the guard, so this case has no recording.
  if (argc == 2 && same(argv[1], "protection")) { pages_come_and_go(); return 0; }
  return run_tests(argc, argv, tests, sizeof tests / sizeof *tests);
}
