// Exceptions other than those of translation: calls, traps, undefined instructions, alignment, illegal state, debug, branch
// targets.
// It prints a row for each case: WHAT/PRIVILEGE. The result is PSTATE (PAN, DAIF, CurrentEL, SPSel) at the vector, or the value
// that the code left in x2. It does not know translation faults.
#include "access.h"

#define CODE_(name, text) ACCESS(name, text)
static u64 clear_sctlr, set_sctlr, address, pc_offset;
static int shows_result;

static void go(const char *name, void (*code)(void), u64 pstate) {
  struct probe p = at_home(pstate);
  p.pstate = pstate & 1ul << 63 ? pstate & ~(1ul << 63) : pstate | DAIF;
  p.sctlr = (p.sctlr & ~clear_sctlr) | set_sctlr;
  set_code(&p, code);
  p.entry += pc_offset;
  p.x[0] = address, p.x[1] = STORED, p.x[2] = 0;
  prepare_target(TARGET);
  run_probe(&p);
  name_reset();
  name_add(name);
  name_add((pstate & 0xf) == EL0T ? "EL0" : (pstate & 0xf) == EL1T ? "EL1t" : "EL1h");
  if (pc_offset) p.entry -= pc_offset, p.far -= p.entry;  // places in the image differ by build
  int f = faulted(&p);
  row(&p, ~0ul, ~0ul, f || shows_result, f ? p.taken : p.out[2]);
}
static void both(const char *name, void (*code)(void)) { go(name, code, EL0T); go(name, code, EL1H); }
static void everywhere(const char *name, void (*code)(void)) { both(name, code); go(name, code, EL1T); }

#define UNMASKED (1ul << 63)

// MARK: calls and undefined instructions
#define CALLS(X) \
  X(svc_0, "svc #0") X(svc_1234, "svc #0x1234") X(svc_ffff, "svc #0xffff") X(brk_0, "brk #0") X(brk_f000, "brk #0xf000") \
  X(udf, "udf #0") X(udf_1234, "udf #0x1234") X(unallocated, ".inst 0xffffffff") X(hlt_1, "hlt #1") X(dcps1, "dcps1")
#define UNDEFINED_AT_EL0(X) \
  X(hvc, "hvc #0") X(smc, "smc #0") X(eret, "eret") X(mrs_sctlr, "mrs x2, sctlr_el1") X(msr_ttbr0, "msr ttbr0_el1, x0") \
  X(mrs_esr, "mrs x2, esr_el1") X(mrs_spsr, "mrs x2, spsr_el1") X(mrs_currentel, "mrs x2, currentel") \
  X(msr_spsel, "msr spsel, #1") X(msr_pan, "msr pan, #1") X(tlbi_vmalle1, "tlbi vmalle1") X(at_s1e1r_el0, "at s1e1r, x0") \
  X(dc_ivac, "dc ivac, x0") X(dc_isw, "dc isw, x0") X(ic_iallu, "ic iallu") X(msr_tpidrro, "msr tpidrro_el0, x0") \
  X(mrs_mdscr, "mrs x2, mdscr_el1") X(mrs_par, "mrs x2, par_el1") X(msr_vbar, "msr vbar_el1, x0") X(mrs_tcr, "mrs x2, tcr_el1") \
  X(mrs_actlr, "mrs x2, actlr_el1") X(mrs_contextidr, "mrs x2, contextidr_el1") X(mrs_cntkctl, "mrs x2, cntkctl_el1") \
  X(msr_uao, "msr uao, #1") X(mrs_oslsr, "mrs x2, oslsr_el1")
#define IDS(X) \
  X(mrs_midr, "mrs x2, midr_el1") X(mrs_mpidr, "mrs x2, mpidr_el1") X(mrs_revidr, "mrs x2, revidr_el1") \
  X(mrs_pfr0, "mrs x2, id_aa64pfr0_el1") X(mrs_isar0, "mrs x2, id_aa64isar0_el1") X(mrs_mmfr2, "mrs x2, id_aa64mmfr2_el1") \
  X(mrs_dfr0, "mrs x9, id_aa64dfr0_el1") X(mrs_raz, "mrs x9, s3_0_c0_c7_7")
