// The addresses that mmap chooses by itself: below the existing mappings, but aligned to huge pages if the memory can have them.
// It prints only facts that do not depend on the base of the mmap area.
#include "guest.h"

static u64 anonymous(u64 hint, u64 length) {
  return (u64)sys6(SYS_mmap, hint, length, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON, -1, 0);
}

int guest_main(int argc, char **argv) {
  static const u64 mebibytes[] = {2, 1, 4, 2, 2, 3, 2, 6, 2, 5};
  // Fills the area up to a border, so that the rest does not depend on where the area begins.
  u64 last = anonymous(0, PAGE);
  if (last & 0x1fffff) last = anonymous(0, last & 0x1fffff);
  for (u64 i = 0; i < sizeof mebibytes / sizeof *mebibytes; i++) {
    u64 size = mebibytes[i] << 20, start = anonymous(0, size);
    dec(mebibytes[i]);
    put(start & 0x1fffff ? " MiB, not aligned" : " MiB, aligned");
    put(start + size == last ? ", below the last one\n" : ", elsewhere\n");
    last = start;
  }
  // A hint at a taken address is not a request for huge pages.
  u64 taken = anonymous(0, PAGE), other = anonymous(taken, 2 << 20);
  put(other & 0x1fffff ? "2 MiB with a hint, not aligned\n" : "2 MiB with a hint, aligned\n");
  return 0;
}
