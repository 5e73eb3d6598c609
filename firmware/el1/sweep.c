// Every encoding of MRS, MSR, SYS and SYSL at EL1, and of MSR (immediate): the exception that it ends with, or what it reads.
// It prints a row for each encoding that is not plainly UNDEFINED, and the number of the others. It does not know any register's name.
//
// A row is OPERATION/OP0,OP1,CRn,CRm,OP2, ESR, vector and result. Each encoding runs in a probe of its own, which installs the
// runtime's regime before and takes the exception after, so none is skipped: whatever MSR (immediate) sets in PSTATE is gone then,
// and a register gets the value back that was read from it, or zero if it cannot be read. SYS runs once with an address in its
// register, and once with register 31, which operations without an argument ask for.
#include "access.h"

#define ENCODINGS 16384  // op1, CRn, CRm, op2
#define UNDEFINED 0x02000000u
#define BUFFER (HIGH + 0x45000000ul)  // above the image: two words for each encoding
static u64 undefined_count;

/// The bits of an MSR, MRS, SYS or SYSL for op1, CRn, CRm and op2 in a number from 0 to ENCODINGS.
static u32 fields(u32 encoding) { return (encoding >> 11 & 7) << 16 | (encoding & 0x7ff) << 5; }

/// Fills the buffer with every encoding of an instruction, each with the SVC that ends a probe behind it.
static void fill(u32 word) {
  volatile u32 *at = (volatile u32 *)BUFFER;
  for (u32 i = 0; i < ENCODINGS; i++) at[2 * i] = word | fields(i), at[2 * i + 1] = 0xd401ffe1;
  for (u64 line = BUFFER; line < BUFFER + ENCODINGS * 8; line += 16) asm volatile("dc cvau, %0" : : "r"(line) : "memory");
  asm volatile("dsb ish\n ic iallu\n dsb ish\n isb" : : : "memory");
}

/// Runs one encoding of the buffer with a value in x1.
static struct probe run(u32 encoding, u64 value) {
  static struct probe p;
  p = at_home(EL1H);
  set_code(&p, (void (*)(void))(BUFFER + encoding * 8));
  p.x[1] = value;
  p.x[2] = 0;
  run_probe(&p);
  return p;
}

static void name_encoding(const char *operation, int op0, u32 encoding) {
  name_reset();
  name_add(operation);
  name_add_number("", op0);
  u32 parts[] = {encoding >> 11 & 7, encoding >> 7 & 15, encoding >> 3 & 15, encoding & 7};
  for (int i = 0; i < 4; i++) {
    case_name[case_length++] = ',';
    if (parts[i] >= 10) case_name[case_length++] = '1';
    case_name[case_length++] = '0' + parts[i] % 10;
  }
  case_name[case_length] = 0;
}

/// Prints the start of a row, unless the encoding is plainly UNDEFINED; returns whether it did.
static int start_row(const struct probe *p) {
  if (faulted(p) && p->esr == UNDEFINED && p->vector == 0x200) { undefined_count++; return 0; }
  put(case_name);
  cell(faulted(p), fixed_esr(p->esr));
  cell(faulted(p), p->vector);
  put("\t");
  return 1;
}

/// Addresses of the image differ by build, so they are printed as a word.
static void put_value(u64 value) {
  int high = value >> 39 == HIGH >> 39, low = value >= 0x40000000 && value < 0x50000000;
  if (high || low) put("address"); else hex(value);
}

/// MRS, then MSR with what MRS read; the result of MSR is what MRS reads afterwards.
static void registers(int op0) {
  static u64 values[ENCODINGS];
  static u8 readable[ENCODINGS], varies[ENCODINGS];
  u32 mrs = 0xd5200000 | (u32)op0 << 19 | 2, msr = 0xd5000000 | (u32)op0 << 19 | 1;
  fill(mrs);
  for (u32 i = 0; i < ENCODINGS; i++) {
    struct probe p = run(i, 0);
    readable[i] = !faulted(&p), values[i] = p.out[2];
    name_encoding("mrs", op0, i);
    if (!start_row(&p)) continue;
    varies[i] = readable[i] && run(i, 0).out[2] != values[i];
    if (varies[i]) put("varies"); else if (readable[i]) put_value(values[i]); else put("-");
    put("\n");
  }
  fill(msr);
  static u8 written[ENCODINGS];
  for (u32 i = 0; i < ENCODINGS; i++) {
    struct probe p = run(i, readable[i] ? values[i] : 0);
    written[i] = !faulted(&p);
    name_encoding("msr", op0, i);
    if (!start_row(&p)) continue;
    put("-\n");
  }
  fill(mrs);
  for (u32 i = 0; i < ENCODINGS; i++) {
    if (!written[i] || !readable[i] || varies[i]) continue;
    u64 after = run(i, 0).out[2];
    if (after == values[i]) continue;
    name_encoding("changed", op0, i);
    put(case_name);
    put("\t-\t-\t");
    put_value(after);
    put("\n");
  }
}

/// SYS and SYSL. The result is x2 after SYSL, and PAR_EL1 after an address translation.
static void operations(const char *operation, u32 word, u64 (*argument)(u32 encoding), int reads) {
  fill(word);
  for (u32 i = 0; i < ENCODINGS; i++) {
    struct probe p = run(i, argument(i));
    name_encoding(operation, 1, i);
    if (!start_row(&p)) continue;
    if (reads && !faulted(&p)) hex(p.out[2]);
    else if (p.par) put_value(p.par & 0xff0000000000007ful);
    else put("-");
    put("\n");
  }
}
/// For TLB maintenance a page's number, for all else the address of a line which may be overwritten.
static u64 operand(u32 encoding) {
  u32 crn = encoding >> 7 & 15;
  u64 va = window(WINDOW_DATA0, kernel(TARGET + DATA), 0);
  // Clean and invalidate by set and way: those of line 0.
  if (crn == 7 && (encoding & 7) == 2 && (encoding >> 11 & 7) == 0) return 0;
  return crn == 8 || crn == 9 ? va >> 12 : va;
}
static u64 nothing(u32 encoding) { (void)encoding; return 0; }

/// MSR (immediate), and all else of op0 = 0 and CRn = 4.
static void immediates(void) {
  fill(0xd500001f);
  for (u32 i = 0; i < ENCODINGS; i++) {
    if ((i >> 7 & 15) != 4) continue;
    struct probe p = run(i, 0);
    name_encoding("msr_immediate", 0, i);
    if (start_row(&p)) put("-\n");
  }
}

int el1_main(void) {
  put("case\tESR\tvector\tresult\n");
  prepare_target(TARGET);
  registers(2);
  registers(3);
  operations("sys", 0xd5080001, operand, 0);
  operations("sys_xzr", 0xd508001f, nothing, 0);
  operations("sysl", 0xd5280002, nothing, 1);
  immediates();
  put("undefined\t-\t-\t");
  dec(undefined_count);
  put("\n");
  return 0;
}
