// The printf and scanf families over every conversion, widths and precisions, floating point in all its forms, and qsort, time and locale
// functions on top. Prints what they return too.
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(void) {
  const double values[] = {0, -0.0, 1, -1.5, 3.14159265358979, 1e-7, 123456789.125, 1e22, 1e300, DBL_MIN, DBL_TRUE_MIN, DBL_MAX, 0.1, 2.5, 0.5};
  const char *forms[] = {"%f", "%e", "%g", "%a", "%.0f", "%.3f", "%+.10e", "%#g", "%20.5f|", "%-20.5g|", "%020.3f", "%.17g", "%.40f", "% G"};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    for (size_t j = 0; j < sizeof forms / sizeof *forms; j++) {
      int length = printf(forms[j], values[i]);
      printf(" (%d)\n", length);
    }
  printf("%Lf %Le %La\n", 1.25L, LDBL_MAX, LDBL_MIN);
  printf("%d %i %u %x %X %o %c %s %p %%\n", INT_MIN, -1, UINT_MAX, 0xbeef, 0xcafe, 0777, 'x', "text", (void *)0x1234);
  printf("%hhd %hd %ld %lld %jd %zd %td\n", (signed char)-3, (short)-4, LONG_MIN, LLONG_MAX, INTMAX_MIN, (ssize_t)-5, (ptrdiff_t)6);
  printf("%5d|%-5d|%05d|%+d|% d|%#x|%#o|%'d\n", 42, 42, 42, 42, 42, 42, 42, 1234567);
  printf("%.3s|%10s|%-10s|%*.*f|%2$s\n", "abcdef", "right", "left", 10, 3, 2.0);
  printf("%ls %lc\n", L"wide", (wint_t)L'w');
  for (int i = 0; i < 2000; i++) {
    char text[400];
    double value = strtod((snprintf(text, sizeof text, "%d.%de%d", i * 7919 % 1000, i * 104729, i % 600 - 300), text), NULL);
    char again[64];
    snprintf(again, sizeof again, "%.17g", value);
    if (strtod(again, NULL) != value) printf("%s does not round trip\n", text);
    if (i % 50 == 0) printf("%s -> %s %a %.9g\n", text, again, value, (double)strtof(text, NULL));
  }
  int a;
  double b;
  char word[32];
  unsigned hex;
  int count = sscanf("  -17 2.5e3 hello 0xff tail", "%d %lf %31s %x", &a, &b, word, &hex);
  printf("%d: %d %g %s %u\n", count, a, b, word, hex);
  errno = 0;
  long overflow = strtol("99999999999999999999", NULL, 10);
  printf("%ld %d\n", overflow, errno);
  char *names[] = {"pear", "fig", "apple", "quince", "date", "banana", "cherry"};
  qsort(names, 7, sizeof *names, compare);
  for (int i = 0; i < 7; i++) printf("%s%s", names[i], i < 6 ? ", " : "\n");
  struct tm *tm = gmtime(&(time_t){1700000000});
  char date[64];
  strftime(date, sizeof date, "%A %d %B %Y %H:%M:%S %j %U", tm);
  puts(date);
  fprintf(stderr, "to stderr: %s\n", strerror(ENOMEM));
  return 3;
}
