// Futexes with priority inheritance, requeueing to them, and the calls of futex2: what each call answers, the word that it leaves, and the
// order in which waiters get a lock. It prints no id and no time: an id is named by whose it is.
#include "tasks.h"

enum {
  WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAKE_OP = 5, LOCK_PI = 6, UNLOCK_PI = 7, TRYLOCK_PI = 8, WAIT_BITSET = 9,
  WAKE_BITSET = 10, WAIT_REQUEUE_PI = 11, CMP_REQUEUE_PI = 12, LOCK_PI2 = 13, PRIVATE = 128, REALTIME = 256,
  SYS_sched_setscheduler = 119, SYS_sched_getscheduler = 120, SYS_futex_waitv = 449, SYS_futex_wake = 454, SYS_futex_wait = 455,
  SYS_futex_requeue = 456,
  THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
           CLONE_CHILD_CLEARTID,
};
#define WAITERS 0x80000000u
#define DIED 0x40000000u
#define NEVER 0x3ffffff0u  // an id that no task has

static s64 futex(volatile void *word, int operation, u64 value, const void *time, volatile void *other, u32 third) {
  return sys6(SYS_futex, (s64)word, operation, value, (s64)time, (s64)other, third);
}

// MARK: Threads

struct thread { volatile u32 tid; u32 id; void (*run)(u64); u64 argument; u64 tls[2]; };
s64 start_thread(u64 flags, char *stack, u32 *parent, u64 *tls, volatile u32 *child, struct thread *thread);
asm(".text\n.globl start_thread\nstart_thread: stp x5, x30, [x1, #-16]!\n mov x8, #220\n svc #0\n cbz x0, 1f\n ret\n"
    "1: ldp x0, x1, [sp], #16\n mov x29, #0\n mov x30, #0\n b run_thread\n");
void run_thread(struct thread *thread) {
  thread->run(thread->argument);
  for (;;) sys(SYS_exit, 0, 0, 0);
}
static struct thread *create(void (*run)(u64), u64 argument) {
  struct thread *thread = (struct thread *)map(PAGE, PROT_R | PROT_W);
  thread->tid = 1;
  thread->run = run;
  thread->argument = argument;
  start_thread(THREAD, new_stack(), &thread->id, thread->tls, &thread->tid, thread);
  return thread;
}
static void join(struct thread *thread) {
  for (u32 tid; (tid = thread->tid) != 0;) futex(&thread->tid, WAIT, tid, 0, 0, 0);
}
/// Lets the other tasks run until they wait.
static void settle(void) { sleep_for(30000000); }

// MARK: Rows

static volatile u32 words[4];
#define lock (words[0])
#define second (words[1])
static struct thread *others[5];

/// A word by the task that it names: own, other and its number, never for NEVER, and the bits.
static void put_word(u32 value) {
  u32 id = value & 0x3fffffff;
  if (value & WAITERS) put("W|");
  if (value & DIED) put("D|");
  if (!id) { put("0"); return; }
  if (id == (u32)gettid()) { put("own"); return; }
  if (id == NEVER) { put("never"); return; }
  for (int i = 0; i < 5; i++) if (others[i] && others[i]->id == id) { put("other"); dec(i); return; }
  hex(id);
}
static const char *section = "";
static void row(const char *what, s64 answer) {
  put(section); put("\t"); put(what); put("\t"); dec(answer); put("\n");
  if (output_length > sizeof output - PAGE) flush();
}
static void row_word(const char *what, s64 answer, u32 value) {
  put(section); put("\t"); put(what); put("\t"); dec(answer); put("\t"); put_word(value); put("\n");
  if (output_length > sizeof output - PAGE) flush();
}
static void try_with(const char *what, u32 value, int operation) {
  lock = value;
  s64 answer = futex(&lock, operation | PRIVATE, 0, 0, 0, 0);
  row_word(what, answer, lock);
}

// MARK: One task

static const u64 past[2] = {0, 1}, bad[2] = {0, 1000000000}, negative[2] = {-1ul, 0};

