// The host's fused multiply-add as one instruction: Swift for x86-64 calls fma() of the C library instead, because not every
// processor has it, and a call costs a handler its frame. It does not know the guest: its arithmetic is the host's.
#pragma once

typedef double faultline_double2 __attribute__((__ext_vector_type__(2)));
typedef float faultline_float4 __attribute__((__ext_vector_type__(4)));

#if defined(__x86_64__)
#include <cpuid.h>

/// Whether the functions below may be called: the processor has FMA, and the system keeps the registers that it uses.
static inline int faultline_fuses(void) {
  unsigned a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  const unsigned needed = 1u << 12 /* FMA */ | 1u << 27 /* OSXSAVE */ | 1u << 28 /* AVX */;
  if ((c & needed) != needed) return 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & 6) == 6;
}

#define FAULTLINE_FUSED(name, type, instruction)                         \
  static inline type name(type addend, type a, type b) {                 \
    __asm__(instruction " %2, %1, %0" : "+x"(addend) : "x"(a), "x"(b)); \
    return addend;                                                       \
  }
/// addend + a x b with one rounding.
FAULTLINE_FUSED(faultline_fused_d, double, "vfmadd231sd")
FAULTLINE_FUSED(faultline_fused_s, float, "vfmadd231ss")
FAULTLINE_FUSED(faultline_fused_2d, faultline_double2, "vfmadd231pd")
FAULTLINE_FUSED(faultline_fused_4s, faultline_float4, "vfmadd231ps")

#else
static inline int faultline_fuses(void) { return 1; }
static inline double faultline_fused_d(double addend, double a, double b) { return __builtin_fma(a, b, addend); }
static inline float faultline_fused_s(float addend, float a, float b) { return __builtin_fmaf(a, b, addend); }
static inline faultline_double2 faultline_fused_2d(faultline_double2 addend, faultline_double2 a, faultline_double2 b) {
  return (faultline_double2){__builtin_fma(a[0], b[0], addend[0]), __builtin_fma(a[1], b[1], addend[1])};
}
static inline faultline_float4 faultline_fused_4s(faultline_float4 addend, faultline_float4 a, faultline_float4 b) {
  return (faultline_float4){
    __builtin_fmaf(a[0], b[0], addend[0]), __builtin_fmaf(a[1], b[1], addend[1]),
    __builtin_fmaf(a[2], b[2], addend[2]), __builtin_fmaf(a[3], b[3], addend[3])};
}
#endif
