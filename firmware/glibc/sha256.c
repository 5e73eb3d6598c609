// SHA-256 by the crypto extension's intrinsics beside SHA-256 in plain C, over messages of many lengths.
// Prints the digests and complains where the two differ.
#include <arm_neon.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <asm/hwcap.h>

static const uint32_t constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static void block_plain(uint32_t state[8], const uint8_t *data) {
  uint32_t w[64], v[8];
#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)data[4 * i] << 24 | data[4 * i + 1] << 16 | data[4 * i + 2] << 8 | data[4 * i + 3];
  for (int i = 16; i < 64; i++)
    w[i] = w[i - 16] + (ROTATE(w[i - 15], 7) ^ ROTATE(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
           (ROTATE(w[i - 2], 17) ^ ROTATE(w[i - 2], 19) ^ w[i - 2] >> 10);
  memcpy(v, state, sizeof v);
  for (int i = 0; i < 64; i++) {
    uint32_t t = v[7] + (ROTATE(v[4], 6) ^ ROTATE(v[4], 11) ^ ROTATE(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + w[i];
    uint32_t u = (ROTATE(v[0], 2) ^ ROTATE(v[0], 13) ^ ROTATE(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 28);
    v[4] += t;
    v[0] = t + u;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

static void block_crypto(uint32_t state[8], const uint8_t *data) {
  uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4), abcd0 = abcd, efgh0 = efgh;
  uint32x4_t w[4];
  for (int i = 0; i < 4; i++) w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * i)));
  for (int i = 0; i < 16; i++) {
    uint32x4_t sum = vaddq_u32(w[i & 3], vld1q_u32(constants + 4 * i)), old = abcd;
    if (i < 12) w[i & 3] = vsha256su1q_u32(vsha256su0q_u32(w[i & 3], w[(i + 1) & 3]), w[(i + 2) & 3], w[(i + 3) & 3]);
    abcd = vsha256hq_u32(abcd, efgh, sum);
    efgh = vsha256h2q_u32(efgh, old, sum);
  }
  vst1q_u32(state, vaddq_u32(abcd, abcd0));
  vst1q_u32(state + 4, vaddq_u32(efgh, efgh0));
}

static void digest(const uint8_t *data, size_t length, uint32_t state[8], void (*block)(uint32_t *, const uint8_t *)) {
  memcpy(state, initial, 32);
  size_t at = 0;
  for (; at + 64 <= length; at += 64) block(state, data + at);
  uint8_t last[128] = {0};
  memcpy(last, data + at, length - at);
  last[length - at] = 0x80;
  size_t size = length - at < 56 ? 64 : 128;
  for (int i = 0; i < 8; i++) last[size - 1 - i] = (uint8_t)(length * 8 >> 8 * i);
  for (size_t i = 0; i < size; i += 64) block(state, last + i);
}

int main(void) {
  printf("HWCAP_SHA2 %d HWCAP_AES %d\n", !!(getauxval(AT_HWCAP) & HWCAP_SHA2), !!(getauxval(AT_HWCAP) & HWCAP_AES));
  static uint8_t message[4096];
  for (int i = 0; i < 4096; i++) message[i] = (uint8_t)(i * 167 + 13);
  memcpy(message, "abc", 3);
  for (int length = 0; length <= 4096; length = length < 8 ? length + 1 : length * 5 / 3) {
    uint32_t plain[8], crypto[8];
    digest(message, length, plain, block_plain);
    digest(message, length, crypto, block_crypto);
    for (int i = 0; i < 8; i++) printf("%08x", crypto[i]);
    printf("  %d bytes%s\n", length, memcmp(plain, crypto, 32) ? " WRONG" : "");
  }
  return 0;
}