#define READ_ONLY(X) \
  X(msr_midr, "msr s3_0_c0_c0_0, x0") X(msr_mmfr0, "msr s3_0_c0_c7_0, x0") X(msr_currentel, "msr s3_0_c4_c2_2, x0") \
  X(msr_ctr, "msr s3_3_c0_c0_1, x0") X(msr_dczid, "msr s3_3_c0_c0_7, x0") X(mrs_el2, "mrs x2, s3_4_c1_c0_0") X(mrs_el3, "mrs x2, s3_6_c1_c0_0") \
  X(mrs_sp_el1, "mrs x2, s3_4_c4_c1_0") X(mrs_el12, "mrs x2, s3_5_c1_c0_0") X(tlbi_el2, ".inst 0xd50c871f") X(mrs_oslar, "mrs x2, s2_0_c1_c0_4")
// Reads of the feature ID space (op0 = 3, op1 = 0, 1 or 3, CRn = 0, CRm = 0 to 7) that nothing is allocated to here, and beside it.
#define ID_SPACE(X) \
  X(mrs_ccsidr2, "mrs x2, s3_1_c0_c0_2") X(mrs_gmid, "mrs x2, s3_1_c0_c0_4") X(mrs_id_0_1, "mrs x2, s3_0_c0_c0_1") \
  X(mrs_id_0_7, "mrs x2, s3_0_c0_c0_7") X(mrs_id_1_3, "mrs x2, s3_1_c0_c0_3") X(mrs_id_1_c7_1, "mrs x3, s3_1_c0_c7_1") \
  X(mrs_id_3_2, "mrs x2, s3_3_c0_c0_2") X(mrs_id_3_c7_7, "mrs x30, s3_3_c0_c7_7") X(msr_ccsidr2, "msr s3_1_c0_c0_2, x0") \
  X(mrs_id_0_c8, "mrs x2, s3_0_c0_c8_0") X(mrs_id_2, "mrs x2, s3_2_c0_c0_2") X(msr_lorid, "msr s3_0_c10_c4_7, x0") \
  X(msr_rvbar, "msr s3_0_c12_c0_1, x0")
// Registers that exist to be read, fields by which software knows them, and the numbers of FEAT_CSV2_2.
#define CONSTANT(X) \
  X(lorsa, "msr s3_0_c10_c4_0, x1\n mrs x2, s3_0_c10_c4_0") X(lorea, "msr s3_0_c10_c4_1, x1\n mrs x2, s3_0_c10_c4_1") \
  X(lorn, "msr s3_0_c10_c4_2, x1\n mrs x2, s3_0_c10_c4_2") X(lorc, "msr s3_0_c10_c4_3, x1\n mrs x2, s3_0_c10_c4_3") \
  X(lorid, "mrs x2, s3_0_c10_c4_7") X(rvbar, "mrs x2, s3_0_c12_c0_1") \
  X(mmfr1_lo, "mrs x2, id_aa64mmfr1_el1\n ubfx x2, x2, #16, #4") X(pfr0_csv, "mrs x2, id_aa64pfr0_el1\n lsr x2, x2, #56") \
  X(scxtnum_el1, "msr s3_0_c13_c0_7, x1\n mrs x2, s3_0_c13_c0_7")
#define ANYWHERE(X) X(ctr_idc, "mrs x2, ctr_el0\n ubfx x2, x2, #28, #1") X(scxtnum_el0, "msr s3_3_c13_c0_7, x1\n mrs x2, s3_3_c13_c0_7")
CALLS(CODE_) UNDEFINED_AT_EL0(CODE_) IDS(CODE_) READ_ONLY(CODE_) ID_SPACE(CODE_) CONSTANT(CODE_) ANYWHERE(CODE_)

static void calls(void) {
  #define ALL_(name, text) everywhere(#name, access_##name);
  #define EL0_(name, text) go(#name, access_##name, EL0T);
  #define BOTH_(name, text) both(#name, access_##name);
  CALLS(ALL_)
  UNDEFINED_AT_EL0(EL0_)
  IDS(EL0_)
  READ_ONLY(BOTH_)
  go("mrs_raz", access_mrs_raz, EL1H);
  ID_SPACE(BOTH_)
  shows_result = 1;
  CONSTANT(BOTH_)
  ANYWHERE(BOTH_)
  shows_result = 0;
  clear_sctlr = 1ul << 20;  // TSCXT
  go("scxtnum_el0,TSCXT=0", access_scxtnum_el0, EL0T);
  clear_sctlr = 0;
}

