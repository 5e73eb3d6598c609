// Constants that start.S and the C programs share: the regime that the runtime itself lives in, and the layout of struct probe.
// It does not know any test.
#pragma once

// The runtime's own map, the same table in TTBR0 and TTBR1 (39-bit halves, 1 GiB blocks). A window w lies at w << 30.
#define HIGH          0xffffff8000000000
#define WINDOW_KERNEL 1  // RAM, EL1 may do everything; here the images are linked
#define WINDOW_CODE0  2  // RAM, EL0 may read and execute
#define WINDOW_DATA0  3  // RAM, EL0 may read and write
#define WINDOW_CODE1  4  // RAM, EL1 may read and execute: where probes run, whatever SCTLR_EL1.WXN says

// Attr0 Device-nGnRnE, Attr1 Normal write-back, Attr2 Device-nGnRE, Attr3 Normal non-cacheable, Attr4 Device-GRE.
#define HOME_MAIR  0x0000000c4404ff00
// T0SZ = T1SZ = 25, write-back inner shareable walks, 4K granules, 48-bit output.
#define HOME_TCR   0x00000005b5193519
// The bits that were once RES1; M, C, I; SPAN; EL0 may use DC ZVA, DC CVAU, IC IVAU, CTR_EL0, WFI and WFE.
#define HOME_SCTLR 0x0000000034d5d805
// FPEN = 0b11.
#define HOME_CPACR 0x300000

#define PROBE_TTBR0  0x00
#define PROBE_MAIR   0x10
#define PROBE_SCTLR  0x20
#define PROBE_PSTATE 0x28
#define PROBE_ENTRY  0x30
#define PROBE_SP     0x38
#define PROBE_X      0x40
#define PROBE_DELTA  0x60
#define PROBE_STACK  0x68
#define PROBE_VECTOR 0x70
#define PROBE_ESR    0x78
#define PROBE_FAR    0x80
#define PROBE_ELR    0x88
#define PROBE_SPSR   0x90
#define PROBE_PAR    0x98
#define PROBE_OUT    0xa0
#define PROBE_TAKEN  0xc0
