// Floating-point work as programs do it: libm, a fast Fourier transform, a matrix inverse, an ODE, single and double precision.
// Prints every result's bits, so that one wrong rounding shows.
#include <complex.h>
#include <fenv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t seed = 1;
static double random_double(void) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)seed / 4611686018427387904.0;
}

static void show(const char *name, double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  printf("%-12s %016" PRIx64 " %.17g\n", name, bits, value);
}

static void transform(double complex *values, int count) {
  if (count == 1) return;
  double complex even[count / 2], odd[count / 2];
  for (int i = 0; i < count / 2; i++) {
    even[i] = values[2 * i];
    odd[i] = values[2 * i + 1];
  }
  transform(even, count / 2);
  transform(odd, count / 2);
  for (int i = 0; i < count / 2; i++) {
    double complex turned = cexp(-2 * M_PI * I * i / count) * odd[i];
    values[i] = even[i] + turned;
    values[i + count / 2] = even[i] - turned;
  }
}

static double invert(int n) {
  double a[n][2 * n], trace = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < 2 * n; j++) a[i][j] = j < n ? random_double() : j - n == i;
  for (int column = 0; column < n; column++) {
    int pivot = column;
    for (int row = column; row < n; row++)
      if (fabs(a[row][column]) > fabs(a[pivot][column])) pivot = row;
    for (int j = 0; j < 2 * n; j++) {
      double swapped = a[column][j];
      a[column][j] = a[pivot][j];
      a[pivot][j] = swapped;
    }
    double scale = 1 / a[column][column];
    for (int j = 0; j < 2 * n; j++) a[column][j] *= scale;
    for (int row = 0; row < n; row++) {
      if (row == column) continue;
      double factor = a[row][column];
      for (int j = 0; j < 2 * n; j++) a[row][j] -= factor * a[column][j];
    }
  }
  for (int i = 0; i < n; i++) trace += a[i][n + i];
  return trace;
}

static float lorenz(int steps) {
  float x = 1, y = 1, z = 1, dt = 0.01f;
  for (int i = 0; i < steps; i++) {
    float dx = 10 * (y - x), dy = x * (28 - z) - y, dz = x * y - 8.0f / 3 * z;
    x += dx * dt;
    y += dy * dt;
    z += dz * dt;
  }
  return x + y + z;
}

int main(void) {
  for (int i = 0; i < 40; i++) {
    double x = random_double() * 10;
    show("sin", sin(x));
    show("exp", exp(x));
    show("log", log(fabs(x)));
    show("pow", pow(fabs(x), 1.7));
    show("tgamma", tgamma(x));
    show("cbrt", cbrt(x));
    show("atan2", atan2(x, 3));
    show("fmod", fmod(x, 0.37));
    show("hypot", hypot(x, -2));
    show("sinf", sinf((float)x));
    show("powf", powf(fabsf((float)x), 2.3f));
    show("erf", erf(x / 10));
    show("nearbyint", nearbyint(x));
    show("lround", (double)lround(x));
    show("fma", fma(x, x, -x));
    show("(float)", (float)x);
    show("(int)", (int)x);
    show("(unsigned)", (uint32_t)(int64_t)(x * 1e9));
  }
  double complex signal[64];
  for (int i = 0; i < 64; i++) signal[i] = random_double() + random_double() * I;
  transform(signal, 64);
  for (int i = 0; i < 64; i += 7) {
    show("fft re", creal(signal[i]));
    show("fft im", cimag(signal[i]));
  }
  show("inverse", invert(24));
  show("lorenz", lorenz(5000));
  const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    volatile double one = 1, three = 3, tiny = 5e-324;
    show("third", one / three);
    show("tiny", tiny / three);
    show("rint", rint(one / -three));
    show("sqrt", sqrt(three));
  }
  fesetround(FE_TONEAREST);
  feclearexcept(FE_ALL_EXCEPT);
  volatile double zero = 0, huge = 1e308;
  show("1/0", 1 / zero);
  show("overflow", huge * huge);
  show("nan", zero / zero);
  printf("exceptions %x\n", fetestexcept(FE_ALL_EXCEPT));
  return 0;
}
