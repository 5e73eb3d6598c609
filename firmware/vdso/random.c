// getrandom of the vDSO: a generator for each thread, in memory that the C library provides, with a key from the kernel.
// It does not know where the kernel's randomness comes from. The generator is ChaCha20 (RFC 8439) with a new key after each batch, so that
// what was given out cannot be found again. The sizes and the checks are those of Linux: lib/vdso/getrandom.c.
#include "vdso.h"

enum { SYS_getrandom = 278, EFAULT = 14, BLOCK = 64, KEY = 32, BATCH = 2 * BLOCK - KEY };
enum { NONBLOCK = 1, RANDOM = 2, INSECURE = 4, PROT_READ = 1, PROT_WRITE = 2, MAP_DROPPABLE = 8, MAP_ANONYMOUS = 0x20 };

/// What the C library keeps for a thread. The kernel may replace it by zeroes at any time, and does so in the child of a fork.
struct state {
  union {
    struct { u8 batch[BATCH]; u32 key[KEY / 4]; };
    u32 blocks[2 * BLOCK / 4];
  };
  u64 generation;
  u8 used;  // bytes of the batch
  u8 is_busy;
};
_Static_assert(sizeof(struct state) == 144, "the size that programs are told");

/// The answer to a call that asks how to allocate a state.
struct parameters { u32 size, protection, flags, reserved[13]; };

static inline const volatile struct random_data *data(void) {
  return (const volatile struct random_data *)(image_start - 2 * PAGE + RANDOM_OFFSET);
}

static inline u32 turned(u32 value, int bits) { return value << bits | value >> (32 - bits); }
#define QUARTER(a, b, c, d) \
  (a += b, d = turned(d ^ a, 16), c += d, b = turned(b ^ c, 12), a += b, d = turned(d ^ a, 8), c += d, b = turned(b ^ c, 7))

/// One block of the key stream, of a nonce of zero.
static void block(u32 *out, const u32 *key, u32 counter) {
  u32 start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];
  for (int i = 0; i < 8; i++) start[4 + i] = key[i];
  start[12] = counter;
  for (int i = 0; i < 16; i++) x[i] = start[i];
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < 4; i++) QUARTER(x[i], x[4 + i], x[8 + i], x[12 + i]);
    for (int i = 0; i < 4; i++) QUARTER(x[i], x[4 + (i + 1) % 4], x[8 + (i + 2) % 4], x[12 + (i + 3) % 4]);
  }
  for (int i = 0; i < 16; i++) out[i] = x[i] + start[i];
}

/// Makes a new batch, and the key of the next one.
static void refill(struct state *state) {
  u32 key[KEY / 4];
  for (int i = 0; i < KEY / 4; i++) key[i] = state->key[i];
  block(state->blocks, key, 0);
  block(state->blocks + BLOCK / 4, key, 1);
  state->used = 0;
}

s64 __kernel_getrandom(void *buffer, u64 length, u32 flags, void *opaque, u64 opaque_length) {
  if (opaque_length == ~0ul && !buffer && !length && !flags) {
    struct parameters *answer = opaque;
    answer->size = sizeof(struct state);
    answer->protection = PROT_READ | PROT_WRITE;
    answer->flags = MAP_DROPPABLE | MAP_ANONYMOUS;
    for (int i = 0; i < 13; i++) answer->reserved[i] = 0;
    return 0;
  }
  struct state *state = opaque;
  // The kernel empties whole pages, so that half of a state would be left.
  if (((u64)opaque & (PAGE - 1)) + sizeof *state > PAGE) return -EFAULT;
  u64 generation = data()->generation;
  int isOurs = !(flags & ~(u32)(NONBLOCK | RANDOM | INSECURE)) && opaque_length == sizeof *state && generation;
  if (!isOurs) return system_call(SYS_getrandom, (u64)buffer, length, flags);
  if (!length) return 0;
  // A signal handler may have come between: its caller is served by the kernel.
  volatile u8 *busy = &state->is_busy;
  if (*busy) return system_call(SYS_getrandom, (u64)buffer, length, flags);
  *busy = 1;
  u8 *to = buffer;
  for (u64 done = 0; done < length;) {
    if (*(volatile u64 *)&state->generation != generation) {
      if (system_call(SYS_getrandom, (u64)state->key, KEY, 0) != KEY) {
        *busy = 0;
        return system_call(SYS_getrandom, (u64)buffer, length, flags);
      }
      *(volatile u64 *)&state->generation = generation;
      state->used = BATCH;
      // What the old key made is not given out.
      done = 0;
    }
    if (state->used >= BATCH) refill(state);
    // Bytes are erased as they are given out.
    while (done < length && state->used < BATCH) {
      to[done++] = state->batch[state->used];
      state->batch[state->used++] = 0;
    }
  }
  *busy = 0;
  return (s64)length;
}