// MARK: traps that SCTLR, CPACR and CNTKCTL control
CODE_(mrs_ctr, "mrs x9, ctr_el0") CODE_(mrs_ctr_x30, "mrs x30, ctr_el0") CODE_(mrs_dczid, "mrs x9, dczid_el0")
CODE_(mrs_daif, "mrs x2, daif") CODE_(msr_daif, "msr daif, x2") CODE_(msr_daifset, "msr daifset, #2")
CODE_(msr_daifclr, "msr daifclr, #1") CODE_(dc_cvac, "dc cvac, x0") CODE_(dc_civac, "dc civac, x0") CODE_(dc_cvap, "dc cvap, x0")
CODE_(wfi, "wfi")
CODE_(mrs_cntvct, "mrs x9, cntvct_el0") CODE_(mrs_cntpct, "mrs x9, cntpct_el0") CODE_(mrs_cntfrq, "mrs x9, cntfrq_el0")
CODE_(mrs_cntv_ctl, "mrs x9, cntv_ctl_el0") CODE_(msr_cntv_tval, "msr cntv_tval_el0, x2") CODE_(msr_cntp_cval, "msr cntp_cval_el0, x2")
CODE_(fmov, ".arch armv8.5-a+fp\n fmov d0, xzr\n .arch armv8.5-a+nofp") CODE_(ldr_q, ".arch armv8.5-a+simd\n ldr q0, [x0]\n .arch armv8.5-a+nosimd")
CODE_(mrs_fpcr, "mrs x9, fpcr") CODE_(msr_fpsr, "msr fpsr, xzr") CODE_(fp_unallocated, ".inst 0x1ea04000")
CODE_(tpidr, "mrs x9, tpidr_el0\n msr tpidr_el0, x9")

static void traps(void) {
  static const struct { u64 bit; const char *name; } bits[] = {{1ul << 14, "DZE"}, {1ul << 15, "UCT"}, {1ul << 26, "UCI"}, {1ul << 16, "nTWI"}};
  address = window(WINDOW_DATA0, kernel(TARGET + DATA), 0);
  for (int i = 0; i < 5; i++) {
    if (i < 4) clear_sctlr = bits[i].bit;
    // An instruction that no bit traps runs once, with no bit cleared; WFI never runs untrapped.
    if (i == 0 || i == 4) { go(i ? "dc_zva" : "dc_zva,DZE=0", access_dc_zva, EL0T); go(i ? "dczid" : "dczid,DZE=0", access_mrs_dczid, EL0T); }
    if (i == 1 || i == 4) { go(i == 1 ? "ctr,UCT=0" : "ctr", access_mrs_ctr, EL0T); go(i == 1 ? "ctr.x30,UCT=0" : "ctr.x30", access_mrs_ctr_x30, EL0T); }
    if (i == 2) {
      go("dc_cvau,UCI=0", access_dc_cvau, EL0T);
      go("dc_cvac,UCI=0", access_dc_cvac, EL0T);
      go("dc_civac,UCI=0", access_dc_civac, EL0T);
      go("dc_cvap,UCI=0", access_dc_cvap, EL0T);
      go("ic_ivau,UCI=0", access_ic_ivau, EL0T);
    }
    if (i == 3) go("wfi,nTWI=0", access_wfi, EL0T);
    clear_sctlr = 0;
  }
  set_sctlr = 1ul << 9;  // UMA
  go("mrs_daif,UMA=1", access_mrs_daif, EL0T);
  go("msr_daif,UMA=1", access_msr_daif, EL0T);
  go("msr_daifset,UMA=1", access_msr_daifset, EL0T);
  go("msr_daifclr,UMA=1", access_msr_daifclr, EL0T);
  set_sctlr = 0;
  go("mrs_daif", access_mrs_daif, EL0T);
  go("msr_daif", access_msr_daif, EL0T);
  go("msr_daifset", access_msr_daifset, EL0T);
  go("msr_daifclr", access_msr_daifclr, EL0T);
  go("tpidr", access_tpidr, EL0T);
  for (u64 control = 0; control < 4; control++) {

    write_register(cntkctl_el1, (control & 3) | (control & 1 ? 1ul << 8 : 0) | (control & 2 ? 1ul << 9 : 0));
    isb();
    static const struct { const char *name[4]; void (*code)(void); } counters[] = {
      #define FOUR(n) {n ",CNTKCTL=0", n ",CNTKCTL=1", n ",CNTKCTL=2", n ",CNTKCTL=3"}
      {FOUR("cntvct"), access_mrs_cntvct}, {FOUR("cntpct"), access_mrs_cntpct}, {FOUR("cntfrq"), access_mrs_cntfrq},
      {FOUR("cntv_ctl"), access_mrs_cntv_ctl}, {FOUR("cntv_tval"), access_msr_cntv_tval}, {FOUR("cntp_cval"), access_msr_cntp_cval}};
    for (int i = 0; i < 6; i++) go(counters[i].name[control], counters[i].code, EL0T);
  }
  write_register(cntkctl_el1, 0);
  write_register(cntv_ctl_el0, 0);
  write_register(cntp_ctl_el0, 0);
  for (u64 fpen = 0; fpen < 4; fpen++) {
    static const char *const names[4][4] = {
      {"fmov,FPEN=0", "ldr_q,FPEN=0", "fpcr,FPEN=0", "fpsr,FPEN=0"}, {"fmov,FPEN=1", "ldr_q,FPEN=1", "fpcr,FPEN=1", "fpsr,FPEN=1"},
      {"fmov,FPEN=2", "ldr_q,FPEN=2", "fpcr,FPEN=2", "fpsr,FPEN=2"}, {"fmov,FPEN=3", "ldr_q,FPEN=3", "fpcr,FPEN=3", "fpsr,FPEN=3"}};
    void (*const codes[4])(void) = {access_fmov, access_ldr_q, access_mrs_fpcr, access_msr_fpsr};
    for (int i = 0; i < 4; i++)
      for (int user = 0; user < 2; user++) {
        write_register(cpacr_el1, fpen << 20);
        isb();
        address = window(user ? WINDOW_DATA0 : WINDOW_KERNEL, kernel(TARGET + DATA), 0);
        go(names[fpen][i], codes[i], user ? EL0T : EL1H);
      }
    write_register(cpacr_el1, fpen << 20);
    isb();
    if (fpen == 0 || fpen == 3) go(fpen ? "fp_unallocated,on" : "fp_unallocated,off", access_fp_unallocated, EL1H);
  }
}

