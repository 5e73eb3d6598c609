// glibc's string and memory routines at every alignment and many lengths, against plain loops.
// Prints a checksum for each routine and complains of any difference.
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static unsigned char left[1024], right[1024], expected[1024];
static uint64_t seed = 7;
static unsigned random_number(unsigned limit) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % limit;
}
static uint64_t sum = 0;
static void note(uint64_t value) { sum = (sum ^ value) * 1099511628211u; }
static void finish(const char *name) {
  printf("%-12s %016" PRIx64 "\n", name, sum);
  sum = 14695981039346656037u;
}
static void check(int holds, const char *what) {
  if (!holds) printf("WRONG: %s\n", what);
}
static void fill(void) {
  for (int i = 0; i < 1024; i++) left[i] = right[i] = (unsigned char)(random_number(250) + 1);
}

int main(void) {
  for (int align = 0; align < 32; align++)
    for (int length = 0; length < 300; length += 1 + length / 16) {
      fill();
      memcpy(expected, right, 1024);
      for (int i = 0; i < length; i++) expected[64 + align + i] = left[17 + i];
      memcpy(right + 64 + align, left + 17, length);
      check(memcmp(right, expected, 1024) == 0, "memcpy");
      memcpy(expected, right, 1024);
      for (int i = length - 1; i >= 0; i--) expected[70 + align + i] = right[64 + align + i];
      memmove(right + 70 + align, right + 64 + align, length);
      check(memcmp(right, expected, 1024) == 0, "memmove");
      memset(right + align, length, length);
      for (int i = 0; i < length; i++) check(right[align + i] == (unsigned char)length, "memset");
      left[align + length] = 0;
      check(strlen((char *)left + align) == (size_t)length, "strlen");
      check(strnlen((char *)left + align, 40) == (size_t)(length < 40 ? length : 40), "strnlen");
      check(memchr(left + align, 0, 1024 - align) == left + align + length, "memchr");
      check(rawmemchr(left + align, 0) == left + align + length, "rawmemchr");
      if (length) {
        left[align + length / 2] = 255;
        check(strchr((char *)left + align, 255) == (char *)left + align + length / 2, "strchr");
      }
      check(memrchr(left, 0, align + length + 1) != NULL, "memrchr");
      note((uint64_t)strlen((char *)left + align) + (uint64_t)memcmp(left + align, right + align, length + 1) % 3);
      char copy[400];
      check(stpcpy(copy, (char *)left + align) - copy == (long)strlen((char *)left + align), "stpcpy");
      check(strcmp(copy, (char *)left + align) == 0, "strcmp");
      if (length > 2) {
        copy[length / 3] ^= 1;
        note(strcmp(copy, (char *)left + align) > 0);
        note(strncmp(copy, (char *)left + align, length / 3) == 0);
        note(strspn(copy, "abcdefghijklmnopqrstuvwxyz"));
        note(strcspn(copy, "0123456789"));
      }
      strncpy(copy, (char *)left + align, 50);
      note(copy[length < 50 ? length : 49]);
    }
  finish("memory");
  char text[5000] = "";
  for (int i = 0; i < 400; i++) sprintf(text + strlen(text), "word%d,", i * i % 977);
  char *rest = text, *token;
  while ((token = strsep(&rest, ","))) note(strlen(token) + (unsigned char)token[0]);
  finish("strsep");
  for (int i = 0; i < 4000; i++) text[i] = (char)('a' + random_number(3));
  text[4000] = 0;
  for (int i = 0; i < 200; i++) {
    char needle[12];
    int length = 1 + random_number(9);
    for (int j = 0; j < length; j++) needle[j] = (char)('a' + random_number(3));
    needle[length] = 0;
    char *found = strstr(text, needle);
    note(found ? (uint64_t)(found - text) : 1u << 20);
    found = memmem(text, 4000, needle, length);
    note(found ? (uint64_t)(found - text) : 1u << 20);
    note(strcasestr(text, needle) != NULL);
  }
  finish("search");
  wchar_t wide[300];
  for (int i = 0; i < 299; i++) wide[i] = L'A' + (wchar_t)random_number(50);
  wide[299] = 0;
  note(wcslen(wide));
  note((uint64_t)(wcschr(wide, L'Z') ? wcschr(wide, L'Z') - wide : -1));
  note(wmemcmp(wide, wide + 1, 200) > 0);
  finish("wide");
  char *many[500];
  for (int i = 0; i < 500; i++) {
    many[i] = malloc(1 + random_number(3000));
    sprintf(many[i], "%u", random_number(1000000));
  }
  for (int i = 0; i < 500; i += 2) free(many[i]);
  for (int i = 0; i < 500; i += 2) many[i] = strdup(many[i + 1]);
  for (int i = 0; i < 500; i++) note(strtoul(many[i], NULL, 10));
  void *large = malloc(1 << 22);
  memset(large, 0x5a, 1 << 22);
  large = realloc(large, 1 << 23);
  note(((unsigned char *)large)[(1 << 22) - 1]);
  finish("malloc");
  return 0;
}
