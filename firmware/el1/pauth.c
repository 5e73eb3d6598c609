// Pointer authentication: the effect of every key on pointers under every layout of addresses, and the effect of a wrong code.
// It prints a row for each case; the result in a pointer's rows is a register after the named instruction. It does not know QARMA.
#include "access.h"

#define EN_IA (1ul << 31)
#define EN_IB (1ul << 30)
#define EN_DA (1ul << 27)
#define EN_DB (1ul << 13)
#define EN_ALL (EN_IA | EN_IB | EN_DA | EN_DB)
#define TCR_TBID0 (1ul << 51)
#define TCR_TBID1 (1ul << 52)
#define SCTLR_BT0 (1ul << 35)
#define SCTLR_BT1 (1ul << 36)

#define CODE_(name, text) ACCESS(name, text)

static void set_keys(u64 seed) {
  u64 keys[10];
  for (int i = 0; i < 10; i++) {
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    keys[i] = seed ^ seed >> 29;
  }
  write_register(apiakeylo_el1, keys[0]);
  write_register(apiakeyhi_el1, keys[1]);
  write_register(apibkeylo_el1, keys[2]);
  write_register(apibkeyhi_el1, keys[3]);
  write_register(apdakeylo_el1, keys[4]);
  write_register(apdakeyhi_el1, keys[5]);
  write_register(apdbkeylo_el1, keys[6]);
  write_register(apdbkeyhi_el1, keys[7]);
  write_register(apgakeylo_el1, keys[8]);
  write_register(apgakeyhi_el1, keys[9]);
  isb();
}

// MARK: pointers. x0 is the signed pointer, x2 is x0 authenticated, x3 is x0 authenticated with another modifier, x1 is x0
// stripped.
#define ROUND(add, check, strip) \
  add " x0, x1\n mov x2, x0\n " check " x2, x1\n mov x3, x0\n add x9, x1, #8\n " check " x3, x9\n mov x1, x0\n " strip " x1"
CODE_(round_ia, ROUND("pacia", "autia", "xpaci")) CODE_(round_ib, ROUND("pacib", "autib", "xpaci"))
CODE_(round_da, ROUND("pacda", "autda", "xpacd")) CODE_(round_db, ROUND("pacdb", "autdb", "xpacd"))
static const struct { const char *name; void (*code)(void); } rounds[] = {
  {"ia", access_round_ia}, {"ib", access_round_ib}, {"da", access_round_da}, {"db", access_round_db}};

static void four(const struct probe *p) {
  static const char *const parts[] = {"added", "stripped", "authenticated", "refused"};
  u64 length = case_length;
  for (int i = 0; i < 4; i++) {
    name_add(parts[i]);
    if (i == 0 || !faulted(p)) row(p, ~0ul, ~0ul, !faulted(p), p->out[i]);
    case_length = length;
    case_name[length] = 0;
  }
}

static const u64 pointers[] = {
  0x0000000012345678, 0xffffffff87654320, 0x5a00000012345678, 0xa5ffffff87654320, 0x0040000012345678, 0x1000000012345678,
  0xefffffff87654320, 0xffbfffff87654320, 0x0080000012345678, 0xff7fffff87654320, 0x8000000012345678, 0x123456789abcdef0,
};
#define POINTERS ((int)(sizeof pointers / sizeof *pointers))