// MARK: alignment of data, SP and PC
CODE_(ldr_sp, "ldr x2, [sp]") CODE_(str_sp, "str x1, [sp]") CODE_(ldp_sp, "ldp x2, x3, [sp]") CODE_(ldr_sp_16, "ldr x2, [sp, #16]")
CODE_(prfm_sp, "prfm pldl1keep, [sp]") CODE_(add_sp, "add x9, sp, #1") CODE_(ldar, "ldar x2, [x0]") CODE_(stlr, "stlr x1, [x0]")
CODE_(stxr_only, "stxr w3, x1, [x0]") CODE_(ldaxr, "ldaxr x2, [x0]") CODE_(ldxp, "ldxp x2, x3, [x0]") CODE_(ldrh, "ldrh w2, [x0]")
CODE_(ldr_w, "ldr w2, [x0]") CODE_(str_w, "str w1, [x0]") CODE_(ldrb, "ldrb w2, [x0]") CODE_(casp, "casp x2, x3, x4, x5, [x0]")
CODE_(ldapr, "ldapr x2, [x0]") CODE_(br, "br x0")

static void alignment(void) {
  static const struct { const char *name[2]; void (*code)(void); } codes[] = {
    #define TWO(n) {n ",A=0", n ",A=1"}
    {TWO("ldr"), access_ldr}, {TWO("str"), access_str}, {TWO("ldp"), access_ldp}, {TWO("stp"), access_stp}, {TWO("ldrh"), access_ldrh},
    {TWO("ldr_w"), access_ldr_w}, {TWO("str_w"), access_str_w}, {TWO("ldrb"), access_ldrb}, {TWO("ldxr"), access_ldxr},
    {TWO("ldaxr"), access_ldaxr}, {TWO("ldxp"), access_ldxp}, {TWO("ldadd"), access_ldadd}, {TWO("swp"), access_swp},
    {TWO("cas"), access_cas}, {TWO("casp"), access_casp}, {TWO("ldar"), access_ldar}, {TWO("stlr"), access_stlr}, {TWO("ldapr"), access_ldapr},
    {TWO("ldtr"), access_ldtr}, {TWO("sttr"), access_sttr}, {TWO("prfm"), access_prfm}, {TWO("dc_zva"), access_dc_zva}};
  for (int a = 0; a < 2; a++) {
    set_sctlr = a ? 2 : 0;
    for (u64 i = 0; i < sizeof codes / sizeof *codes; i++) {
      // At EL1, LDTR and STTR need memory that EL0 may access.
      address = window(WINDOW_DATA0, kernel(TARGET + DATA), 0) + 1;
      both(codes[i].name[a], codes[i].code);
    }
  }
  set_sctlr = 0;
}

static void go_sp(const char *name, void (*code)(void), u64 pstate, u64 sctlr, u64 misalignment) {
  struct probe p = at_home(pstate);
  p.sctlr |= sctlr;
  set_code(&p, code);
  p.sp += misalignment;
  run_probe(&p);
  name_reset();
  name_add(name);
  name_add((pstate & 0xf) == EL0T ? "EL0" : "EL1t");
  name_add(sctlr & 8 ? sctlr & 16 ? "SA+SA0" : "SA" : sctlr & 16 ? "SA0" : "none");
  name_add_number("by", misalignment);
  row(&p, ~0ul, ~0ul, 0, 0);
}

