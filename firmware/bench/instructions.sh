#!/usr/bin/env bash
# instructions.sh [ROW...]: counts the host instructions of small pieces of work with callgrind and compares them with
# instructions.tsv beside this file. It fails if a row costs over 3 % more than committed there. It does not measure time.
#
# RECORD=1 writes the counts to instructions.tsv; BINARY=path counts another build of faultline; JOBS=n runs n at once. If rows are
# named, only these are counted.
#
# How it counts. Each row has a small and a large run, and its count is the difference of both, in which start-up, the decoding of
# the program and the exit cancel out. Callgrind counts instructions and not time, so other programs have no influence. Hashing is
# seeded, the environment is empty and every symbol is bound at the start, so that a count repeats to far better than 0.1 %. The
# counts belong to one compiler and one C library; another toolchain must record its own.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
binary=${BINARY:-.build/release/faultline}
committed=firmware/bench/instructions.tsv
out=build/bench/instructions
limit=3
command -v valgrind >/dev/null || firmware/install.sh valgrind

# A row has: its name; the unit of work; how many more units the large run does; the small run; the large run. The line below it
# says what it measures.
rows() {
  sed '/^ *#/d; /^ *$/d; s/ *| */|/g; s/^ *//' <<'ROWS'
    alu              | instruction | 2000000 | run cpu alu 10000           | run cpu alu 210000
    # The cost of one plain operation: handler, dispatch, flags.
    memory           | instruction | 2048250 | run cpu memory 10           | run cpu memory 60
    # Loads and stores that hit the fast table: the probe of every access.
    branches         | instruction | 2400000 | run cpu branches 10000      | run cpu branches 210000
    # Direct and indirect branches and calls inside a page, taken and untaken tests.
    float            | step        | 5000    | run float bodies 500        | run float bodies 5500
    # Double-precision arithmetic with its rounding and exception flags.
    tlb-miss         | miss        | 163840  | run tlb 4096 2 2            | run tlb 4096 42 2
    # An access that misses the fast table and the TLB: the walk and the refill.
    pretouch-stock   | page        | 16384   | run --atomic-faults stock pretouch 2048 2 ldadd          | run --atomic-faults stock pretouch 2048 10 ldadd
    # The whole fault path: the first atomic on a page, in two faults, and giving the page back.
    pretouch-v5      | page        | 16384   | run --atomic-faults force-write-v5 pretouch 2048 2 ldadd | run --atomic-faults force-write-v5 pretouch 2048 10 ldadd
    # The same in one fault.
    fork             | page        | 5120    | run memory fork 256 2       | run memory fork 256 22
    # Fork, a copy on write of each page in the child, exit, wait.
    mmap             | cycle       | 5000    | run maps cycle 100          | run maps cycle 5100
    # The least cost of a system call: mmap, one fault and munmap of a small area.
    areas            | mmap        | 2000    | run maps areas 58000        | run maps areas 60000
    # mmap beside tens of thousands of areas: finding a gap and inserting must not grow with the number of areas.
    smaps            | file        | 8       | run maps smaps 30000 2      | run maps smaps 30000 10
    # Reading the beginning of a long synthetic file, which must not cost as much as the whole file.
    reuse            | store       | 409600  | run reuse 10                | run reuse 810
    # Stores to a page that once held code, which must become as cheap as others.
    exception        | exception   | 50000   | machine exceptions 100000   | machine exceptions 800000
    # An exception to a guest's own EL1 and the return. Anything that they flush makes the accesses after them slower.
    armed            | instruction | 3000000 | machine armed 100000        | machine armed 3100000
    # Plain instructions while a timer is armed: the cost of the run loop's deadlines.
ROWS
}

# command SIDE: the arguments of one run of faultline, one on each line.
command_line() {
  local words program options=()
  read -ra words <<< "$1"
  if [ "${words[0]}" = machine ]; then
    printf '%s\n' machine --max-instructions "${words[2]}" "build/firmware/bench/el1/${words[1]}"
    return
  fi
  words=("${words[@]:1}")
  if [[ ${words[0]} = --* ]]; then options=("${words[@]:0:2}") words=("${words[@]:2}"); fi
  program=build/firmware/bench/${words[0]}
  # Without the report of a death nothing looks at the run; its record of mapping calls costs about 1,100 instructions a call.
  printf '%s\n' run --quiet-death "${options[@]}" "$program" "${words[@]:1}"
}

# count NAME COMMAND: writes the instructions of one run to $out/NAME.count.
count() {
  local arguments status=0 expected=0
  mapfile -t arguments < <(command_line "$2")
  [ "${arguments[0]}" = run ] || expected=124
  env -i SWIFT_DETERMINISTIC_HASHING=1 LD_BIND_NOW=1 PATH=/usr/bin:/bin \
    valgrind --tool=callgrind --callgrind-out-file="$out/$1.callgrind" --log-file="$out/$1.log" \
    "$binary" "${arguments[@]}" </dev/null >"$out/$1.out" 2>"$out/$1.err" || status=$?
  if [ $status != $expected ]; then
    echo "error: $1: status $status of: $binary ${arguments[*]} (see $out/$1.err and $out/$1.log)" >&2
    return 1
  fi
  awk '/^(summary|totals):/ { count = $2 } END { print count }' "$out/$1.callgrind" > "$out/$1.count"
  rm -f "$out/$1.callgrind"
}

if [ "${1:-}" = --count ]; then count "$2" "$3"; exit; fi

mkdir -p $out
chosen() { rows | awk -F '|' -v names=" $* " 'names == "  " || index(names, " " $1 " ")'; }
[ -n "$(chosen "$@")" ] || { echo "error: no such row: $*; there are: $(rows | cut -d '|' -f 1 | tr '\n' ' ')" >&2; exit 2; }
[ -x "$binary" ] || { echo "error: there is no $binary" >&2; exit 2; }
export BINARY=$binary
chosen "$@" | awk -F '|' '{ printf "--count\n%s.small\n%s\n--count\n%s.large\n%s\n", $1, $4, $1, $5 }' |
  xargs -d '\n' -n 3 -P "${JOBS:-$(nproc)}" "$0"

chosen "$@" | while IFS='|' read -r name unit work _; do
  printf '%s\t%s\t%s\t%s\n' "$name" "$unit" "$work" $(($(cat "$out/$name.large.count") - $(cat "$out/$name.small.count")))
done > $out/counts.tsv

if [ -n "${RECORD:-}" ]; then
  [ $# = 0 ] || { echo "error: RECORD=1 records every row" >&2; exit 2; }
  { echo "# Host instructions by row, as instructions.sh counts them; make bench-instructions RECORD=1 writes this file."
    cut -f 1,4 $out/counts.tsv; } > $committed
fi
[ -f $committed ] || : > $committed
awk -F '\t' -v limit=$limit '
  /^#/ { next }
  FILENAME ~ /firmware/ { committed[$1] = $2; next }
  FNR == 1 { printf "%-16s %14s %14s %9s  %12s\n", "row", "instructions", "committed", "", "each" }
  {
    known = $1 in committed
    change = known ? ($4 / committed[$1] - 1) * 100 : 0
    verdict = !known ? "not committed" : change > limit ? "more than " limit " % above" : ""
    printf "%-16s %14d %14s %9s  %12.1f / %-12s %s\n", $1, $4, known ? committed[$1] : "-", known ? sprintf("%+.2f %%", change) : "-", $4 / $3, $2, verdict
    if (verdict != "") failed = 1
  }
  END { exit failed }' $committed $out/counts.tsv