static void layouts(void) {
  static const int sizes[] = {16, 25, 39};
  for (int upper = 0; upper < 2; upper++)
    for (int s = 0; s < 3; s++)
      for (int tbi = 0; tbi < 4; tbi++)
        for (int tbid = 0; tbid < 2; tbid++) {
          if (tbid && !tbi) continue;
          for (int n = 0; n < POINTERS; n++) {
            u64 pointer = pointers[n];
            // This is the half in which the runtime does not live. Pointers whose bits 63 and 55 differ are left out if the halves
            // have different layouts. QEMU 7.2 takes size and tag from the half of bit 55 even where AddPAC uses bit 63, and it
            // uses bit 63 where the other half's tag makes AddPAC use bit 55.
            if ((pointer >> 55 & 1) != upper) continue;
            if ((pointer >> 63 & 1) != upper && (tbi == 1 || tbi == 2 || s != 1)) continue;
            for (int key = 0; key < 4; key++) {
              if ((key == 1 || key == 2) && s != 1) continue;
              struct probe p = at_home(key & 1 ? EL0T : EL1H);
              p.sctlr |= EN_ALL;
              p.tcr |= (tbi & 1 ? TCR_TBI0 : 0) | (tbi & 2 ? TCR_TBI1 : 0) | (tbid ? TCR_TBID0 | TCR_TBID1 : 0);
              if (upper) {
                p.delta = -HIGH;
                p.tcr = (p.tcr & ~(0x3ful << 16)) | (u64)sizes[s] << 16;
              } else p.tcr = (p.tcr & ~0x3ful) | (u64)sizes[s];
              set_code(&p, rounds[key].code);
              p.x[0] = pointer;
              p.x[1] = 0x477d469dec0b8762ul + (u64)n;
              run_probe(&p);
              name_reset();
              name_add_number(upper ? "T1SZ" : "T0SZ", sizes[s]);
              static const char *const tags[] = {"", "TBI0", "TBI1", "TBI01"};
              if (tbi) name_add(tags[tbi]);
              if (tbid) name_add("TBID");
              name_add_number("pointer", n);
              name_add(rounds[key].name);
              four(&p);
            }
          }
        }
}

/// All four keys, many keys and modifiers: the cipher.
static void cipher(void) {
  for (int n = 0; n < 40; n++) {
    u64 seed = n * 0x9e3779b97f4a7c15ul + 1;
    set_keys(seed);
    for (int key = 0; key < 4; key++) {
      struct probe p = at_home(EL1H);
      p.sctlr |= EN_ALL;
      set_code(&p, rounds[key].code);
      p.x[0] = (seed >> 11 & 0x7ffffffffful) | (n & 1 ? ~0ul << 39 : 0);
      p.x[1] = n == 0 ? 0 : n == 1 ? ~0ul : seed * 0x2545f4914f6cdd1dul;
      run_probe(&p);
      name_reset();
      name_add_number("key", n);
      name_add(rounds[key].name);
      four(&p);
    }
  }
  set_keys(1);
}