static void stack_alignment(void) {
  static const struct { const char *name; void (*code)(void); } codes[] = {
    {"ldr_sp", access_ldr_sp}, {"str_sp", access_str_sp}, {"ldp_sp", access_ldp_sp}, {"ldr_sp_16", access_ldr_sp_16},
    {"prfm_sp", access_prfm_sp}, {"add_sp", access_add_sp}};
  for (int i = 0; i < 6; i++)
    for (u64 sctlr = 0; sctlr < 4; sctlr++)
      for (u64 by = 0; by <= 16; by += 8) {
        go_sp(codes[i].name, codes[i].code, EL0T, sctlr << 3, by);
        go_sp(codes[i].name, codes[i].code, EL1T, sctlr << 3, by);
      }
  go_sp("ldr_sp", access_ldr_sp, EL0T, 16, 1);
  // PC: by ERET, and by BR.
  static const char *const names[] = {"", "pc+1", "pc+2", "pc+3"};
  for (pc_offset = 1; pc_offset < 4; pc_offset++) both(names[pc_offset], access_none);
  pc_offset = 0;
  for (u64 by = 1; by < 4; by++)
    for (int user = 0; user < 2; user++) {
      address = window(user ? WINDOW_CODE0 : WINDOW_CODE1, (void *)access_none, 0) + by;
      struct probe p = at_home(user ? EL0T : EL1H);
      set_code(&p, access_br);
      p.x[0] = address;
      run_probe(&p);
      name_reset();
      name_add_number("br_by", by);
      name_add(user ? "EL0" : "EL1h");
      p.elr += p.entry - address, p.far -= address;
      row(&p, ~0ul, ~0ul, 0, 0);
    }
}

// MARK: PSTATE
CODE_(reads_pan, "mrs x2, pan") CODE_(reads_daif, "mrs x2, daif") CODE_(reads_spsel, "mrs x2, spsel") CODE_(reads_uao, "mrs x2, uao")
CODE_(reads_el, "mrs x2, currentel") CODE_(sets_pan, "msr pan, #1\n ldr x2, [x0]") CODE_(sets_daif, "msr daifset, #15\n msr daifclr, #5\n mrs x2, daif\n msr daifset, #15")
CODE_(reads_nzcv, "mrs x2, nzcv") CODE_(sets_sp, "msr spsel, #0\n svc #1")

