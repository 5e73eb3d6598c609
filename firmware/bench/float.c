// float LOOP ITERATIONS: runs one of two floating-point loops and prints the exact bits of the result.
// Loops: matrix (products of two 64 x 64 matrices of doubles), bodies (steps of five bodies under gravity).
#include "guest.h"

enum { SIZE = 64, BODIES = 5 };

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static u64 bits(double value) {
  u64 result;
  __builtin_memcpy(&result, &value, 8);
  return result;
}

// c += a b, row by row, so that the inner loop runs along rows of b and c.
static void multiply(void) {
  for (int i = 0; i < SIZE; i++)
    for (int k = 0; k < SIZE; k++)
      for (int j = 0; j < SIZE; j++) c[i][j] += a[i][k] * b[k][j];
}

static u64 matrix(u64 iterations) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = 1.0 / (i + j + 1);
      b[i][j] = 1.0 / (i + 2 * j + 3) - 0.01;
    }
  for (u64 n = 0; n < iterations; n++) multiply();
  double sum = 0;
  for (int i = 0; i < SIZE; i++) sum += c[i][(i * 7) % SIZE];
  return bits(sum);
}

static struct body { double x, y, z, vx, vy, vz, mass; } bodies_of[BODIES];

static void advance(double dt) {
  for (int i = 0; i < BODIES; i++) {
    struct body *p = &bodies_of[i];
    for (int j = i + 1; j < BODIES; j++) {
      struct body *q = &bodies_of[j];
      double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
      double square = dx * dx + dy * dy + dz * dz;
      double scale = dt / (square * __builtin_sqrt(square));
      p->vx -= dx * q->mass * scale;
      p->vy -= dy * q->mass * scale;
      p->vz -= dz * q->mass * scale;
      q->vx += dx * p->mass * scale;
      q->vy += dy * p->mass * scale;
      q->vz += dz * p->mass * scale;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    struct body *p = &bodies_of[i];
    p->x += dt * p->vx;
    p->y += dt * p->vy;
    p->z += dt * p->vz;
  }
}

static u64 bodies(u64 iterations) {
  for (int i = 0; i < BODIES; i++) {
    struct body *p = &bodies_of[i];
    *p = (struct body){i * 5.2 - 3.1, 4.8 * i - i * i, 0.3 * i, 0.6 - 0.2 * i, 0.1 * i * i, 0.02 * i - 0.05, 39.5 / (1 + i * i * i)};
  }
  for (u64 n = 0; n < iterations; n++) advance(0.001);
  return bits(bodies_of[0].x + bodies_of[1].y + bodies_of[4].vz);
}

int guest_main(int argc, char **argv) {
  u64 result = 0;
  if (argc != 3) { put("usage: float LOOP ITERATIONS\n"); return 2; }
  if (same(argv[1], "matrix")) result = matrix(number(argv[2]));
  else if (same(argv[1], "bodies")) result = bodies(number(argv[2]));
  else { put("no such loop: "); put(argv[1]); put("\n"); return 2; }
  put(argv[1]);
  put(" ");
  hex(result);
  put("\n");
  return 0;
}
