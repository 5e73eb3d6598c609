// Owns the names of arm64 system calls by number (the asm-generic table), for messages and statistics. It does not know the effect of any
// call. The name of an implemented call is in its row of `SystemCallTable`.

public enum SystemCallNames {
  /// The name of a number; nil if no call has the number.
  public static func name(_ number: UInt64) -> String? {
    if number < UInt64(SystemCallTable.byNumber.count), let row = SystemCallTable.byNumber[Int(number)] { return row.name }
    return unimplemented[number]
  }

  static let unimplemented: [UInt64: String] = [
    0: "io_setup", 1: "io_destroy", 2: "io_submit", 3: "io_cancel", 4: "io_getevents", 5: "setxattr", 6: "lsetxattr", 7: "fsetxattr",
    8: "getxattr", 9: "lgetxattr", 10: "fgetxattr", 11: "listxattr", 12: "llistxattr", 13: "flistxattr", 14: "removexattr",
    15: "lremovexattr", 16: "fremovexattr", 18: "lookup_dcookie", 19: "eventfd2", 20: "epoll_create1", 21: "epoll_ctl", 22: "epoll_pwait",
    26: "inotify_init1", 27: "inotify_add_watch", 28: "inotify_rm_watch", 30: "ioprio_set", 31: "ioprio_get", 32: "flock", 41: "pivot_root",
    42: "nfsservctl", 58: "vhangup", 60: "quotactl", 74: "signalfd4", 75: "vmsplice", 76: "splice", 77: "tee",
    84: "sync_file_range", 89: "acct", 90: "capget", 91: "capset",
    97: "unshare", 104: "kexec_load", 105: "init_module", 106: "delete_module",
    112: "clock_settime",
    116: "syslog", 117: "ptrace",
    142: "reboot", 143: "setregid", 144: "setgid", 145: "setreuid", 146: "setuid", 147: "setresuid",
    149: "setresgid", 151: "setfsuid", 152: "setfsgid", 159: "setgroups", 161: "sethostname",
    162: "setdomainname", 170: "settimeofday", 171: "adjtimex", 180: "mq_open", 181: "mq_unlink", 182: "mq_timedsend",
    183: "mq_timedreceive", 184: "mq_notify", 185: "mq_getsetattr", 186: "msgget", 187: "msgctl", 188: "msgrcv", 189: "msgsnd",
    190: "semget", 191: "semctl", 192: "semtimedop", 193: "semop", 194: "shmget", 195: "shmctl", 196: "shmat", 197: "shmdt", 198: "socket",
    199: "socketpair", 200: "bind", 201: "listen", 202: "accept", 203: "connect", 204: "getsockname", 205: "getpeername", 206: "sendto",
    207: "recvfrom", 208: "setsockopt", 209: "getsockopt", 210: "shutdown", 211: "sendmsg", 212: "recvmsg", 213: "readahead",
    217: "add_key", 218: "request_key", 219: "keyctl", 223: "fadvise64", 224: "swapon", 225: "swapoff",
    235: "mbind", 236: "get_mempolicy", 237: "set_mempolicy", 238: "migrate_pages", 239: "move_pages", 241: "perf_event_open",
    242: "accept4", 243: "recvmmsg", 262: "fanotify_init", 263: "fanotify_mark", 264: "name_to_handle_at", 265: "open_by_handle_at",
    266: "clock_adjtime", 267: "syncfs", 268: "setns", 269: "sendmmsg",
    273: "finit_module", 277: "seccomp", 280: "bpf", 282: "userfaultfd",
    286: "preadv2", 287: "pwritev2", 289: "pkey_alloc", 290: "pkey_free", 292: "io_pgetevents", 293: "rseq",
    294: "kexec_file_load", 425: "io_uring_setup", 426: "io_uring_enter", 427: "io_uring_register",
    428: "open_tree", 429: "move_mount", 430: "fsopen", 431: "fsconfig", 432: "fsmount", 433: "fspick", 437: "openat2",
    441: "epoll_pwait2", 442: "mount_setattr", 443: "quotactl_fd", 444: "landlock_create_ruleset", 445: "landlock_add_rule",
    446: "landlock_restrict_self", 447: "memfd_secret", 448: "process_mrelease", 450: "set_mempolicy_home_node",
    453: "map_shadow_stack", 454: "futex_wake", 455: "futex_wait", 456: "futex_requeue", 457: "statmount",
    458: "listmount", 459: "lsm_get_self_attr", 460: "lsm_set_self_attr", 461: "lsm_list_modules", 463: "setxattrat",
    464: "getxattrat", 465: "listxattrat", 466: "removexattrat", 467: "open_tree_attr", 468: "file_getattr", 469: "file_setattr",
    470: "listns", 471: "rseq_slice_yield",
  ]
}