static void words_alone(void) {
  u32 own = gettid();
  static const struct { const char *name; int operation; } kinds[] = {
    {"lock", LOCK_PI}, {"trylock", TRYLOCK_PI}, {"lock2", LOCK_PI2}, {"unlock", UNLOCK_PI}};
  for (int k = 0; k < 4; k++) {
    section = kinds[k].name;
    int operation = kinds[k].operation;
    try_with("free", 0, operation);
    try_with("free, died", DIED, operation);
    try_with("free, waiters", WAITERS, operation);
    try_with("free, both", WAITERS | DIED, operation);
    try_with("own", own, operation);
    try_with("own, waiters", WAITERS | own, operation);
    try_with("own, died", DIED | own, operation);
    try_with("own, both", WAITERS | DIED | own, operation);
    try_with("never", NEVER, operation);
    try_with("never, waiters", WAITERS | NEVER, operation);
    try_with("never, died", DIED | NEVER, operation);
    char *page = map(PAGE, PROT_R | PROT_W), *readable = map(PAGE, PROT_R | PROT_W), *none = map(PAGE, 0);
    *(volatile u32 *)readable = 0;
    sys(SYS_mprotect, readable, PAGE, PROT_R);
    row("misaligned", futex(page + 2, operation | PRIVATE, 0, 0, 0, 0));
    *(volatile u32 *)(page + 6) = own;
    row("misaligned own", futex(page + 6, operation | PRIVATE, 0, 0, 0, 0));
    row("fresh", futex(page, operation | PRIVATE, 0, 0, 0, 0));
    row("read-only", futex(readable, operation | PRIVATE, 0, 0, 0, 0));
    row("read-only shared", futex(readable, operation, 0, 0, 0, 0));
    row("none", futex(none, operation | PRIVATE, 0, 0, 0, 0));
    row("null", futex(0, operation | PRIVATE, 0, 0, 0, 0));
    row("kernel", futex((void *)0xffff800000000000ul, operation | PRIVATE, 0, 0, 0, 0));
    lock = 0;
    row("bad time", futex(&lock, operation | PRIVATE, 0, bad, 0, 0));
    row("negative time", futex(&lock, operation | PRIVATE, 0, negative, 0, 0));
    row("unreadable time", futex(&lock, operation | PRIVATE, 0, (void *)8, 0, 0));
    lock = 0;
    row("past", futex(&lock, operation | PRIVATE, 0, past, 0, 0));
    lock = 0;
    row("realtime", futex(&lock, operation | PRIVATE | REALTIME, 0, 0, 0, 0));
    row("realtime, bad time", futex(&lock, operation | PRIVATE | REALTIME, 0, bad, 0, 0));
  }
  section = "command";
  lock = 0;
  static const int unknown[] = {2, 14, 15, 64, 512, 1024, WAKE | 512, WAKE | 1024, WAIT | REALTIME, WAKE | REALTIME, WAIT_BITSET | 512};
  for (u64 i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    put("command\t"); dec(unknown[i]); put("\t");
    dec(futex(&lock, unknown[i] | PRIVATE, 1, past, 0, ~0u)); put("\n");
  }
  section = "requeue_pi";
  lock = 0, second = 0;
  row("wait same", futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 0, past, &lock, 0));
  row("wait mismatch", futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 1, past, &second, 0));
  row("wait misaligned", futex((char *)&lock + 1, WAIT_REQUEUE_PI | PRIVATE, 0, past, &second, 0));
  row("wait target misaligned", futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 0, past, (char *)&second + 1, 0));
  row("wait target null", futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 0, past, 0, 0));
  row("wait past", futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 0, past, &second, 0));
  row("wait bad time", futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 1, bad, &second, 0));
  row("wait realtime", futex(&lock, WAIT_REQUEUE_PI | PRIVATE | REALTIME, 0, past, &second, 0));
  row("move none", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, 0));
  row("move wake 0", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 0, (void *)1, &second, 0));
  row("move wake 2", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 2, (void *)1, &second, 0));
  row("move negative", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)-1, &second, 0));
  row("move same", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &lock, 0));
  row("move mismatch", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, 1));
  row("move realtime", futex(&lock, CMP_REQUEUE_PI | PRIVATE | REALTIME, 1, (void *)1, &second, 0));
}

// MARK: Owners and waiters

static volatile int order[16], turn, go;
static volatile s64 answers[8];

