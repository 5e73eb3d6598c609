// The clocks of the vDSO: clock_gettime, clock_getres and gettimeofday without a system call, where the counter and the data page suffice.
// It does not know the other clocks: for them it calls the kernel. The answers are those of the system calls, to the nanosecond.
#include "vdso.h"

enum { SYS_clock_gettime = 113, SYS_clock_getres = 114 };
enum { REALTIME = 0, MONOTONIC = 1, RAW = 4, REALTIME_COARSE = 5, MONOTONIC_COARSE = 6, BOOTTIME = 7, TAI = 11 };
#define SECOND 1000000000ul

struct timespec { u64 seconds, nanoseconds; };
struct timeval { u64 seconds, microseconds; };
struct timezone { u32 minutes_west, summer_time; };

static inline const volatile struct time_data *data(void) {
  return (const volatile struct time_data *)(image_start - data_pages * PAGE);
}

/// CLOCK_MONOTONIC in nanoseconds. The processor of the model runs instructions in program order, so no ISB is needed.
static inline u64 monotonic(void) {
  u64 count;
  asm volatile("mrs %0, cntvct_el0" : "=r"(count) : : "memory");
  return count * data()->count;
}

static inline int is_wall(s64 clock) { return clock == REALTIME || clock == REALTIME_COARSE || clock == TAI; }
static inline int is_coarse(s64 clock) { return clock == REALTIME_COARSE || clock == MONOTONIC_COARSE; }
static inline int is_here(s64 clock) {
  return is_wall(clock) || is_coarse(clock) || clock == MONOTONIC || clock == RAW || clock == BOOTTIME;
}

int __kernel_clock_gettime(int clock, struct timespec *time) {
  if (!is_here(clock)) return (int)system_call(SYS_clock_gettime, (u64)(s64)clock, (u64)time, 0);
  u64 now = monotonic();
  if (is_coarse(clock)) now -= now % data()->tick;
  if (is_wall(clock)) now += data()->wall_offset;
  time->seconds = now / SECOND;
  time->nanoseconds = now % SECOND;
  return 0;
}

int __kernel_clock_getres(int clock, struct timespec *resolution) {
  if (!is_here(clock)) return (int)system_call(SYS_clock_getres, (u64)(s64)clock, (u64)resolution, 0);
  if (!resolution) return 0;
  resolution->seconds = 0;
  resolution->nanoseconds = is_coarse(clock) ? data()->tick : 1;
  return 0;
}

int __kernel_gettimeofday(struct timeval *time, struct timezone *zone) {
  if (time) {
    u64 now = monotonic() + data()->wall_offset;
    time->seconds = now / SECOND;
    time->microseconds = now % SECOND / 1000;
  }
  if (zone) *zone = (struct timezone){0, 0};
  return 0;
}