static void state(void) {
  // ERET to an illegal state: the PE stays at EL1 with PSTATE.IL set.
  static const struct { const char *name; u64 pstate; } illegal[] = {
    {"M=EL0h", 1}, {"M=2", 2}, {"M=3", 3}, {"M=6", 6}, {"M=7", 7}, {"M=EL2t", 8}, {"M=EL2h", 9}, {"M=EL3t", 12}, {"M=EL3h", 13}, {"M=10", 10}};
  for (u64 i = 0; i < sizeof illegal / sizeof *illegal; i++)
    for (int flags = 0; flags < 2; flags++) {
      struct probe p = at_home(EL1H);
      set_code(&p, access_none);
      p.pstate = illegal[i].pstate | DAIF | (flags ? 0xful << 28 | PSTATE_PAN : 0);
      run_probe(&p);
      name_reset();
      name_add("eret");
      name_add(illegal[i].name);
      if (flags) name_add("NZCV,PAN");
      unknown_spsr = 1ul << 12 | 3ul << 10 | 1ul << 23 | 1ul << 24 | 1ul << 25;  // SSBS, BTYPE, UAO, DIT, TCO
      row(&p, ~0ul, ~0ul, 1, p.taken);
      unknown_spsr = 0;
    }
  go("eret,IL", access_none, EL0T | 1ul << 20);
  go("eret,IL", access_none, EL1H | 1ul << 20);
  go("eret,IL", access_svc_0, EL1T | 1ul << 20);
  // The PSTATE that an exception saves, and the one that it leaves.
  static const u64 patterns[] = {0xful << 28, 5ul << 28, PSTATE_PAN, 1ul << 23 /* UAO */, 1ul << 24 /* DIT */, 1ul << 12 /* SSBS */};
  static const char *const names[] = {"svc,NZCV=f", "svc,NZCV=5", "svc,PAN", "svc,UAO", "svc,DIT", "svc,SSBS"};
  for (int i = 0; i < 6; i++)
    for (int span = 0; span < 2; span++) {
      clear_sctlr = span ? 0 : SCTLR_SPAN;
      char text[32];
      int n = 0;
      for (const char *c = names[i]; *c;) text[n++] = *c++;
      for (const char *c = span ? ",SPAN=1" : ",SPAN=0"; *c;) text[n++] = *c++;
      text[n] = 0;
      if (i < 2 || i == 4 || i == 5) go(text, access_svc_0, EL0T | patterns[i]);
      if (i != 3) go(text, access_svc_0, EL1H | patterns[i]);
      go(text, access_svc_0, EL1T | patterns[i]);
    }
  clear_sctlr = 0;
  for (u64 daif = 0; daif < 16; daif++) {
    char text[] = "svc,DAIF=0";
    text[9] = "0123456789abcdef"[daif];
    go(text, access_svc_0, UNMASKED | EL0T | daif << 6);
    go(text, access_svc_0, UNMASKED | EL1H | daif << 6);
  }
  shows_result = 1;
  go("reads_pan", access_reads_pan, EL1H);
  go("reads_pan,PAN", access_reads_pan, EL1H | PSTATE_PAN);
  everywhere("reads_nzcv", access_reads_nzcv);
  go("reads_nzcv,6", access_reads_nzcv, EL0T | 6ul << 28);
  go("reads_daif", access_reads_daif, EL1H);
  go("sets_daif", access_sets_daif, EL1H);
  go("reads_spsel", access_reads_spsel, EL1H);
  go("reads_spsel", access_reads_spsel, EL1T);
  go("sets_sp", access_sets_sp, EL1H);
  go("reads_uao", access_reads_uao, EL1H);
  go("reads_uao,UAO", access_reads_uao, EL1H | 1ul << 23);
  go("reads_el", access_reads_el, EL1H);
  // PAN and UAO against pages of EL0 and of EL1.
  for (int user = 0; user < 2; user++)
    for (int bits = 0; bits < 4; bits++) {
      u64 pstate = EL1H | (bits & 1 ? PSTATE_PAN : 0) | (bits & 2 ? 1ul << 23 : 0);
      char text[24];
      static const struct { const char *name; void (*code)(void); } codes[] = {
        {"ldr", access_ldr}, {"str", access_str}, {"ldtr", access_ldtr}, {"sttr", access_sttr}, {"sets_pan", access_sets_pan}};
      for (int i = 0; i < 5; i++) {
        int n = 0;
        for (const char *c = codes[i].name; *c;) text[n++] = *c++;
        for (const char *c = user ? ",user" : ",kernel"; *c;) text[n++] = *c++;
        if (bits & 1) for (const char *c = ",PAN"; *c;) text[n++] = *c++;
        if (bits & 2) for (const char *c = ",UAO"; *c;) text[n++] = *c++;
        text[n] = 0;
        address = window(user ? WINDOW_DATA0 : WINDOW_KERNEL, kernel(TARGET + DATA), 0);
        go(text, codes[i].code, pstate);
      }
    }
  shows_result = 0;
}

// MARK: accesses that straddle two pages
static void straddling(void) {
  static struct way way;
  u64 base = 0x12340000ul;
  build_way(&way, &K4, 25, base);
  static const struct { const char *name; u64 first, second; } pairs[] = {
    {"valid+valid", AP(1) | AF, AP(1) | AF}, {"valid+invalid", AP(1) | AF, ~0ul}, {"invalid+valid", ~0ul, AP(1) | AF},
    {"valid+AF0", AP(1) | AF, AP(1)}, {"valid+RO", AP(1) | AF, AP(3) | AF}, {"RO+valid", AP(3) | AF, AP(1) | AF},
    {"valid+EL1", AP(1) | AF, AP(0) | AF}};
  static const struct { const char *name; void (*code)(void); u64 offset; } codes[] = {
    {"ldr-5", access_ldr, -5ul}, {"str-5", access_str, -5ul}, {"ldp-8", access_ldp, -8ul}, {"stp-8", access_stp, -8ul},
    {"ldp-3", access_ldp, -3ul}, {"ldrh-1", access_ldrh, -1ul}, {"stp-12", access_stp, -12ul}, {"ldr-8", access_ldr, -8ul}};
  for (u64 i = 0; i < sizeof pairs / sizeof *pairs; i++)
    for (u64 c = 0; c < sizeof codes / sizeof *codes; c++)
      for (int user = 0; user < 2; user++) {
        SLOT(way, 3)[0] = pairs[i].first == ~0ul ? 0 : TARGET | TABLE | NORMAL | PXN | UXN | pairs[i].first;
        SLOT(way, 3)[1] = pairs[i].second == ~0ul ? 0 : (TARGET + 0x1000) | TABLE | NORMAL | PXN | UXN | pairs[i].second;
        struct probe p = at_home(user ? EL0T : EL1H);
        p.ttbr0 = root(&way);
        set_code(&p, codes[c].code);
        p.x[0] = base + 0x1000 + codes[c].offset;
        p.x[1] = STORED;
        kernel(TARGET)[510] = kernel(TARGET)[511] = kernel(TARGET)[512] = kernel(TARGET)[513] = OLD;
        run_probe(&p);
        name_reset();
        name_add(pairs[i].name);
        name_add(codes[c].name);
        name_add(user ? "EL0" : "EL1h");
        // If the second half of a store faults, it is UNKNOWN whether the first half was done.
        row(&p, ~0ul, ~0ul, !faulted(&p), p.out[2] ^ kernel(TARGET)[511] ^ kernel(TARGET)[512]);
      }
  tear_down(&way);
}

