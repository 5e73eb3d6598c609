// The virtual and the physical timer: their condition, the interrupt through VBAR, and waking from WFI.
// If the device tree has a GICv2, it must pass the PPIs on; otherwise the timers drive the PE's IRQ line themselves. It does not
// know other interrupts.
#define HANDLES_INTERRUPTS
#include "access.h"

// MARK: the device tree: just enough to find the node of an interrupt controller

static u32 big(const u8 *p) { return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3]; }
static int starts(const char *text, const char *prefix) {
  while (*prefix) if (*text++ != *prefix++) return 0;
  return 1;
}

/// The address and size cells of the `reg` of the first node whose name starts with "intc"; 0 where there is none.
static const u8 *interrupt_controller(const u8 *tree) {
  if (big(tree) != 0xd00dfeed) return 0;
  const u8 *p = tree + big(tree + 8), *end = tree + big(tree + 4);
  const char *strings = (const char *)tree + big(tree + 12);
  int inside = 0;
  while (p < end) {
    u32 token = big(p);
    p += 4;
    if (token == 1) {
      inside = starts((const char *)p, "intc");
      while (*p) p++;
      p = (const u8 *)(((u64)p + 4) & ~3ul);
    } else if (token == 3) {
      u32 length = big(p);
      if (inside && starts(strings + big(p + 4), "reg")) return p + 8;
      p += 8 + ((length + 3) & ~3u);
    } else if (token == 9) return 0;
    else if (token == 2) inside = 0;
  }
  return 0;
}

// MARK: GICv2

static volatile u32 *distributor, *cpu_interface;

static void set_up_interrupts(u64 tree_address) {
  const u8 *tree = (const u8 *)kernel(tree_address ? tree_address : 0x40000000);
  const u8 *reg = interrupt_controller(tree);
  if (!reg) return;
  distributor = (volatile u32 *)kernel((u64)big(reg) << 32 | big(reg + 4));
  cpu_interface = (volatile u32 *)kernel((u64)big(reg + 16) << 32 | big(reg + 20));
  distributor[0] = 1;                            // GICD_CTLR
  distributor[0x100 / 4] = 1u << 27 | 1u << 30;  // GICD_ISENABLER0: virtual timer, non-secure physical timer
  cpu_interface[4 / 4] = 0xff;                   // GICC_PMR
  cpu_interface[0] = 1;                          // GICC_CTLR
  dsb();
}
static void acknowledge(void) {
  if (!cpu_interface) return;
  u32 number = cpu_interface[0xc / 4];  // GICC_IAR
  if ((number & 0x3ff) < 1020) cpu_interface[0x10 / 4] = number;  // GICC_EOIR
  dsb();
}

// MARK: the two timers

