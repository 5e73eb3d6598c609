// Faults at level -1, which only 52-bit addresses with 4K granules have. An image of its own, for QEMU 7.2 dies of them.
#define MINUS_ONE 1
#include "granules.c"