static void holds(u64 number) {
  answers[number] = futex(&lock, LOCK_PI | PRIVATE, 0, 0, 0, 0);
  while (!go) sleep_for(5000000);
  answers[number] = futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
}
static void takes(u64 number) {
  // The creator may set the priority meanwhile.
  sleep_for(10000000);
  answers[number] = futex(&lock, LOCK_PI | PRIVATE, 0, 0, 0, 0);
  order[turn++] = (int)number;
  sleep_for(5000000);
  futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
}
static void begin(const char *name) {
  section = name;
  lock = 0, second = 0, turn = 0, go = 0;
  for (int i = 0; i < 5; i++) others[i] = 0;
  for (int i = 0; i < 8; i++) answers[i] = 0x5555;
}
static void start(int number, void (*run)(u64)) { others[number] = create(run, number); settle(); }
static void real_time(int number, int priority) {
  int parameter = priority;
  s64 answer = sys(SYS_sched_setscheduler, number < 0 ? 0 : others[number]->id, priority ? 1 : 0, &parameter);
  if (answer) row("sched_setscheduler", answer);
}
static void row_order(const char *what) {
  put(section); put("\t"); put(what); put("\t");
  for (int i = 0; i < turn; i++) { if (i) put(" "); dec(order[i]); }
  put("\n");
}
/// Field 18 of /proc/self/task/ID/stat.
static s64 shown_priority(int number) {
  static char path[64], text[2048];
  char digits[12];
  int n = 0, m = 0;
  for (const char *at = "/proc/self/task/"; *at;) path[n++] = *at++;
  for (s64 rest = number < 0 ? gettid() : others[number]->id; rest; rest /= 10) digits[m++] = '0' + rest % 10;
  while (m) path[n++] = digits[--m];
  for (const char *at = "/stat"; *at;) path[n++] = *at++;
  path[n] = 0;
  if (read_whole(path, text, sizeof text) <= 0) return -999;
  char *at = text;
  while (*at && *at != ')') at++;
  for (int field = 2; field < 18 && *at; at++) if (*at == ' ') field++;
  s64 sign = 1, value = 0;
  if (*at == '-') sign = -1, at++;
  while (*at >= '0' && *at <= '9') value = value * 10 + *at++ - '0';
  return sign * value;
}

static void held(void) {
  begin("held");
  start(0, holds);
  row_word("owned", answers[0], lock);
  s64 answer = futex(&lock, TRYLOCK_PI | PRIVATE, 0, 0, 0, 0);
  row_word("trylock", answer, lock);
  answer = futex(&lock, LOCK_PI | PRIVATE, 0, past, 0, 0);
  row_word("lock with a time that is over", answer, lock);
  answer = futex(&lock, LOCK_PI2 | PRIVATE, 0, past, 0, 0);
  row_word("lock2 with a time that is over", answer, lock);
  u64 soon[2];
  sys(SYS_clock_gettime, 1, soon, 0);
  soon[0] += (soon[1] += 20000000) / 1000000000, soon[1] %= 1000000000;
  answer = futex(&lock, LOCK_PI2 | PRIVATE, 0, soon, 0, 0);
  row_word("lock2 with a time to come", answer, lock);
  row("unlock of another's", futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0));
  go = 1;
  answer = futex(&lock, LOCK_PI | PRIVATE, 0, 0, 0, 0);
  row_word("lock", answer, lock);
  join(others[0]);
  row("the owner's unlock", answers[0]);
  answer = futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
  row_word("unlock", answer, lock);
}

static void queues(void) {
  begin("fifo");
  lock = gettid();
  for (int i = 0; i < 4; i++) start(i, takes);
  row_word("waiters", 0, lock);
  s64 answer = futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
  row_word("unlock", answer, lock);
  for (int i = 0; i < 4; i++) join(others[i]);
  row_order("order");
  row_word("at the end", 0, lock);

  begin("priorities");
  lock = gettid();
  static const int wanted[] = {0, 10, 30, 20, 0};
  for (int i = 0; i < 5; i++) {
    // The priority is set before the wait begins.
    others[i] = create(takes, i);
    real_time(i, wanted[i]);
    settle();
    put(section); put("\tboost of the owner\t"); dec(shown_priority(-1)); put("\n");
  }
  row("sched_getscheduler", sys(SYS_sched_getscheduler, 0, 0, 0));
  answer = futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
  put(section); put("\tafter unlock\t"); dec(answer); put("\t"); dec(shown_priority(-1)); put("\n");
  for (int i = 0; i < 5; i++) join(others[i]);
  row_order("order");
}

