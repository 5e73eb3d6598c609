// Owns the settings in /proc/sys and /sys/kernel/mm that can only be read, because nothing here depends on them. Their values are those
// with which Debian's kernels boot. It does not know the settings that can be changed: `SyntheticFiles` has those. Recorded by
// firmware/oracle/thp_settings.c.

enum FixedSettings {
  static let files: [SyntheticFile] = rows.map { path, value in SyntheticFile(path, .text { proc, el1, task in proc.line(value) }) }

  private static let rows: [(String, String)] = [
    ("/sys/kernel/mm/transparent_hugepage/defrag", "always defer defer+madvise [madvise] never"),
    ("/sys/kernel/mm/transparent_hugepage/shmem_enabled", "always within_size advise [never] deny force"),
    ("/sys/kernel/mm/transparent_hugepage/shrink_underused", "1"),
    ("/sys/kernel/mm/transparent_hugepage/khugepaged/defrag", "1"),
    ("/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none", "511"),
    ("/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_shared", "256"),
    ("/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_swap", "64"),
    ("/sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan", "4096"),
    ("/sys/kernel/mm/transparent_hugepage/khugepaged/alloc_sleep_millisecs", "60000"),
    ("/sys/kernel/mm/transparent_hugepage/hugepages-16kB/enabled", "always inherit madvise [never]"),
    ("/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled", "always inherit madvise [never]"),
    ("/sys/kernel/mm/transparent_hugepage/hugepages-1024kB/enabled", "always inherit madvise [never]"),
    ("/sys/kernel/mm/transparent_hugepage/hugepages-64kB/shmem_enabled", "always inherit within_size advise [never]"),
    ("/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/shmem_enabled", "always [inherit] within_size advise never"),
    ("/sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "0"),
    ("/sys/kernel/mm/hugepages/hugepages-32768kB/nr_hugepages", "0"),
    ("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0"),
    ("/sys/kernel/mm/ksm/run", "0"),
    ("/sys/kernel/mm/lru_gen/enabled", "0x0003"),
    ("/sys/kernel/mm/swap/vma_ra_enabled", "true"),
    ("/proc/sys/vm/unprivileged_userfaultfd", "0"),
    ("/proc/sys/kernel/ngroups_max", "65536"),
    ("/proc/sys/kernel/cap_last_cap", "40"),
    ("/proc/sys/kernel/print-fatal-signals", "0"),
    ("/proc/sys/debug/exception-trace", "0"),
  ]
}
