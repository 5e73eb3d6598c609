#!/usr/bin/env bash
# packets.sh: records the packets that gdb-multiarch sends in sessions of many kinds, for the fuzz target gdb, into
# Tests/Fixtures/fuzz/gdb/packets.txt: each packet once, in hexadecimal digits. It does not know what a packet means.
set -euo pipefail
cd "$(dirname "$0")/../.."
faultline=$PWD/.build/release/faultline work=$(mktemp -d) corpus=$PWD/Tests/Fixtures/fuzz/gdb/packets.txt
trap 'rm -rf "$work"' EXIT
# The paths in packets are the same on every machine.
program=/tmp/debugged image=/tmp/psci
cp build/firmware/tests/debugged $program
cp build/firmware/el1/psci $image

# session KIND FILE "ARGUMENTS OF FAULTLINE GDB" COMMAND...: one session; `before` has commands before it connects.
before=()
session() {
  local kind=$1 file=$2 arguments=$3 words=() command
  shift 3
  for command; do words+=(-ex "$command"); done
  timeout 60 gdb-multiarch -nx -batch "$file" -ex 'set confirm off' ${before[@]+"${before[@]}"} \
    -ex "target $kind | $faultline gdb --record-packets $work/packets --stdio $arguments" "${words[@]}" > "$work/log" 2>&1 || true
}

session remote $program "$program calls" 'break inner' continue backtrace 'info args' finish next 'x/4gx $sp' 'info registers' \
  'info registers system' 'p $v0' 'set var watched = 9' 'find /w 0x400000, +100, 1' detach
session remote $program "$program fault" continue 'p $_siginfo' 'p/x $ESR_EL1' 'info proc mappings' 'info auxv' 'info proc all' \
  'monitor pagewalk $pc' 'signal 0' continue
session remote $program "$program registers" 'break *before_read' continue 'set $TPIDR_EL0 = 5' 'set $v0.d.u[0] = 5' 'set $x0 = 1' stepi continue
session remote $program "$program calls" 'watch watched' 'rwatch gate' 'awatch results' continue continue delete continue
session remote $program "$program calls" 'catch syscall' continue continue 'catch syscall write' continue
session remote $program "$program executes" 'catch exec' continue 'break inner' continue
session remote $program "$program threads" 'break all_arrived' continue 'info threads' 'thread apply all bt' 'thread 2' stepi \
  'set scheduler-locking step' next 'thread 1' next continue
session remote $program "$program signals" 'handle SIGUSR1 nostop noprint pass' continue
session extended-remote $program "$program fault" continue kill 'set args calls' 'set environment A=B' 'break inner' run 'attach 5' disconnect
session remote $image "--machine $image --vcpus 2 --memory 16M" 'info threads' stepi 'p/x $SCTLR_EL1' 'maint packet Qqemu.PhyMemMode:1' \
  'x/4gx 0x40000000' 'hbreak *0x40000000' 'thread 2' continue
before=(-ex 'set follow-fork-mode child')
session remote $program "$program children" 'break child_work' continue 'info inferiors' continue
before=(-ex 'set detach-on-fork off')
session remote $program "$program children" 'catch fork' 'break parent_work' continue 'info inferiors' continue 'inferior 2' continue

awk '!seen[$0]++' "$work/packets" > "$corpus"
echo "$(wc -l < "$corpus") packets in $corpus"