#define TIMER(v) \
  static void set_##v(u64 in, u64 control) { \
    write_register(cnt##v##_ctl_el0, 0); \
    isb(); \
    write_register(cnt##v##_cval_el0, v##_count() + in); \
    write_register(cnt##v##_ctl_el0, control); \
    isb(); \
  } \
  static u64 control_##v(void) { isb(); return read_register(cnt##v##_ctl_el0); }
static u64 v_count(void) { isb(); return read_register(cntvct_el0); }
static u64 p_count(void) { isb(); return read_register(cntpct_el0); }
TIMER(v) TIMER(p)

static int physical_timer;
static void set(u64 in, u64 control) { if (physical_timer) set_p(in, control); else set_v(in, control); }
static u64 control(void) { return physical_timer ? control_p() : control_v(); }
static u64 count(void) { return physical_timer ? p_count() : v_count(); }
static u64 pending(void) { isb(); return read_register(isr_el1); }

/// Waits until the IRQ line of this PE has the wanted state, because a GIC takes time.
static u64 pending_soon(u64 wanted) {
  u64 seen = 0;
  for (int tries = 0; tries < 1000000 && ((seen = pending()) != 0) != wanted; tries++) {}
  return seen;
}

static volatile u64 interrupts, interrupt_vector, interrupt_control;
void el1_interrupt(u64 vector, u64 isr) {
  interrupts++;
  interrupt_vector = vector;
  interrupt_control = control();
  set(0, 0);
  acknowledge();
}

static const char *title(const char *what) {
  static char text[64];
  int n = 0;
  for (const char *c = physical_timer ? "cntp/" : "cntv/"; *c;) text[n++] = *c++;
  while (*what) text[n++] = *what++;
  text[n] = 0;
  return text;
}

static void condition(void) {
  u64 far = 1ul << 40, hz = read_register(cntfrq_el0);
  set(0, 0);
  tell(title("disabled"), control() & 3);
  set(far, 1);
  tell(title("enabled,later"), control());
  tell(title("pending,later"), pending_soon(0));
  set(far, 3);
  tell(title("masked,later"), control());
  set(0, 1);
  tell(title("enabled,now"), control());
  tell(title("pending,now"), pending_soon(1));
  set(0, 3);
  tell(title("masked,now"), control());
  tell(title("pending,masked"), pending_soon(0));
  set(0, 0);
  tell(title("pending,disabled"), pending_soon(0));
  // TVAL is a signed 32-bit view of CVAL minus the count.
  if (physical_timer) write_register(cntp_tval_el0, 0xffffffff80000000ul); else write_register(cntv_tval_el0, 0xffffffff80000000ul);
  isb();
  u64 distance = (physical_timer ? read_register(cntp_cval_el0) : read_register(cntv_cval_el0)) - count();
  tell(title("tval,negative"), distance >> 63);
  if (physical_timer) write_register(cntp_tval_el0, 0x7fffffff); else write_register(cntv_tval_el0, 0x7fffffff);
  isb();
  distance = (physical_timer ? read_register(cntp_cval_el0) : read_register(cntv_cval_el0)) - count();
  tell(title("tval,positive"), distance <= 0x7fffffff && distance > 0x70000000 - hz);
  // The condition becomes true by itself.
  set(hz / 1000, 1);
  u64 tries = 0;
  while (!(control() & 4) && tries < 100000000) tries++;
  tell(title("expires"), control());
  set(0, 0);
}

/// An interrupt that is pending before ERET is taken before the first instruction, through the vector of the level from which it
/// came.
static void through_vbar(const char *name, u64 pstate, int masked) {
  set(0, 1);
  pending_soon(1);
  struct probe p = at_home(pstate);
  if (!masked) p.pstate &= ~0x80ul;
  set_code(&p, access_none);
  run_probe(&p);
  name_reset();
  name_add(title(name));
  row(&p, ~0ul, ~0ul, faulted(&p), p.taken);
  set(0, 0);
  acknowledge();
}

static void waking(void) {
  u64 hz = read_register(cntfrq_el0);
  // While masked, the interrupt ends a WFI and is not taken.
  set(hz / 500, 1);
  while (!pending()) asm volatile("wfi" : : : "memory");
  tell(title("wfi,masked"), control());
  tell(title("wfi,masked,interrupts"), interrupts);
  set(0, 0);
  acknowledge();
  // Once unmasked, the handler runs. The WFI is executed while masked, because otherwise the interrupt could come just before it,
  // and none after.
  interrupts = 0;
  set(hz / 500, 1);
  for (u64 tries = 0; !interrupts && tries < 1000; tries++)
    asm volatile("wfi\n msr daifclr, #2\n isb\n msr daifset, #2" : : : "x16", "x17", "memory");
  tell(title("wfi,interrupts"), interrupts);
  tell(title("wfi,vector"), interrupt_vector);
  tell(title("wfi,control"), interrupt_control);
  // A busy loop is interrupted too.
  interrupts = 0;
  set(hz / 500, 1);
  asm volatile("msr daifclr, #2" : : : "memory");
  for (u64 tries = 0; !interrupts && tries < 200000000; tries++) asm volatile("" : : : "x16", "x17", "memory");
  asm volatile("msr daifset, #2" : : : "memory");
  tell(title("loop,interrupts"), interrupts);
  interrupts = 0;
}

int el1_main(u64 tree) {
  header();
  set_up_interrupts(tree);
  u64 first = v_count(), second = v_count();
  tell("count/advances", second >= first);
  tell("frequency/set", read_register(cntfrq_el0) >= 1000000);
  for (physical_timer = 0; physical_timer < 2; physical_timer++) {
    condition();
    through_vbar("irq,EL0", EL0T, 0);
    through_vbar("irq,EL1h", EL1H, 0);
    through_vbar("irq,EL1t", EL1T, 0);
    through_vbar("irq,EL0,masked", EL0T, 1);
    through_vbar("irq,EL1h,masked", EL1H, 1);
    through_vbar("irq,EL0,NZCV", EL0T | 0xaul << 28, 0);
    through_vbar("irq,EL1h,PAN", EL1H | PSTATE_PAN, 0);
    waking();
  }
  // WFE with an event that is set already, and with one that SEV sets.
  asm volatile("sevl\n wfe\n sev\n wfe");
  tell("wfe/returns", 1);
  // The event stream on bit 4 of the counter, by its rises and by its falls, ends a WFE that no other event ends.
  for (u64 direction = 0; direction < 2; direction++) {
    write_register(cntkctl_el1, 4ul << 4 | direction << 3 | 1ul << 2);
    isb();
    tell(direction ? "cntkctl/EVNTDIR=1" : "cntkctl/EVNTDIR=0", read_register(cntkctl_el1));
    for (int i = 0; i < 4; i++) asm volatile("wfe");
    tell(direction ? "wfe/EVNTDIR=1" : "wfe/EVNTDIR=0", 1);
  }
  write_register(cntkctl_el1, 0);
  return 0;
}
