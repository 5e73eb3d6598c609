// The kernel's settings that concern memory: each file of /sys and /proc with its first line.
#include "guest.h"

static const char *const files[] = {
  "/sys/kernel/mm/transparent_hugepage/enabled",
  "/sys/kernel/mm/transparent_hugepage/defrag",
  "/sys/kernel/mm/transparent_hugepage/use_zero_page",
  "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
  "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
  "/sys/kernel/mm/transparent_hugepage/shrink_underused",
  "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag",
  "/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none",
  "/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_shared",
  "/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_swap",
  "/sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan",
  "/sys/kernel/mm/transparent_hugepage/khugepaged/alloc_sleep_millisecs",
  "/sys/kernel/mm/transparent_hugepage/hugepages-16kB/enabled",
  "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled",
  "/sys/kernel/mm/transparent_hugepage/hugepages-1024kB/enabled",
  "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled",
  "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/shmem_enabled",
  "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/shmem_enabled",
  "/sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages",
  "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
  "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages",
  "/sys/kernel/mm/hugepages/hugepages-32768kB/nr_hugepages",
  "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
  "/sys/kernel/mm/ksm/run",
  "/sys/kernel/mm/lru_gen/enabled",
  "/sys/kernel/mm/swap/vma_ra_enabled",
  "/proc/sys/vm/overcommit_memory",
  "/proc/sys/vm/overcommit_ratio",
  "/proc/sys/vm/max_map_count",
  "/proc/sys/vm/mmap_min_addr",
  "/proc/sys/vm/legacy_va_layout",
  "/proc/sys/vm/memfd_noexec",
  "/proc/sys/vm/nr_hugepages",
  "/proc/sys/vm/unprivileged_userfaultfd",
  "/proc/sys/vm/oom_kill_allocating_task",
  "/proc/sys/vm/panic_on_oom",
  "/proc/sys/vm/swappiness",
  "/proc/sys/kernel/randomize_va_space",
  "/proc/sys/kernel/print-fatal-signals",
  "/proc/sys/debug/exception-trace",
  "/proc/self/coredump_filter",
};

int guest_main(int argc, char **argv) {
  static char text[4096];
  for (u64 i = 0; i < sizeof files / sizeof *files; i++) {
    s64 length = read_whole(files[i], text, sizeof text);
    put(files[i]);
    put("\t");
    if (length < 0) dec(length);
    for (char *c = text; length > 0 && *c && *c != '\n'; c++) output[output_length++] = *c;
    put("\n");
  }
  return 0;
}
