// Tries every descriptor state with every kind of access, privilege and setting of HA and HD; 4K granule, four levels, TTBR0.
// It prints a row for each case: STATE/ACCESS/PRIVILEGE/UPDATE. It does not vary granules, start levels or the other controls.
#include "access.h"

#define VA (0x0000123488000000ul)

/// A leaf descriptor (or a table's that faults) at its level; `table_bits` are added to the table descriptor at table_level.
struct state { u64 descriptor, table_bits; int level, table_level; };

static struct way way;
static u64 pa_of(int level) { return TARGET & ~((1ul << level_shift(&K4, level)) - 1); }

struct setting { const char *name; u64 tcr; };
static const struct setting settings[] = {{"off", 0}, {"HA", TCR_HA}, {"HA+HD", TCR_HA | TCR_HD}};
struct privilege { const char *name; u64 pstate; };
static const struct privilege privileges[] = {{"EL0", EL0T}, {"EL1", EL1H}, {"EL1+PAN", EL1H | PSTATE_PAN}};

static void name_state(const struct state *s) {
  static const char *const levels[] = {"L0", "L1", "L2", "L3"};
  u64 d = s->descriptor;
  name_reset();
  char text[64];
  int n = 0;
  #define ADD(t) do { for (const char *c_ = (t); *c_;) text[n++] = *c_++; } while (0)
  ADD(levels[s->level]);
  if (!(d & 1)) ADD(",invalid");
  else if ((d & 3) == 1 && (s->level == 0 || s->level == 3)) ADD(",reserved");
  else if ((d & 3) == 3 && s->level < 3) ADD(",table");
  if (d >> 32 & 0xffff) ADD(",far");
  if (d & 1) {
    text[n++] = ','; ADD("AP"); text[n++] = '0' + (d >> 6 & 3);
    if (!(d & AF)) ADD(",AF0");
    if (d & DBM) ADD(",DBM");
    if (d & UXN) ADD(",UXN");
    if (d & PXN) ADD(",PXN");
    if (d & NG) ADD(",nG");
    if (d & CONTIG) ADD(",contig");
    static const char *const attributes[] = {",nGnRnE", "", ",nGnRE", ",NC", ",GRE"};
    if ((d & 3) != 3 || s->level == 3) ADD(attributes[d >> 2 & 7]);
  } else if (d) ADD(",dirty");
  if (s->table_bits) {
    ADD(",T"); text[n++] = '0' + s->table_level;
    if (s->table_bits >> 61 & 3) { ADD(",APTable"); text[n++] = '0' + (s->table_bits >> 61 & 3); }
    if (s->table_bits & UXNTABLE) ADD(",UXNTable");
    if (s->table_bits & PXNTABLE) ADD(",PXNTable");
  }
  text[n] = 0;
  name_add(text);
}

static void one(const struct state *s, const struct access *a, const struct privilege *v, const struct setting *h, u64 wxn) {
  name_state(s);
  if (wxn) name_add("WXN");
  name_add(a->name);
  name_add(v->name);
  name_add(h->name);
  restore_way(&way);
  if (s->table_bits) *SLOT(way, s->table_level) |= s->table_bits;
  *SLOT(way, s->level) = s->descriptor;
  struct probe p = at_home(v->pstate);
  p.ttbr0 = root(&way);
  p.tcr = (HOME_TCR & ~(0x3ful | TCR_IPS(7))) | 16 | h->tcr;  // T0SZ 16: from level 0. IPS 0: 32 bits out.
  p.sctlr |= wxn;
  probe_access(&p, a, VA, TARGET, SLOT(way, s->level));
}

static int device(const struct state *s) { u64 attribute = s->descriptor >> 2 & 7; return attribute != 1 && attribute != 3; }

/// Tries all accesses, except those on Device memory that the architecture leaves open: atomics and exclusives.
static void all(const struct state *s) {
  for (int a = 0; a < ACCESSES; a++)
    for (int v = 0; v < 3; v++) {
      if (accesses[a].privileged && v == 0) continue;
      if (device(s) && (s->descriptor & 1) && (accesses[a].atomic || accesses[a].kind == FETCHES)) continue;
      for (int h = 0; h < 3; h++) one(s, &accesses[a], &privileges[v], &settings[h], 0);
    }
}

/// Tries a few accesses, for states that only these distinguish from similar states.
static void some(const struct state *s, const char *const *names, int count, u64 wxn) {
  for (int i = 0; i < count; i++) {
    const struct access *a = access_named(names[i]);
    for (int v = 0; v < 3; v++)
      if (!(a->privileged && v == 0)) one(s, a, &privileges[v], &settings[v == 1 ? 2 : 0], wxn);
  }
}
static const char *const fetch_only[] = {"fetch"};
static const char *const brief[] = {"ldr", "str", "fetch", "ldtr", "sttr", "at_s1e0w", "at_s1e1w", "at_s1e1rp"};
#define BRIEF ((int)(sizeof brief / sizeof *brief))

