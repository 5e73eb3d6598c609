#!/usr/bin/env bash
# run.sh [LTP [GROUP...]]: runs the tests of groups.tsv, or of the groups named, under faultline and compares their outcomes with those
# of linux-6.12.tsv, which were recorded on Debian's kernel. LTP is a folder of built tests (static AArch64 programs) in LTP's own install
# layout; without one it only says what it skips. It writes build/ltp/results.tsv (group, test, outcome, outcome on 6.12, first reason)
# and prints sums and what passes on 6.12 only. It ends with status 1 if less than 90 % of what passes on 6.12 passes. It does not know
# what the tests test.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
if [ $# = 0 ] || [ -z "$1" ]; then
  echo "Skipped: $(wc -l < firmware/ltp/groups.tsv) tests of the Linux Test Project, which need a folder of built tests: make ltp LTP=DIR"
  exit 0
fi
ltp=$(realpath "$1")
shift
seconds=120 out=build/ltp/outputs results=build/ltp/results.tsv
mkdir -p $out
firmware/ltp/root.sh "$ltp" build/ltp/root

# one TEST: runs a test in guest memory of its own; the limit of real time is there for what the guest's own limit cannot end.
one() {
  local test=$1 command
  command=$(firmware/ltp/command.sh "$ltp" "$test")
  # shellcheck disable=SC2086 -- a program and its arguments
  timeout 400 "${FAULTLINE:-.build/release/faultline}" run --stats --kernel linux-6.12 --atomic-faults stock --memory 2G --root build/ltp/root \
    build/firmware/ltp/alone $seconds $command > "$out/$test.txt" 2> "$out/$test.errors" </dev/null || true
}
export -f one
export ltp seconds out
tests=$(awk -F '\t' -v groups=" $* " 'groups == "  " || index(groups, " " $1 " ") { print $2 }' firmware/ltp/groups.tsv)
[ -n "$tests" ] || { echo "error: groups.tsv has no tests of $*" >&2; exit 2; }
xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'one {}' <<< "$tests"

# reason TEST: the calls that faultline does not have, and the first line in which the test did not say that all is well. glibc asks for
# rseq at each start and does without it.
reason() {
  local calls
  calls=$(sed -n 's/^system call [0-9]* \([a-z0-9_]*\): not implemented.*/\1/p' "$out/$1.errors" | grep -vx rseq | paste -sd, || true)
  printf '%s' "${calls:+$calls: }"
  cat "$out/$1.errors" "$out/$1.txt" | tr '\t' ' ' |
    grep -aoE -m1 '(TBROK|TFAIL|TCONF|TWARN).*|alone: (limit|signal|exit 127).*|deadlock.*|^error: .*' || true
}
while IFS=$'\t' read -r group test; do
  grep -qxF "$test" <<< "$tests" || continue
  outcome=$(firmware/ltp/outcome.sh "$out/$test.txt")
  reference=$(awk -F '\t' -v test="$test" '$1 == test { print $2 }' firmware/ltp/linux-6.12.tsv)
  printf '%s\t%s\t%s\t%s\t%s\n' "$group" "$test" "$outcome" "${reference:-not run}" "$([ "$outcome" = passed ] || reason "$test")"
done < firmware/ltp/groups.tsv > $results

echo "Passes on Debian's 6.12 and not here:"
awk -F '\t' '$4 == "passed" && $3 != "passed" { printf "  %-10s %-24s %-7s %s\n", $1, $2, $3, $5 }' $results
awk -F '\t' '
  { tests[$1]++; tests["all"]++; here[$1] += $3 == "passed"; here["all"] += $3 == "passed" }
  $4 == "passed" { real[$1]++; real["all"]++; both[$1] += $3 == "passed"; both["all"] += $3 == "passed" }
  !($1 in seen) { seen[$1]; order[++count] = $1 }
  END {
    order[++count] = "all"
    printf "%-10s %6s %12s %15s %15s\n", "group", "tests", "passed here", "passed on 6.12", "passed on both"
    for (i = 1; i <= count; i++) {
      group = order[i]
      printf "%-10s %6d %12d %15d %15d\n", group, tests[group], here[group], real[group], both[group]
    }
    share = real["all"] ? 100 * both["all"] / real["all"] : 100
    printf "%.1f %% of what passes on Debian'\''s 6.12 passes here (target: 90 %%). Written to build/ltp/results.tsv.\n", share
    exit both["all"] < 0.9 * real["all"]
  }' $results