/// A word that names a task of another process, by a private key and by a shared one.
static void strangers(void) {
  begin("another process");
  s64 child = spawn();
  if (!child) { for (;;) sleep_for(1000000000); }
  static const struct { const char *name; int operation; } kinds[] = {
    {"lock private", LOCK_PI | PRIVATE}, {"lock shared", LOCK_PI}, {"trylock private", TRYLOCK_PI | PRIVATE}, {"trylock shared", TRYLOCK_PI}};
  for (int k = 0; k < 4; k++) {
    lock = (u32)child;
    s64 answer = futex(&lock, kinds[k].operation, 0, past, 0, 0);
    put(section); put("\t"); put(kinds[k].name); put("\t"); dec(answer); put(lock == (WAITERS | child) ? "\tW|child\n" : "\tother\n");
  }
  kill(child, SIGKILL);
  settle();
  // It has ended, and its parent has not waited for it yet.
  lock = (u32)child;
  row("lock of a zombie", futex(&lock, LOCK_PI | PRIVATE, 0, past, 0, 0));
  wait4(child, 0, 0);
  row("lock of what was a zombie", futex(&lock, LOCK_PI | PRIVATE, 0, past, 0, 0));
}

static volatile u32 *const chain = words;
static void links(u64 number) {
  // Thread n owns word n and waits for word n + 1.
  futex(&chain[number], LOCK_PI | PRIVATE, 0, 0, 0, 0);
  while (!go) sleep_for(5000000);
  answers[number] = futex(&chain[number + 1], LOCK_PI | PRIVATE, 0, 0, 0, 0);
  order[turn++] = (int)number;
  if (answers[number] == 0) futex(&chain[number + 1], UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
  futex(&chain[number], UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
}
static void chains(void) {
  begin("chain");
  words[2] = words[3] = 0;
  start(0, links), start(1, links), start(2, links);
  futex(&chain[3], LOCK_PI | PRIVATE, 0, 0, 0, 0);
  go = 1;
  settle();
  for (int i = 0; i < 4; i++) row_word("word", i, chain[i]);
  // The last waits for the first: a cycle.
  row("cycle", futex(&chain[0], LOCK_PI | PRIVATE, 0, 0, 0, 0));
  row("trylock in a cycle", futex(&chain[0], TRYLOCK_PI | PRIVATE, 0, 0, 0, 0));
  real_time(0, 7);
  put(section); put("\tpriorities\t"); dec(shown_priority(0)); put(" "); dec(shown_priority(1)); put(" "); dec(shown_priority(2));
  put(" "); dec(shown_priority(-1)); put("\n");
  real_time(0, 0);
  put(section); put("\tpriorities\t"); dec(shown_priority(0)); put(" "); dec(shown_priority(1)); put(" "); dec(shown_priority(2));
  put(" "); dec(shown_priority(-1)); put("\n");
  futex(&chain[3], UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
  for (int i = 0; i < 3; i++) join(others[i]);
  row_order("order");
  for (int i = 0; i < 3; i++) row("answer", answers[i]);
}

static void waits_plainly(u64 number) { answers[number] = futex(&lock, WAIT | PRIVATE, lock, 0, 0, 0); }
static void mixing(void) {
  begin("mixed");
  lock = gettid();
  start(0, waits_plainly);
  start(1, takes);
  row_word("lock beside a plain waiter", answers[1], lock);
  join(others[1]);
  row("unlock beside a plain waiter", futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0));
  row("wake of the plain waiter", futex(&lock, WAKE | PRIVATE, 9, 0, 0, 0));
  join(others[0]);

  begin("mixed 2");
  lock = gettid();
  start(0, takes);
  row("wake of a lock's waiter", futex(&lock, WAKE | PRIVATE, 1, 0, 0, 0));
  row("requeue of a lock's waiter", futex(&lock, REQUEUE | PRIVATE, 1, (void *)1, &second, 0));
  row("cmp_requeue_pi of a lock's waiter", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, lock));
  lock = NEVER;
  row("trylock, word changed to never", futex(&lock, TRYLOCK_PI | PRIVATE, 0, 0, 0, 0));
  lock = 0;
  row_word("trylock, word changed to 0", futex(&lock, TRYLOCK_PI | PRIVATE, 0, 0, 0, 0), lock);
  lock = WAITERS | gettid();
  row_word("unlock", futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0), lock);
  join(others[0]);
  row_word("the waiter", answers[0], lock);
}

// MARK: Owners that end