int el1_main(void) {
  header();
  prepare_code(TARGET);
  build_way(&way, &K4, 16, VA);
  u64 page = TARGET | TABLE | NORMAL;

  // Level 3, with AF and DBM.
  for (int ap = 0; ap < 4; ap++)
    for (int x = 0; x < 4; x++)
      all(&(struct state){page | AP(ap) | (x & 1 ? 0 : AF) | (x & 2 ? DBM : 0), 0, 3, 0});
  // Execute-never, which affects only fetches and states that are combined with DBM.
  for (int ap = 0; ap < 4; ap++)
    for (int x = 1; x < 4; x++)
      for (int open = 0; open < 2; open++) {
        struct state s = {page | AP(ap) | (open ? AF : 0) | (x & 1 ? UXN : 0) | (x & 2 ? PXN : 0), 0, 3, 0};
        some(&s, open ? brief : fetch_only, open ? BRIEF : 1, 0);
      }
  for (int ap = 0; ap < 4; ap++)
    for (int x = 0; x < 4; x++) {
      struct state s = {page | AP(ap) | AF | (x & 1 ? UXN : 0) | (x & 2 ? PXN : 0), 0, 3, 0};
      some(&s, fetch_only, 1, SCTLR_WXN);
      s.descriptor |= AP(2) | DBM;  // writable-clean under WXN
      if (ap < 2) some(&s, fetch_only, 1, SCTLR_WXN);
    }
  // Not global, contiguous, memory types.
  for (int ap = 0; ap < 4; ap += 1) some(&(struct state){page | AP(ap) | AF | NG, 0, 3, 0}, brief, BRIEF, 0);
  some(&(struct state){page | AP(1) | AF | CONTIG, 0, 3, 0}, brief, BRIEF, 0);
  for (int ap = 0; ap < 4; ap++) all(&(struct state){TARGET | TABLE | ATTR(2) | AP(ap) | AF | UXN | PXN, 0, 3, 0});
  all(&(struct state){TARGET | TABLE | ATTR(0) | AP(1) | UXN | PXN, 0, 3, 0});
  all(&(struct state){TARGET | TABLE | ATTR(0) | AP(1) | AF | UXN | PXN, 0, 3, 0});
  some(&(struct state){TARGET | TABLE | ATTR(3) | AP(1) | AF, 0, 3, 0}, brief, BRIEF, 0);
  some(&(struct state){TARGET | TABLE | ATTR(4) | AP(1) | AF | UXN | PXN, 0, 3, 0}, (const char *const[]){"ldr", "str", "at_s1e1w"}, 3, 0);

  // Blocks.
  for (int level = 1; level < 3; level++)
    for (int ap = 0; ap < 4; ap++)
      for (int x = 0; x < 4; x++) {
        struct state s = {pa_of(level) | BLOCK | NORMAL | AP(ap) | (x & 1 ? 0 : AF) | (x & 2 ? DBM : 0), 0, level, 0};
        if (level == 2 && ap >= 1 && ap < 3) all(&s); else some(&s, brief, BRIEF, 0);
      }

  // Invalid descriptors and reserved encodings, at every level, and output addresses beyond IPS.
  for (int level = 0; level < 4; level++) {
    all(&(struct state){0, 0, level, 0});
    some(&(struct state){(pa_of(level) | AP(1) | AF | NORMAL | 2), 0, level, 0}, brief, BRIEF, 0);
    u64 beyond = 1ul << (level == 0 ? 39 : 32);
    if (level == 0 || level == 3) some(&(struct state){pa_of(level) | BLOCK | NORMAL | AP(1) | AF, 0, level, 0}, brief, BRIEF, 0);
    struct state far = {(pa_of(level) | beyond) | NORMAL | AP(1) | AF | (level == 3 ? TABLE : BLOCK), 0, level, 0};
    if (level == 3) all(&far); else if (level) some(&far, brief, BRIEF, 0);
    far.descriptor &= ~AF;
    if (level) some(&far, brief, BRIEF, 0);
    if (level < 3) some(&(struct state){PLAIN(way, level) | 1ul << 47, 0, level, 0}, brief, BRIEF, 0);
  }

  // The rights that tables remove below them: bits 59 to 62, at each level, above pages that allow everything.
  for (int level = 0; level < 3; level++)
    for (u64 bits = 1; bits < 16; bits++)
      for (int ap = 0; ap < 4; ap++) {
        if (level != 2 && ap != 1) continue;
        some(&(struct state){page | AP(ap) | AF, bits << 59, 3, level}, brief, BRIEF, 0);
        if (level == 2 && ap == 3) some(&(struct state){page | AP(ap) | AF | DBM, bits << 59, 3, level}, brief, BRIEF, 0);
      }
  return 0;
}