// MARK: branch targets. Entered by ERET with PSTATE.BTYPE, in a guarded page.
static void branch_targets(void) {
  static struct way way;
  u64 va = 0x12340000ul;
  build_way(&way, &K4, 25, va);
  static const struct { const char *name; u32 word; } words[] = {
    {"nop", 0xd503201f}, {"bti", 0xd503241f}, {"bti_c", 0xd503245f}, {"bti_j", 0xd503249f}, {"bti_jc", 0xd50324df},
    {"brk", 0xd4200000}, {"hlt", 0xd4400020}, {"svc", 0xd4000001}, {"udf", 0x00000000}};
  for (u64 i = 0; i < sizeof words / sizeof *words; i++) {
    // Two frames are used, because QEMU keeps its translation of a frame when only GP changes.
    for (u64 pa = TARGET; pa <= TARGET + 0x10000; pa += 0x10000) {
      prepare_code(pa);
      ((volatile u32 *)kernel(pa + CODE))[0] = words[i].word;
      ((volatile u32 *)kernel(pa + CODE))[1] = 0xd401ffe1;
      asm volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" : : "r"(kernel(pa + CODE)) : "memory");
    }
    for (u64 btype = 0; btype < 4; btype++)
      for (int user = 0; user < 2; user++)
        for (int guarded = 0; guarded < 2; guarded++) {
          if (!guarded && btype != 1) continue;
          *SLOT(way, 3) = (guarded ? TARGET | GP : TARGET + 0x10000) | TABLE | NORMAL | AF | AP(2);
          struct probe p = at_home((user ? EL0T : EL1H) | btype << 10);
          p.ttbr0 = root(&way);
          p.entry = va + CODE;
          run_probe(&p);
          name_reset();
          name_add(guarded ? "guarded" : "unguarded");
          name_add(words[i].name);
          name_add_number("BTYPE", btype);
          name_add(user ? "EL0" : "EL1h");
          row(&p, ~0ul, ~0ul, 0, 0);
        }
  }
  tear_down(&way);
}

// MARK: self-hosted debug
CODE_(nops, "nop\n nop\n nop") CODE_(branches, "b 1f\n nop\n1: nop") CODE_(step_ldxr, "ldxr x2, [x0]\n nop")
CODE_(faults_x1, "ldr x2, [x3]")

#define MDSCR_SS  1ul
#define MDSCR_KDE (1ul << 13)
#define MDSCR_MDE (1ul << 15)

static void debugged(const char *name, const char *detail, void (*code)(void), u64 pstate, u64 mdscr) {
  struct probe p = at_home(pstate);
  p.pstate = pstate & UNMASKED ? (pstate & ~UNMASKED) | 0x1c0 : pstate | DAIF;  // unmasked: D clear
  set_code(&p, code);
  p.x[0] = window(WINDOW_DATA0, kernel(TARGET + DATA), 0);
  p.x[1] = STORED;
  p.x[3] = 0x7f00000000ul;  // beyond the runtime's map: a translation fault
  write_register(mdscr_el1, mdscr);
  isb();
  run_probe(&p);
  write_register(mdscr_el1, 0);
  name_reset();
  name_add(name);
  if (*detail) name_add(detail);
  name_add((pstate & 0xf) == EL0T ? "EL0" : "EL1h");
  if (pstate & UNMASKED) name_add("D=0");
  row(&p, ~0ul, ~0ul, faulted(&p), p.taken);
}