static void takes_and_ends(u64 number) {
  answers[number] = futex(&lock, LOCK_PI | PRIVATE, 0, 0, 0, 0);
  while (!go) sleep_for(5000000);
}
struct robust_head { void *next; s64 offset; void *pending; };
struct robust_entry { void *next; volatile u32 word; };
static struct robust_entry entries[2];
static void robust_ends(u64 number) {
  struct robust_head *head = (struct robust_head *)map(PAGE, PROT_R | PROT_W);
  u64 inherits = number & 1;
  head->next = (char *)&entries[0] + inherits;
  entries[0].next = (char *)&entries[1] + inherits;
  entries[1].next = head;
  head->offset = 8;
  sys(SYS_set_robust_list, head, 24, 0);
  for (int i = 0; i < 2; i++) answers[i] = futex(&entries[i].word, LOCK_PI | PRIVATE, 0, 0, 0, 0);
  while (!go) sleep_for(5000000);
}
static void takes_entry(u64 number) {
  answers[number] = futex(&entries[number & 1].word, LOCK_PI | PRIVATE, 0, 0, 0, 0);
  order[turn++] = (int)number;
}
static void ending(void) {
  begin("ends");
  start(0, takes_and_ends);
  go = 1;
  join(others[0]);
  settle();
  row_word("without waiters", answers[0], lock);
  s64 answer = futex(&lock, LOCK_PI | PRIVATE, 0, 0, 0, 0);
  row_word("lock afterwards", answer, lock);

  begin("ends 2");
  start(0, takes_and_ends);
  start(1, takes);
  start(2, takes);
  row_word("waiters", 0, lock);
  go = 1;
  for (int i = 0; i < 3; i++) join(others[i]);
  row_order("order");
  row("answer", answers[1]);
  row_word("word", answers[2], lock);

  for (int inherits = 0; inherits < 2; inherits++) {
    begin(inherits ? "robust pi" : "robust");
    entries[0].word = entries[1].word = 0;
    others[0] = create(robust_ends, inherits);
    settle();
    start(2, takes_entry), start(3, takes_entry);
    row_word("waiters", 0, entries[0].word);
    go = 1;
    for (int i = 0; i < 4; i++) if (others[i]) join(others[i]);
    settle();
    row("answer", answers[2]);
    row("answer", answers[3]);
    row_word("word", 0, entries[0].word);
    row_word("word", 1, entries[1].word);
  }
}

// MARK: Requeueing

static void waits_to_move(u64 number) {
  answers[number] = futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 0, 0, &second, 0);
  order[turn++] = (int)number;
  if (answers[number] == 0) { sleep_for(5000000); futex(&second, UNLOCK_PI | PRIVATE, 0, 0, 0, 0); }
}
static void waits_for_third(u64 number) { answers[number] = futex(&lock, WAIT_REQUEUE_PI | PRIVATE, 0, 0, &words[2], 0); }
static void moving(void) {
  begin("move to a free lock");
  for (int i = 0; i < 4; i++) start(i, waits_to_move);
  row("wake", futex(&lock, WAKE | PRIVATE, 1, 0, 0, 0));
  row("requeue", futex(&lock, REQUEUE | PRIVATE, 1, (void *)1, &words[2], 0));
  row("to another target", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &words[2], 0));
  s64 answer = futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)2, &second, 0);
  row_word("move", answer, second);
  settle();
  row_order("so far");
  answer = futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)9, &second, 0);
  row_word("move the rest", answer, second);
  for (int i = 0; i < 4; i++) join(others[i]);
  row_order("order");
  for (int i = 0; i < 4; i++) row("answer", answers[i]);
  row_word("at the end", 0, second);

  begin("move one to a free lock");
  start(0, waits_to_move);
  answer = futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, 0, &second, 0);
  row_word("move", answer, second);
  join(others[0]);
  row_word("at the end", answers[0], second);

  begin("move to an owned lock");
  second = gettid();
  for (int i = 0; i < 3; i++) start(i, waits_to_move);
  answer = futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, 0, &second, 0);
  row_word("move none", answer, second);
  answer = futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)9, &second, 0);
  row_word("move all", answer, second);
  answer = futex(&second, UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
  row_word("unlock", answer, second);
  for (int i = 0; i < 3; i++) join(others[i]);
  row_order("order");

  begin("move to a lock of never");
  second = NEVER;
  start(0, waits_to_move);
  answer = futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, 0);
  row_word("move", answer, second);
  second = 0;
  row("again", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, 0));
  join(others[0]);

  begin("other target");
  start(0, waits_for_third);
  row("move", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, 0));
  row("move", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &words[2], 0));
  join(others[0]);
  row("answer", answers[0]);
}