// MARK: the other instructions, and the contents of their register afterwards
CODE_(pacga, "pacga x2, x0, x1") CODE_(pacga_sp, "mov sp, x1\n pacga x2, x0, sp") CODE_(pacga_zero, "pacga x2, xzr, x1")
CODE_(paciza, "mov x2, x0\n paciza x2") CODE_(pacizb, "mov x2, x0\n pacizb x2") CODE_(pacdza, "mov x2, x0\n pacdza x2")
CODE_(pacdzb, "mov x2, x0\n pacdzb x2") CODE_(autiza, "mov x2, x0\n autiza x2") CODE_(autizb, "mov x2, x0\n autizb x2")
CODE_(autdza, "mov x2, x0\n autdza x2") CODE_(autdzb, "mov x2, x0\n autdzb x2")
CODE_(round_z, "mov x2, x0\n paciza x2\n autiza x2\n pacizb x2\n autizb x2\n pacdza x2\n autdza x2\n pacdzb x2\n autdzb x2")
CODE_(pacia_sp, "mov x2, x0\n mov sp, x1\n pacia x2, sp") CODE_(pacia_xzr, "mov x2, x0\n pacia xzr, x1") CODE_(pacia_same, "mov x2, x0\n pacia x2, x2")
CODE_(paciaz, "mov x30, x0\n paciaz\n mov x2, x30") CODE_(pacibz, "mov x30, x0\n pacibz\n mov x2, x30")
CODE_(paciasp, "mov x30, x0\n mov sp, x1\n paciasp\n mov x2, x30") CODE_(pacibsp, "mov x30, x0\n mov sp, x1\n pacibsp\n mov x2, x30")
CODE_(autiaz, "mov x30, x0\n autiaz\n mov x2, x30") CODE_(autibz, "mov x30, x0\n autibz\n mov x2, x30")
CODE_(autiasp, "mov x30, x0\n mov sp, x1\n autiasp\n mov x2, x30") CODE_(autibsp, "mov x30, x0\n mov sp, x1\n autibsp\n mov x2, x30")
CODE_(pacia1716, "mov x17, x0\n mov x16, x1\n pacia1716\n mov x2, x17") CODE_(pacib1716, "mov x17, x0\n mov x16, x1\n pacib1716\n mov x2, x17")
CODE_(autia1716, "mov x17, x0\n mov x16, x1\n autia1716\n mov x2, x17") CODE_(autib1716, "mov x17, x0\n mov x16, x1\n autib1716\n mov x2, x17")
CODE_(xpaclri, "mov x30, x0\n xpaclri\n mov x2, x30")
CODE_(round_sp, "mov x30, x0\n mov sp, x1\n paciasp\n autiasp\n pacibsp\n autibsp\n paciaz\n autiaz\n pacibz\n autibz\n mov x2, x30")
CODE_(round_1716, "mov x17, x0\n mov x16, x1\n pacia1716\n autia1716\n pacib1716\n autib1716\n mov x2, x17")
#define SINGLES(X) \
  X(pacga) X(pacga_sp) X(pacga_zero) X(paciza) X(pacizb) X(pacdza) X(pacdzb) X(autiza) X(autizb) X(autdza) X(autdzb) X(round_z) \
  X(pacia_sp) X(pacia_xzr) X(pacia_same) X(paciaz) X(pacibz) X(paciasp) X(pacibsp) X(autiaz) X(autibz) X(autiasp) X(autibsp) \
  X(pacia1716) X(pacib1716) X(autia1716) X(autib1716) X(xpaclri) X(round_sp) X(round_1716)