static void debug(void) {
  u64 version = read_register(id_aa64dfr0_el1) & 15;
  tell("features/debug", version >= 6);
  if (version < 6) return;
  write_register(oslar_el1, 0);
  isb();
  u64 ss = 1ul << 21;
  static const struct { const char *name; void (*code)(void); } codes[] = {
    {"nop", access_nops}, {"branch", access_branches}, {"svc", access_svc_0}, {"brk", access_brk_0}, {"udf", access_udf},
    {"abort", access_faults_x1}, {"ldxr", access_step_ldxr}, {"str", access_str}, {"bti", access_none}};
  for (int i = 0; i < 9; i++) {
    debugged("step", codes[i].name, codes[i].code, EL0T | ss, MDSCR_SS);
    debugged("step,KDE", codes[i].name, codes[i].code, EL1H | ss | UNMASKED, MDSCR_SS | MDSCR_KDE);
  }
  debugged("step,pending", "nop", access_nops, EL0T, MDSCR_SS);
  debugged("step,pending,KDE", "nop", access_nops, EL1H | UNMASKED, MDSCR_SS | MDSCR_KDE);
  debugged("step,KDE", "nop", access_nops, EL1H | ss, MDSCR_SS | MDSCR_KDE);             // masked by D
  debugged("step,no-KDE", "nop", access_nops, EL1H | ss | UNMASKED, MDSCR_SS);
  debugged("no-step", "nop", access_nops, EL0T | ss, 0);
  // Breakpoint 0 at the second instruction. PMC 0b10: EL0, 0b01: EL1, 0b11: both.
  for (int user = 0; user < 2; user++)
    for (u64 pmc = 1; pmc < 4; pmc++)
      for (int mde = 0; mde < 2; mde++) {
        write_register(dbgbvr0_el1, window(user ? WINDOW_CODE0 : WINDOW_CODE1, (void *)access_nops, 0) + 4);
        write_register(dbgbcr0_el1, 1 | pmc << 1 | 0xful << 5);
        isb();
        char detail[] = "PMC0";
        detail[3] = '0' + pmc;
        debugged(mde ? "breakpoint" : "breakpoint,MDE=0", detail, access_nops, user ? EL0T : EL1H | UNMASKED, (mde ? MDSCR_MDE : 0) | MDSCR_KDE);
        if (!user && mde) debugged("breakpoint,no-KDE", detail, access_nops, EL1H | UNMASKED, MDSCR_MDE);
        if (!user && mde) debugged("breakpoint", detail, access_nops, EL1H, MDSCR_MDE | MDSCR_KDE);
      }
  write_register(dbgbcr0_el1, 0);
  // Watchpoint 0 on the data. LSC 1: loads, 2: stores, 3: both.
  static const struct { const char *name; void (*code)(void); } watched[] = {
    {"ldr", access_ldr}, {"str", access_str}, {"ldrb", access_ldrb}, {"prfm", access_prfm}, {"ldtr", access_ldtr}};
  for (u64 lsc = 1; lsc < 4; lsc++)
    for (int i = 0; i < 5; i++)
      for (int user = 0; user < 2; user++)
        for (int half = 0; half < 2; half++) {
          write_register(dbgwvr0_el1, window(WINDOW_DATA0, kernel(TARGET + DATA), 0));
          write_register(dbgwcr0_el1, 1 | 3ul << 1 | lsc << 3 | (half ? 0xf0ul : 0xfful) << 5);
          isb();
          if (half && i != 2) continue;  // where a watched byte lies behind the first accessed one FAR is not fixed
          char detail[24];
          int n = 0;
          for (const char *c = "LSC0,"; *c;) detail[n++] = *c++;
          detail[3] = '0' + lsc;
          for (const char *c = watched[i].name; *c;) detail[n++] = *c++;
          if (half) for (const char *c = ",BAS=f0"; *c;) detail[n++] = *c++;
          detail[n] = 0;
          debugged("watchpoint", detail, watched[i].code, user ? EL0T : EL1H | UNMASKED, MDSCR_MDE | MDSCR_KDE);
          if (!user && i == 0 && !half) debugged("watchpoint,no-KDE", detail, watched[i].code, EL1H | UNMASKED, MDSCR_MDE);
          if (user && i == 0 && !half) debugged("watchpoint,MDE=0", detail, watched[i].code, EL0T, 0);
        }
  write_register(dbgwcr0_el1, 0);
}

int el1_main(void) {
  header();
  calls();
  traps();
  alignment();
  stack_alignment();
  state();
  straddling();
  branch_targets();
  debug();
  return 0;
}