// MARK: Signals

static volatile int handled;
static void on_user_signal(int signal, struct siginfo *info, struct ucontext *context) { handled++; }
static void signals(void) {
  static const u64 flags[] = {0, SA_RESTART};
  for (int f = 0; f < 2; f++) {
    on(SIGUSR1, on_user_signal, flags[f]);
    begin(f ? "signal with restart" : "signal");
    handled = 0;
    lock = gettid();
    start(0, takes);
    sys(SYS_tgkill, getpid(), others[0]->id, SIGUSR1);
    settle();
    row("handled in lock", handled);
    row_word("still waits", answers[0] == 0x5555, lock);
    futex(&lock, UNLOCK_PI | PRIVATE, 0, 0, 0, 0);
    join(others[0]);
    row("answer", answers[0]);

    begin(f ? "signal with restart before a move" : "signal before a move");
    handled = 0;
    start(0, waits_to_move);
    sys(SYS_tgkill, getpid(), others[0]->id, SIGUSR1);
    settle();
    row("handled", handled);
    row("still waits", answers[0] == 0x5555);
    row("move", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, 0));
    join(others[0]);
    row("answer", answers[0]);

    begin(f ? "signal with restart after a move" : "signal after a move");
    handled = 0;
    second = gettid();
    start(0, waits_to_move);
    row("move", futex(&lock, CMP_REQUEUE_PI | PRIVATE, 1, (void *)1, &second, 0));
    sys(SYS_tgkill, getpid(), others[0]->id, SIGUSR1);
    settle();
    row("handled", handled);
    row_word("answer", answers[0], second);
    row_word("unlock", futex(&second, UNLOCK_PI | PRIVATE, 0, 0, 0, 0), second);
    join(others[0]);
  }
}

// MARK: futex2