// Branches, returns and loads: x0 is 0 for a right code, otherwise the bits that spoil it; x1 is the modifier; x2 shows on which
// way the code returned.
#define TARGET_(register, add, rest) "adr " register ", 1f\n " add "\n eor " register ", " register ", x0\n " rest "\n mov x2, #1\n svc #1\n1: mov x2, #2"
CODE_(braa, TARGET_("x3", "pacia x3, x1", "braa x3, x1")) CODE_(brab, TARGET_("x3", "pacib x3, x1", "brab x3, x1"))
CODE_(braaz, TARGET_("x3", "paciza x3", "braaz x3")) CODE_(brabz, TARGET_("x3", "pacizb x3", "brabz x3"))
CODE_(blraa, TARGET_("x3", "pacia x3, x1", "blraa x3, x1")) CODE_(blrab, TARGET_("x3", "pacib x3, x1", "blrab x3, x1"))
CODE_(blraaz, TARGET_("x3", "paciza x3", "blraaz x3")) CODE_(blrabz, TARGET_("x3", "pacizb x3", "blrabz x3"))
CODE_(blraa_lr, TARGET_("x30", "pacia x30, x1", "blraa x30, x1"))
CODE_(braa_sp, "mov sp, x1\n " TARGET_("x3", "pacia x3, x1", "braa x3, sp"))
CODE_(retaa, "mov sp, x1\n " TARGET_("x30", "paciasp", "retaa")) CODE_(retab, "mov sp, x1\n " TARGET_("x30", "pacibsp", "retab"))
CODE_(eretaa, "mov sp, x1\n mrs x9, spsel\n mov x10, #0x3c4\n orr x10, x10, x9\n msr spsr_el1, x10\n " TARGET_("x3", "pacia x3, x1", "msr elr_el1, x3\n eretaa"))
CODE_(eretab, "mov sp, x1\n mrs x9, spsel\n mov x10, #0x3c4\n orr x10, x10, x9\n msr spsr_el1, x10\n " TARGET_("x3", "pacib x3, x1", "msr elr_el1, x3\n eretab"))
CODE_(eretaa_EL0, "eretaa") CODE_(mrs_key, "mrs x2, apiakeylo_el1") CODE_(msr_key, "msr apgakeyhi_el1, x0")
// x3 is the data's address; the address that a failing load gives in FAR_EL1 is the same in every build.
CODE_(ldraa, "pacdza x3\n eor x3, x3, x0\n ldraa x2, [x3]") CODE_(ldrab, "pacdzb x3\n eor x3, x3, x0\n ldrab x2, [x3]")
CODE_(ldraa_offset, "pacdza x3\n eor x3, x3, x0\n ldraa x2, [x3, #4088]") CODE_(ldrab_offset, "pacdzb x3\n eor x3, x3, x0\n ldrab x2, [x3, #-4096]")
CODE_(ldraa_pre, "mov x9, x3\n pacdza x3\n eor x3, x3, x0\n ldraa x2, [x3, #-8]!\n sub x3, x3, x9\n eor x2, x2, x3")
CODE_(ldrab_pre, "mov x9, x3\n pacdzb x3\n eor x3, x3, x0\n ldrab x2, [x3, #8]!\n sub x3, x3, x9\n eor x2, x2, x3")
CODE_(ldraa_sp, "mov sp, x3\n mov x9, x3\n ldraa x2, [sp, #8]") CODE_(ldraa_same, "pacdza x3\n ldraa x3, [x3, #8]\n mov x2, x3")
CODE_(ldraa_unaligned, "add x3, x3, #3\n pacdza x3\n ldraa x2, [x3]")
#define BRANCHES(X) \
  X(braa) X(brab) X(braaz) X(brabz) X(blraa) X(blrab) X(blraaz) X(blrabz) X(blraa_lr) X(braa_sp) X(retaa) X(retab)
#define LOADS_(X) \
  X(ldraa) X(ldrab) X(ldraa_offset) X(ldrab_offset) X(ldraa_pre) X(ldrab_pre) X(ldraa_same) X(ldraa_unaligned)

static u64 enabled = EN_ALL;
static void go(const char *name, void (*code)(void), u64 pstate, u64 x0, u64 x1, const char *detail) {
  struct probe p = at_home(pstate);
  int user = (pstate & 0xf) == EL0T;
  p.sctlr = (p.sctlr & ~EN_ALL) | enabled;
  set_code(&p, code);
  p.x[0] = x0, p.x[1] = x1, p.x[2] = 0;
  p.x[3] = window(user ? WINDOW_DATA0 : WINDOW_KERNEL, kernel(TARGET + DATA), 0);
  prepare_target(TARGET);
  run_probe(&p);
  name_reset();
  name_add(name);
  if (detail) name_add(detail);
  name_add(user ? "EL0" : "EL1h");
  // A branch that fails is at its own target. Addresses in the image differ by build; the error code does not.
  if (faulted(&p) && (class_of(&p) & 0x3e) == 0x20) p.entry = 0, p.elr &= ~0xfffffffful, p.far &= ~0xfffffffful;
  row(&p, ~0ul, ~0ul, !faulted(&p), p.out[2]);
}

static const struct { const char *name; u64 bits; } enables[] = {
  {"all", EN_ALL}, {"none", 0}, {"IA", EN_IA}, {"IB", EN_IB}, {"DA", EN_DA}, {"DB", EN_DB}};

