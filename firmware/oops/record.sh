#!/usr/bin/env bash
# record.sh [SERIES...]: records what real kernels log of faults, of programs and of their own, to Tests/Fixtures/oops/linux-SERIES.log. A
# debugger turns the kernel aside at a system call of the program: it sets registers as a bug would, so that the kernel's own code takes
# the fault and logs it. It does not know what the lines mean.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 6.12 7.3
fixtures=${FIXTURES:-Tests/Fixtures/oops}
provoke=build/firmware/oops/provoke
make -s build/firmware/init/init $provoke >&2
command -v gdb-multiarch >/dev/null || firmware/install.sh gdb-multiarch >&2

user="null-read null-write rodata data kernel gap pc atomic udf brk trap end"

# name | what gdb sets before the kernel goes on. $sp_el0 is the task, $user the program's stack.
kernel="
null-read     | pc=vfs_fsync x0=0
null-write    | pc=memset x0=8 x1=0 x2=64
list-poison   | pc=strlen x0=0xdead000000000100
list-delete   | pc=__list_del_entry_valid_or_report x0=init_task
slab-poison   | pc=kobject_put x0=0x6b6b6b6b6b6b6b6b
rodata        | pc=memset x0=linux_banner x1=0 x2=64
hole          | pc=strlen x0=0xffff7fffdead0000
high          | pc=strlen x0=0xfffffffffffffff8
data          | pc=init_task
user-code     | pc=0x210000
user-read     | pc=strlen x0=0x200000
atomic        | pc=put_pid x0=init_task+0xe
stack         | cpsr=\$cpsr|0x80 pc=vfs_fsync sp=((long)\$sp&~0x3fff)-0x40
"

value() { # EXPRESSION: symbols become numbers
  local text=$1 word
  for word in $(grep -oE '[a-z_][a-z_0-9]*' <<< "$1" | grep -vE '^(sp|long|x[0-9a-f]+|[0-9]+)$' || true); do
    address=$(grep -m1 -E "^[0-9a-f]{16} . $word\$" "$symbols" | cut -d ' ' -f 1)
    [ -z "$address" ] || text=${text//$word/0x$address}
  done
  echo "$text"
}

for series; do
  image=$(firmware/linux/fetch.sh "$series")
  work=build/oops/$series
  mkdir -p "$work" "$fixtures"
  symbols=$work/kallsyms
  [ -s "$symbols" ] ||
    PARAMETERS=nokaslr firmware/linux/boot.sh "$image" $provoke <<< "provoke show /proc/kallsyms" | grep -E '^[0-9a-f]{16} ' > "$symbols"

  lines=$(printf 'provoke user %s\n' $user)
  script="set confirm off
set pagination off
set architecture aarch64
target remote $PWD/$work/gdb
break *$(value __arm64_sys_getppid)
continue
"
  while IFS='|' read -r name settings; do
    name=${name// /}
    [ -n "$name" ] || continue
    lines+=$'\n'"provoke kernel $name"
    for setting in $settings; do script+="set \$${setting%%=*} = (long)($(value "${setting#*=}"))"$'\n'; done
    script+=$'continue\n'
  done <<< "$kernel"
  echo "$script" > "$work/script.gdb"
  rm -f "$work/gdb"
  (while [ ! -S "$work/gdb" ]; do sleep 0.2; done; sleep 1; gdb-multiarch -q -nx -batch -x "$work/script.gdb" > "$work/gdb.log" 2>&1 || true) &
  OPTIONS="-gdb unix:$work/gdb,server=on,wait=off" PARAMETERS="loglevel=8 nokaslr" firmware/linux/boot.sh "$image" $provoke <<< "$lines" > "$work/console" || true
  wait
  # Newer kernels print a line later than the program that comes next, so the log is not divided.
  sed -E 's/^=== (exit 0 signal [0-9]+ nanoseconds [0-9]+|.t.provoke [a-z]+ [a-z-]+)//' "$work/console" | grep -v '^$' |
    sed -n '/unhandled exception/,$p' > "$fixtures/linux-$series.log"
  found=$(grep -cE 'unhandled exception: |Internal error: |Insufficient stack' "$fixtures/linux-$series.log")
  rows=$(($(wc -w <<< "$user") + $(grep -c '|.*pc=' <<< "$kernel")))
  [ "$found" = "$rows" ] || { echo "error: linux-$series logged $found faults of $rows; see $work" >&2; exit 1; }
done