struct waiter { u64 value, address; u32 flags, reserved; };
enum { U8 = 0, U16 = 1, U32 = 2, U64 = 3, NUMA = 4, MPOL = 8 };
static s64 wait2(volatile void *word, u64 value, u64 mask, u32 flags, const void *time, int clock) {
  return sys6(SYS_futex_wait, (s64)word, value, mask, flags, (s64)time, clock);
}
static s64 wake2(volatile void *word, u64 mask, int count, u32 flags) { return sys6(SYS_futex_wake, (s64)word, mask, count, flags, 0, 0); }
static s64 requeue2(struct waiter *waiters, u32 flags, int wakes, int moves) {
  return sys6(SYS_futex_requeue, (s64)waiters, flags, wakes, moves, 0, 0);
}
static void waits2(u64 number) {
  answers[number] = wait2(&lock, 0, number + 1, U32 | PRIVATE, 0, 0);
  order[turn++] = (int)number;
}
static void second_calls(void) {
  section = "futex_wait";
  lock = 0, second = 0;
  for (u32 flags = 0; flags < 16; flags++) {
    if (flags & (NUMA | MPOL) && (flags & 3) == U32) continue;
    put("futex_wait\tflags\t"); dec(flags); put("\t"); dec(wait2(&lock, 1, ~0u, flags, past, 1)); put("\n");
  }
  row("value beyond 32 bits", wait2(&lock, 1ul << 32, ~0u, U32 | PRIVATE, past, 1));
  row("mask beyond 32 bits", wait2(&lock, 0, ~0ul, U32 | PRIVATE, past, 1));
  row("mask 0", wait2(&lock, 0, 0, U32 | PRIVATE, past, 1));
  row("mask 0, bad time", wait2(&lock, 0, 0, U32 | PRIVATE, bad, 1));
  row("mismatch", wait2(&lock, 1, 1, U32 | PRIVATE, 0, 9));
  row("clock 0, past", wait2(&lock, 0, 1, U32 | PRIVATE, past, 0));
  row("clock 1, past", wait2(&lock, 0, 1, U32 | PRIVATE, past, 1));
  row("clock 2", wait2(&lock, 0, 1, U32 | PRIVATE, past, 2));
  row("unknown flag", wait2(&lock, 0, 1, U32 | 16, past, 1));
  row("misaligned", wait2((char *)&lock + 1, 0, 1, U32 | PRIVATE, past, 1));
  row("null", wait2(0, 0, 1, U32 | PRIVATE, past, 1));
  section = "futex_wake";
  row("nobody", wake2(&lock, ~0u, 1, U32 | PRIVATE));
  row("mask 0", wake2(&lock, 0, 1, U32 | PRIVATE));
  row("mask beyond 32 bits", wake2(&lock, ~0ul, 1, U32 | PRIVATE));
  row("size", wake2(&lock, ~0u, 1, U16 | PRIVATE));
  row("misaligned", wake2((char *)&lock + 2, ~0u, 1, U32 | PRIVATE));
  row("null", wake2(0, ~0u, 1, U32 | PRIVATE));
  begin("futex_wake");
  for (int i = 0; i < 4; i++) start(i, waits2);
  row("count 0", wake2(&lock, ~0u, 0, U32 | PRIVATE));
  row("count -1", wake2(&lock, ~0u, -1, U32 | PRIVATE));
  settle();
  row_order("after count -1");
  row("mask 4", wake2(&lock, 4, 9, U32 | PRIVATE));
  settle();
  row_order("after mask 4");
  struct waiter pair[2] = {{0, (u64)&lock, U32 | PRIVATE, 0}, {0, (u64)&second, U32 | PRIVATE, 0}};
  section = "futex_requeue";
  row("flags", requeue2(pair, 1, 1, 1));
  row("null", requeue2(0, 0, 1, 1));
  row("negative", requeue2(pair, 0, -1, 1));
  pair[0].value = 1;
  row("mismatch", requeue2(pair, 0, 1, 1));
  pair[0].value = 0;
  pair[1].flags = U32;
  row("flags differ", requeue2(pair, 0, 1, 1));
  pair[1].flags = U32 | PRIVATE;
  pair[1].reserved = 1;
  row("reserved", requeue2(pair, 0, 1, 1));
  pair[1].reserved = 0;
  pair[1].value = 7;
  row("moved", requeue2(pair, 0, 0, 9));
  row("woken on the second", wake2(&second, ~0u, 9, U32 | PRIVATE));
  for (int i = 0; i < 4; i++) join(others[i]);
  row_order("order");
}

/// The order in which plain waiters are woken.
static void waits_in_line(u64 number) {
  sleep_for(10000000);
  futex(&lock, WAIT | PRIVATE, 0, 0, 0, 0);
  order[turn++] = (int)number;
}
static void wake_order(void) {
  begin("wake order");
  static const int wanted[] = {0, 0, 10, 20, 0};
  for (int i = 0; i < 5; i++) {
    others[i] = create(waits_in_line, i);
    real_time(i, wanted[i]);
    settle();
  }
  for (int i = 0; i < 5; i++) { row("wake", futex(&lock, WAKE | PRIVATE, 1, 0, 0, 0)); settle(); }
  row_order("order");
}

// MARK: Nodes

static volatile u64 pairs[4];
static void waits_on_node(u64 flags) { answers[0] = wait2((volatile u32 *)pairs, 0, ~0u, (u32)flags, 0, 0); }
/// A call with a futex whose second word names a node, and what that word is afterwards.
static void node_row(const char *what, u32 node, s64 (*call)(volatile u32 *, u32), u32 flags) {
  volatile u32 *words = (volatile u32 *)pairs;
  words[0] = 0; words[1] = node;
  s64 answer = call(words, flags);
  put("nodes\t"); put(what); put("\t"); dec(flags); put("\t"); hex(node); put("\t"); dec(answer); put("\t"); hex(words[1]); put("\n");
  if (output_length > sizeof output - PAGE) flush();
}
static s64 waits_past(volatile u32 *word, u32 flags) { return wait2(word, 0, ~0u, flags, past, 1); }
static s64 waits_mismatch(volatile u32 *word, u32 flags) { return wait2(word, 1, ~0u, flags, past, 1); }
static s64 wakes_one(volatile u32 *word, u32 flags) { return wake2(word, ~0u, 1, flags); }
static s64 waits_vector(volatile u32 *word, u32 flags) {
  struct waiter one = {0, (u64)word, flags, 0};
  return sys6(SYS_futex_waitv, (s64)&one, 1, 0, (s64)past, 1, 0);
}
static s64 requeues(volatile u32 *word, u32 flags) {
  struct waiter pair[2] = {{0, (u64)word, flags, 0}, {0, (u64)(word + 2), flags, 0}};
  return requeue2(pair, 0, 1, 1);
}
static s64 waits_misaligned(volatile u32 *word, u32 flags) { return wait2(word + 1, 0, ~0u, flags, past, 1); }

