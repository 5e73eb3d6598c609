// Private memory over fork: which process faults, copies or reuses a page, step by step in a family of processes.
// A row has a state of the page, a script of steps, and the results of each access: minor faults, pagemap bits and the value read.
#include "facts.h"

// Processes 0 to 3: 0 is this one, and each other is a child of an earlier one. Each waits for commands at a pipe of its own; all
// answer through one pipe.
enum { PROCESSES = 4, SIZE = 4 * PAGE };
struct command { int verb, instruction; char *address; u64 value; };
struct answer { s64 faults; u64 bits, value, esr; int signal, code; };

static int command_pipes[PROCESSES][2], answer_pipe[2];
static s64 children[PROCESSES];  // as the parent of each knows them
static int parents[PROCESSES];
static char *warm;

void store_byte(char *address, u64 value);
asm(".text\n.globl store_byte\nstore_byte: strb w1, [x0, #8]\n ret\n");

/// A store of a value behind the word that the instructions access, where instruction is -1.
static struct answer measure(int instruction, char *address, u64 value) {
  s64 faults;
  if (instruction >= 0) faults = touch(instruction, address);
  else {
    caught.sig = 0;
    faults = minor_faults();
    store_byte(address, value);
    faults = minor_faults() - faults;
  }
  return (struct answer){faults, pagemap(address), 0, caught.esr, caught.sig, caught.code};
}

static void be_settled(void) {
  settle();
  open_pagemap();
  for (int i = 0; i < 2; i++) {
    measure(op_of("ldr"), warm, 0);
    measure(-1, warm, 0);
    measure(op_of("ldr"), (char *)8, 0);
  }
}

static struct answer perform(struct command command);

/// What a child does until it is told to end.
static void serve(int self) {
  struct command command;
  struct answer answer = {0};
  be_settled();
  sys(SYS_write, answer_pipe[1], &answer, sizeof answer);
  for (;;) {
    sys(SYS_read, command_pipes[self][0], &command, sizeof command);
    if (command.verb == 'e') sys(SYS_exit_group, 0, 0, 0);
    answer = perform(command);
    sys(SYS_write, answer_pipe[1], &answer, sizeof answer);
  }
}

static struct answer perform(struct command command) {
  struct answer none = {0}, answer;
  char *address = command.address;
  switch (command.verb) {
  case 'f':
    children[command.instruction] = fork();
    if (children[command.instruction] == 0) serve(command.instruction);
    be_settled();
    return none;
  case 'z': wait_for(children[command.instruction]); return none;
  case 'u': sys(SYS_munmap, address, SIZE, 0); return none;
  case 'd': sys(SYS_madvise, address, SIZE, MADV_DONTNEED); return none;
  case 'R': sys(SYS_mprotect, address, SIZE, PROT_R); return none;
  case 'W': sys(SYS_mprotect, address, SIZE, PROT_R | PROT_W); return none;
  case 'N': sys(SYS_mprotect, address, SIZE, 0); return none;
  case 'D': sys(SYS_madvise, address, SIZE, MADV_DONTFORK); return none;
  case 'O': sys(SYS_madvise, address, SIZE, MADV_DOFORK); return none;
  case 'I': sys(SYS_madvise, address, SIZE, MADV_WIPEONFORK); return none;
  case 'K': sys(SYS_madvise, address, SIZE, MADV_KEEPONFORK); return none;
  default:
    answer = measure(command.instruction, address, command.value);
    if (!answer.signal) answer.value = *(volatile u8 *)(address + 8);
    return answer;
  }
}

/// Runs a script of two-letter steps, a process and a verb: t the tested instruction, r ldr, w a store of the process's
/// number + 1 behind the accessed word, f fork (the next number), e exit, u munmap, d MADV_DONTNEED, R W N mprotect to read, to
/// write, to nothing, D DONTFORK, O DOFORK, I WIPEONFORK, K KEEPONFORK.
static void run(char *address, const char *instruction, const char *script) {
  int processes = 1, alive[PROCESSES] = {1};
  cell(instruction);
  cell(script);
  be_settled();
  for (const char *step = script; *step; step += step[2] ? 3 : 2) {
    int process = step[0] - '0';
    struct command command = {step[1], op_of(instruction), address, process + 1};
    struct answer answer;
    if (command.verb == 'r') command.instruction = op_of("ldr");
    if (command.verb == 'w') command.instruction = -1;
    if (command.verb == 'f') {
      parents[processes] = process;
      alive[processes] = 1;
      command.instruction = processes++;
    }
    if (command.verb == 'e') {
      sys(SYS_write, command_pipes[process][1], &command, sizeof command);
      alive[process] = 0;
      command = (struct command){'z', process, 0};
      process = parents[process];
    }
    if (process == 0) answer = perform(command);
    else {
      sys(SYS_write, command_pipes[process][1], &command, sizeof command);
      sys(SYS_read, answer_pipe[0], &answer, sizeof answer);
    }
    if (command.verb == 'f') {
      struct answer hello;  // a child of a child answers too, in either order
      sys(SYS_read, answer_pipe[0], &hello, sizeof hello);
    }
    if (command.verb != 't' && command.verb != 'r' && command.verb != 'w') continue;
    cell_dec(answer.faults);
    if (answer.signal) { put(":"); dec(answer.signal); put("."); dec(answer.code); put("."); hex(answer.esr); continue; }
    put_bits(answer.bits);
    put("="); dec(answer.value);
  }
  for (int process = PROCESSES; --process;)
    if (alive[process]) {
      struct command end = {'e'};
      struct answer none;
      sys(SYS_write, command_pipes[process][1], &end, sizeof end);
      end = (struct command){'z', process, 0};
      if (parents[process] == 0) wait_for(children[process]);
      else {
        sys(SYS_write, command_pipes[parents[process]][1], &end, sizeof end);
        sys(SYS_read, answer_pipe[0], &none, sizeof none);
      }
    }
  end_row();
}

