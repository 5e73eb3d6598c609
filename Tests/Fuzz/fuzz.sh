#!/usr/bin/env bash
# fuzz.sh [TARGET...]: runs the fuzz tests by target, each over COUNT inputs (a million) drawn from SEED (1), or for SECONDS instead.
# For a case that crashes or hangs it prints the command that runs this case alone, and goes on with the next case. It does not know
# which inputs are right.
#
# The targets elf, symbols, modules, unwinding, walks, shell, calls, gdb, serve and logs have numbered cases, each of which depends only on SEED and its
# number; a case tries
# one input or several. libfuzzer runs the ELF parser and the symbol table under libFuzzer, which follows coverage, if the toolchain has
# it; its corpus is Tests/Fixtures/fuzz/elf. soak runs random operations on address spaces beside a naive model; its inputs are operations.
#
# FIRST=n begins with case n, and CASE=n runs that case alone. A run that is interrupted prints the FIRST with which it can go on; it
# also stands in build/fuzz/TARGET.case.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/fuzz
mkdir -p $out
targets=${*:-elf symbols modules unwinding walks shell calls gdb serve logs libfuzzer}
read -ra flags <<< "${SWIFT_FLAGS:--c release -Xswiftc -enable-testing}"
status=0 running=

# A run that is interrupted says how to go on. The test process has been interrupted too, and no other case follows.
interrupted() {
  if [ -n "$running" ] && [ -f "$out/$running.case" ]; then
    echo "$running: interrupted; to go on: make fuzz TARGET=$running SEED=${SEED:-1} FIRST=$(cat "$out/$running.case")"
  fi
  exit 130
}
trap interrupted INT TERM

test_of() {
  case $1 in
    elf) echo ELFFuzz/elf ;;
    symbols) echo ELFFuzz/symbols ;;
    modules | unwinding) echo "UnwindFuzz/$1" ;;
    walks) echo HostileTablesTests/walks ;;
    shell) echo ShellFuzz/shell ;;
    calls) echo SystemCallFuzz/calls ;;
    gdb) echo PacketFuzz/gdb ;;
    serve) echo ServerTests/noise ;;
    logs) echo KernelLogFuzz/logs ;;
    soak) echo SpacesTests/soak ;;
    *) echo "error: no such target: $1" >&2; exit 2 ;;
  esac
}

# seeded TARGET: one run, and another behind each case that ends the process.
seeded() {
  local filter first=${FIRST:-0} number record=$out/$1.case
  filter=$(test_of "$1")
  running=$1
  while :; do
    rm -f "$record"
    if FUZZ_SEED=${SEED:-1} FUZZ_COUNT=$([ -n "${SECONDS_MAX:-}" ] || echo "${COUNT:-1000000}") FUZZ_SECONDS=${SECONDS_MAX:-} FUZZ_FIRST=$first \
      FUZZ_CASE=${CASE:-} FUZZ_RECORD=$record swift test "${flags[@]}" --skip-build --filter "$filter" > "$out/$1.log" 2>&1; then
      grep '^fuzz ' "$out/$1.log" || { echo "error: $1 ran no test (see $out/$1.log)" >&2; return 1; }
      if [ "$first" = "${FIRST:-}" ] && grep -q '^fuzz .* in 0 cases' "$out/$1.log"; then
        echo "error: $1 has no case $first within ${COUNT:-1000000} inputs" >&2
        status=2
      fi
      return 0
    fi
    status=1
    [ -f "$record" ] || { tail -3 "$out/$1.log" >&2; echo "error: $1 did not run (see $out/$1.log)" >&2; return 1; }
    number=$(cat "$record")
    echo "$1: case $number of seed ${SEED:-1} failed; again alone: make fuzz TARGET=$1 SEED=${SEED:-1} CASE=$number"
    grep -m 3 -E 'recorded an issue|Fatal error|error: Exited' "$out/$1.log" | cut -c 1-300 || true
    # After a failure without a crash the run has come to its end, and the log has told of all such cases.
    if grep -q '^fuzz ' "$out/$1.log"; then grep '^fuzz ' "$out/$1.log"; return 0; fi
    [ -z "${CASE:-}" ] || return 0
    first=$((number + 1))
  done
}

libfuzzer() {
  local compiler=swiftc corpus=$out/corpus
  if ! $compiler -O -parse-as-library -sanitize=fuzzer -module-name ELFFuzzer Sources/ELFFormat/*.swift Tests/Fuzz/ELFFuzzer.swift -o $out/elf-fuzzer \
    > $out/libfuzzer.log 2>&1; then
    echo "libfuzzer: this toolchain has none (see $out/libfuzzer.log)"
    return 0
  fi
  mkdir -p $corpus
  # New inputs are kept in build. Those that add coverage to the committed ones are merged by hand.
  if ! $out/elf-fuzzer -seed="${SEED:-1}" -rss_limit_mb=300 -timeout=5 -max_len=65536 -artifact_prefix=$out/ \
    $([ -n "${SECONDS_MAX:-}" ] && echo "-max_total_time=$SECONDS_MAX" || echo "-runs=${COUNT:-1000000}") $corpus Tests/Fixtures/fuzz/elf > $out/libfuzzer.log 2>&1
  then
    status=1
    echo "libfuzzer: failed (see $out/libfuzzer.log; the input is in $out)"
    return 0
  fi
  echo "fuzz libfuzzer: seed ${SEED:-1}, $(grep -E 'DONE|Done' $out/libfuzzer.log | tail -2 | tr '\n' ' ')"
}

for target in $targets; do
  if [ "$target" = libfuzzer ]; then libfuzzer; else seeded "$target"; fi
done
exit $status
