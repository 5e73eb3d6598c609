// Faults at level -1, which only 52-bit addresses with 4K granules have. This is an image of its own, because QEMU 7.2 ends with an
// assertion in it.
#define MINUS_ONE 1
#include "granules.c"
