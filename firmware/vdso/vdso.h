// What the kernel model and its vDSO agree on: the pages in front of the image, and what they hold. The Swift side is
// Sources/LinuxKernel/Exec/VDSO.swift. Linux has a layout of its own, which programs must not know either.
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

#define PAGE 4096ul

/// The first page of [vvar].
struct time_data {
  u64 count;        // a count of CNTVCT_EL0, in nanoseconds
  u64 wall_offset;  // CLOCK_REALTIME minus CLOCK_MONOTONIC, in nanoseconds
  u64 tick;         // the time between two ticks, by which the coarse clocks advance, in nanoseconds
};

/// In the last page but one of [vvar], at this offset: in kernels before 6.13 that is the first page too.
#define RANDOM_OFFSET 256
struct random_data {
  u64 generation;  // changes when the kernel has new randomness; 0 while it has none
};

/// The image's first byte, and the number of pages of [vvar] before it, which the kernel writes into a note.
extern const char image_start[] __attribute__((visibility("hidden")));
extern const u32 data_pages __attribute__((visibility("hidden")));

static inline s64 system_call(s64 number, u64 a, u64 b, u64 c) {
  register s64 x8 asm("x8") = number;
  register u64 x0 asm("x0") = a, x1 asm("x1") = b, x2 asm("x2") = c;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory", "cc");
  return (s64)x0;
}