/// Neighbouring mappings, which merge if they may, and which one table serves, so that the level at which an absent page faults
/// does not depend on the address that mmap would have chosen.
enum { AREA = 0, WARM = 4 };
static char *map_at(u64 page, u64 size, int protection) {
  char *address = (char *)0x100000000000 + page * PAGE;
  sys6(SYS_mmap, (s64)address, size, protection, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
  sys(SYS_madvise, address, size, MADV_NOHUGEPAGE);
  return address;
}

static void row(const char *state, int protection, void (*prepare)(char *), const char *instruction, const char *script) {
  char *area = map_at(AREA, SIZE, protection);
  if (prepare) prepare(area);
  cell(state);
  run(area, instruction, script);
  sys(SYS_munmap, area, SIZE, 0);
}

static void read_it(char *area) { *(volatile char *)area; }
static void write_it(char *area) { *(volatile char *)area = 0; area[8] = 7; }
static void write_and_protect(char *area) { write_it(area); sys(SYS_mprotect, area, SIZE, PROT_R); }

static const char *const instructions[] = {
  "ldr", "str", "ldadd", "cas.hit", "cas.miss", "swp", "llsc", "dc.zva", "ldrb", "stp", "casp", "ldxr",
};
#define COUNT(array) ((int)(sizeof array / sizeof *array))

int oracle_main(void) {
  for (int i = 0; i < PROCESSES; i++) sys(SYS_pipe2, command_pipes[i], 0, 0);
  sys(SYS_pipe2, answer_pipe, 0, 0);
  warm = map_at(WARM, PAGE, PROT_R | PROT_W);
  write_it(warm);
  read_it(warm);

  // Each instruction, in both orders, and with one process that has ended.
  static const char *const orders[] = {"0f 0t 1t", "0f 1t 0t", "0f 1e 0t", "0f 1t 1e 0t"};
  for (int i = 0; i < COUNT(instructions); i++)
    for (int order = 0; order < COUNT(orders); order++) {
      row("written", PROT_R | PROT_W, write_it, instructions[i], orders[order]);
      row("zero", PROT_R | PROT_W, read_it, instructions[i], orders[order]);
    }
  for (int i = 0; i < 6; i++) row("untouched", PROT_R | PROT_W, 0, instructions[i], "0f 1t 0t 1t");

  static const char *const scripts[] = {
    "0f 1r 0w 1r 1w",                    // only a reader, then both
    "0f 1w 1w 0w 0w 1e 0w",              // the second write is free
    "0f 0w 0r 1r",                       // each sees its own
    "0f 0f 0w 1w 2w",                    // three owners
    "0f 0f 2w 1w 0w",
    "0f 0f 1e 2e 0w",                    // the last owner
    "0f 0f 1e 0w 2w",
    "0f 0f 1w 1e 2w 2e 0w",
    "0f 1f 2w 1w 0w",                    // a grandchild first
    "0f 1f 0w 1w 2w",
    "0f 1f 2e 1w 0w",
    "0f 1w 1f 2w 1w 0w",                 // the child's copy is shared again
    "0f 1w 1f 2e 1w 1e 0w",
    "0f 0w 0f 2w 0w 1w",                 // fork after a copy
    "0f 1e 0w 0f 2w 2e 0w",              // reuse, then again
    "0f 1e 0f 2e 0f 3e 0w",
    "0f 1u 0w",                          // the other owner unmaps
    "0f 1d 1r 0w 1w",                    // or drops
    "0f 0d 0r 1w 0w",
    "0f 1N 0w 1W 1r 1w",                 // or may not reach it
    "0f 1R 1w 1W 1w 0w",                 // a write that is forbidden, then not
    "0R 0f 1W 1w 0W 0w",                 // forked read-only
    "0R 0f 0W 0w 1W 1w",
    "0R 0f 1r 1e 0W 0w",
    "0R 0W 0f 1w 0w",
    "0N 0f 1W 1r 1w 0W 0w",
    "0R 0W 0w",                          // no fork: protection alone
    "0D 0f 1r 1w 0w",                    // MADV_DONTFORK: not in the child, and not shared
    "0D 0O 0f 1r 1w 0w",
    "0I 0f 1r 1w 0w",                    // MADV_WIPEONFORK: empty in the child, and not shared
    "0I 0f 1w 1f 2r 2w 1r",
    "0I 0K 0f 1r 1w 0w",
    "0I 0f 1K 1w 1f 2r 2w",
    "0d 0f 1r 1w 0r 0w",
  };
  for (int i = 0; i < COUNT(scripts); i++) {
    row("written", PROT_R | PROT_W, write_it, "ldadd", scripts[i]);
    row("zero", PROT_R | PROT_W, read_it, "ldadd", scripts[i]);
  }
  row("read-only", PROT_R | PROT_W, write_and_protect, "ldadd", "0f 1r 1t 1W 1t 0t");
  row("read-only zero", PROT_R, read_it, "ldadd", "0f 1r 1t 1W 1t 0t 0W 0t");
  row("read-only untouched", PROT_R, 0, "ldadd", "0f 1t 1W 1t 0t 0W 0t");
  return 0;
}