static void nodes(void) {
  static const struct { const char *name; s64 (*call)(volatile u32 *, u32); } kinds[] = {
    {"wait", waits_past}, {"wait mismatch", waits_mismatch}, {"wake", wakes_one}, {"waitv", waits_vector}, {"requeue", requeues}, {"misaligned", waits_misaligned}};
  static const u32 flags[] = {U32 | NUMA, U32 | MPOL, U32 | NUMA | MPOL}, places[] = {~0u, 0, 1, 15, 16, 64, 0x80000000, ~1u};
  for (int k = 0; k < 6; k++)
    for (int f = 0; f < 6; f++)
      for (int n = 0; n < 8; n++) {
        pairs[1] = 0; pairs[2] = 0;
        node_row(kinds[k].name, places[n], kinds[k].call, flags[f % 3] | (f < 3 ? 0 : PRIVATE));
      }
  section = "nodes";
  for (u32 other = 0; other < 16; other++)
    if (other & (NUMA | MPOL) && (other & 3) != U32) {
      struct waiter one = {0, (u64)pairs, other, 0};
      put("nodes\tother sizes\t"); dec(other); put("\t"); dec(sys6(SYS_futex_waitv, (s64)&one, 1, 0, (s64)past, 1, 0)); put("\n");
    }
  // The word of the node cannot be written, and cannot be read.
  char *area = map(2 * PAGE, PROT_R | PROT_W), *edge = area + PAGE - 4;
  *(volatile u32 *)(area + 4) = ~0u; *(volatile u32 *)(area + 12) = 0;
  sys(SYS_mprotect, area, PAGE, PROT_R);
  row("read-only, any node", wait2((volatile u32 *)area, 0, ~0u, U32 | NUMA | PRIVATE, past, 1));
  row("read-only, node 0", wait2((volatile u32 *)(area + 8), 0, ~0u, U32 | NUMA | PRIVATE, past, 1));
  row("read-only, policy", wait2((volatile u32 *)area, 0, ~0u, U32 | MPOL | PRIVATE, past, 1));
  row("edge", wait2((volatile u32 *)edge, 0, ~0u, U32 | NUMA | PRIVATE, past, 1));
  row("null", wait2(0, 0, ~0u, U32 | NUMA | PRIVATE, past, 1));
  // Which wakes reach which waiters.
  static const u32 ways[] = {U32, U32 | NUMA, U32 | MPOL, U32 | NUMA | MPOL, U32 | PRIVATE, U32 | NUMA | PRIVATE, U32 | MPOL | PRIVATE, U32 | NUMA | MPOL | PRIVATE};
  for (int waiter = 0; waiter < 8; waiter++)
    for (int waker = 0; waker < 8; waker++) {
      pairs[0] = ~0ul << 32;
      others[0] = create(waits_on_node, ways[waiter]);
      settle();
      s64 woken = wake2((volatile u32 *)pairs, ~0u, 9, ways[waker]);
      put("nodes\twoken\t"); dec(ways[waiter]); put("\t"); dec(ways[waker]); put("\t"); dec(woken); put("\t"); hex(pairs[0] >> 32); put("\n");
      if (woken != 1) { wake2((volatile u32 *)pairs, ~0u, 9, ways[waiter]); }
      join(others[0]);
      row("answer", answers[0]);
    }
}

static const struct test tests[] = {
  {"words", words_alone}, {"held", held}, {"queues", queues}, {"strangers", strangers}, {"chains", chains}, {"mixing", mixing}, {"ending", ending},
  {"moving", moving}, {"signals", signals}, {"futex2", second_calls}, {"wake order", wake_order},
  {"nodes", nodes},
};
int guest_main(int argc, char **argv) {
  for (u64 i = 0; i < sizeof tests / sizeof *tests; i++) {
    int wanted = argc < 2;
    for (int n = 1; n < argc; n++) wanted |= same(argv[n], tests[i].name);
    if (wanted) tests[i].run();
  }
  return 0;
}