static void singles(void) {
  for (int e = 0; e < 6; e++) {
    enabled = enables[e].bits;
    #define SINGLE_(n) \
      go(#n, access_##n, EL1H, 0x12345678ul, 0x0123456789abcdefull & ~15ul, enables[e].name); \
      go(#n, access_##n, EL0T, 0xfffffff987654321ul, 0xfedcba9876543210ul, enables[e].name); \
      go(#n ",tagged", access_##n, EL0T, 0x7412000987654321ul, 0xfedcba9876543210ul, enables[e].name);
    SINGLES(SINGLE_)
    #define BOTH_(n) go(#n, access_##n, EL1H, 0, 0x8ul << 40, enables[e].name); go(#n, access_##n, EL0T, 0, 0x1230ul, enables[e].name);
    LOADS_(BOTH_)
  }
  enabled = EN_ALL;
  #define WRONG_(n) go(#n ",wrong", access_##n, EL1H, 1ul << 47, 0x5550ul, 0); go(#n ",wrong", access_##n, EL0T, 1ul << 60, 0x1230ul, 0);
  LOADS_(WRONG_)
  go("eretaa", access_eretaa_EL0, EL0T, 0, 0, 0);
  go("mrs_key", access_mrs_key, EL0T, 0, 0, 0);
  go("mrs_key", access_mrs_key, EL1H, 0, 0, 0);
  go("msr_key", access_msr_key, EL0T, 0, 0, 0);
}

static void branches(void) {
  for (int e = 0; e < 6; e++) {
    enabled = enables[e].bits;
    BRANCHES(BOTH_)
    go("eretaa", access_eretaa, EL1H, 0, 0x4560, enables[e].name);
    go("eretab", access_eretab, EL1H, 0, 0x4560, enables[e].name);
  }
  enabled = EN_ALL;
  BRANCHES(WRONG_)
  go("eretaa,wrong", access_eretaa, EL1H, 1ul << 50, 0x4560, 0);
  go("eretab,wrong", access_eretab, EL1H, 1ul << 50, 0x4560, 0);
}

// MARK: landing pads. Entered by ERET with PSTATE.BTYPE, in a guarded page.
static void landing_pads(void) {
  static struct way way;
  u64 va = 0x12340000ul;
  build_way(&way, &K4, 25, va);
  static const struct { const char *name; u32 word; } words[] = {{"paciasp", 0xd503233f}, {"pacibsp", 0xd503237f}, {"paciaz", 0xd503231f}};
  for (int i = 0; i < 3; i++) {
    prepare_code(TARGET);
    ((volatile u32 *)kernel(TARGET + CODE))[0] = words[i].word;
    ((volatile u32 *)kernel(TARGET + CODE))[1] = 0xd401ffe1;
    asm volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" : : "r"(kernel(TARGET + CODE)) : "memory");
    for (u64 btype = 0; btype < 4; btype++)
      for (int user = 0; user < 2; user++)
        for (int strict = 0; strict < 2; strict++) {
          *SLOT(way, 3) = TARGET | GP | TABLE | NORMAL | AF | AP(2);
          struct probe p = at_home((user ? EL0T : EL1H) | btype << 10);
          p.sctlr |= EN_ALL | (strict ? SCTLR_BT0 | SCTLR_BT1 : 0);
          p.ttbr0 = root(&way);
          p.entry = va + CODE;
          run_probe(&p);
          name_reset();
          name_add(words[i].name);
          name_add_number("BTYPE", btype);
          if (strict) name_add("BT");
          name_add(user ? "EL0" : "EL1h");
          row(&p, ~0ul, ~0ul, 0, 0);
        }
  }
  tear_down(&way);
}

int el1_main(void) {
  header();
  tell("features/ID_AA64ISAR1_EL1/APA", read_register(id_aa64isar1_el1) >> 4 & 15);
  tell("features/ID_AA64ISAR1_EL1/GPA", read_register(id_aa64isar1_el1) >> 24 & 15);
  set_keys(1);
  layouts();
  cipher();
  singles();
  landing_pads();
  flush();  // QEMU 10.0.2, whose max has FEAT_FPACCOMBINE, does not survive what follows
  branches();
  return 0;
}
