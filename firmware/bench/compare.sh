#!/usr/bin/env bash
# compare.sh: compares faultline with its peers, in one run on this machine and with the same guest programs: with Linux 6.12 in
# qemu-system-aarch64 for faults and TLB misses, and with qemu-aarch64 for hot loops. It writes build/bench/*.json and prints a
# table. It does not know what the programs compute.
#
# How it times. Under QEMU a guest's clock is the host's clock, and under faultline it counts instructions, so neither clock is
# used. A whole process is timed from outside, once with little work and once with much, and the difference of the best times is
# divided by the difference in work. Start-up, translation and exit cancel out on both sides. For programs on Linux that is wall
# time (by the host's clock; in the guest by init's). For the loops it is processor time on both sides, on which other programs have
# less influence. Only the "touch alone" row measures inside the process: QEMU's guest reads its clock around the touching loop, and
# `faultline bench pretouch` takes its processor time around the same four instructions.
#
# Each round runs both sides, so that a slow time of the machine affects both, and runs each program three times: in a virtual
# machine, the first program that uses memory which a large process gave back pays for that. The best of all times counts.
#
# QEMU's software TLB grows when neighbouring pages fill it, and then no longer misses. The TLB loop therefore accesses every other
# page, in a boot in which nothing else has made the TLB grow, so that both sides miss at every access.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
rounds=${ROUNDS:-3}
faultline=.build/release/faultline
out=build/bench
samples=$out/samples.tsv

missing=
command -v qemu-aarch64 >/dev/null || missing+=" qemu-user"
command -v qemu-system-aarch64 >/dev/null || missing+=" qemu-system-arm"
command -v cpio >/dev/null || missing+=" cpio"
[ -x /usr/bin/time ] || missing+=" time"
# shellcheck disable=SC2086 -- a list of words
[ -z "$missing" ] || firmware/install.sh $missing
kernel=$(firmware/linux/fetch.sh 6.12)
mkdir -p $out
: > $samples

# The run with little work and the run with much, for each row; the table at the end uses the same numbers.
pretouch_lines=("pretouch 1 1 ldadd" "pretouch 16384 1 ldadd" "pretouch 16384 2 ldadd" "pretouch 16384 6 ldadd")
pretouch_lines+=("${pretouch_lines[@]}" "${pretouch_lines[@]}")
tlb_lines=("tlb 16384 1 2" "tlb 16384 51 2")
tlb_lines+=("${tlb_lines[@]}" "${tlb_lines[@]}")
memory_lines=("memory fork 1024 2" "memory fork 1024 42" "memory protect 256 10" "memory protect 256 510")
memory_lines+=("${memory_lines[@]}" "${memory_lines[@]}")
clock_line="pretouch clock 16384 6 ldadd"
loop_lines=("cpu alu 1000000" "cpu alu 101000000" "cpu alu-parallel 1000000" "cpu alu-parallel 101000000"
  "cpu memory 200" "cpu memory 20200" "cpu branches 500000" "cpu branches 50500000"
  "float matrix 10" "float matrix 410" "float bodies 10000" "float bodies 410000")
loop_lines+=("${loop_lines[@]}" "${loop_lines[@]}")

# run_lines CLOCK COMMAND...: runs each line of the input under the command, and prints output in the form of init's. CLOCK is wall
# or processor.
run_lines() {
  local clock=$1 line words times wall user system
  shift
  local TIMEFORMAT='%3R %3U %3S'
  while read -r line; do
    read -ra words <<< "$line"
    echo "=== /t/$line"
    times=$({ time "$@" "build/firmware/bench/${words[0]}" "${words[@]:1}" </dev/null >&3 2>&4; } 2>&1)
    read -r wall user system <<< "${times//./}"
    if [ "$clock" = wall ]; then user=$wall system=0; fi
    echo "=== exit 0 signal 0 nanoseconds $(((10#$user + 10#$system) * 1000000))"
  done 3>&1 4>&2
}

# sample SIDE: adds the times in such output to the samples (side, line and nanoseconds in each row), and prints the other lines.
sample() {
  awk -v side="$1" -v samples=$samples '
    /^=== \/t\// { line = substr($0, 8); print; next }
    /^=== exit 0 signal 0/ { print side "\t" line "\t" $7 >> samples; next }
    /^=== exit/ { print "error: " side ": " line ": " $0 > "/dev/stderr"; exit 1 }
    line ~ / clock / { print side "\t" ($2 == 1 ? "touch cold" : "touch warm") "\t" $5 / $3 >> samples; next }
    /./ && !/^\[/ { print }'
}

# Adds to the same samples the touch alone, as faultline itself measures it, and the memory that it takes.
bench_pretouch() {
  /usr/bin/time -f %M -o $out/rss $faultline bench pretouch --kernel linux-6.12 --json $out/pretouch.json > $out/pretouch.txt
  awk -v samples=$samples -v rss="$(tail -1 $out/rss)" '
    BEGIN { print "faultline\trss\t" rss >> samples }
    /"nanoseconds"/ { warm = $3 + 0 }
    /"name"/ { ours = /pretouch\/ldadd\/base\/linux-6.12\/stock/ }
    /}/ && ours { print "faultline\ttouch warm\t" warm >> samples; ours = 0 }' $out/pretouch.json
}

emulate=("$faultline" run --kernel linux-6.12 --atomic-faults stock)
for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds" >&2
  bench_pretouch
  printf '%s\n' "${pretouch_lines[@]}" "${memory_lines[@]}" "${tlb_lines[@]}" | run_lines wall "${emulate[@]}" | sample faultline > $out/faultline.txt
  # The line with the clock comes first, because its cold round must be the machine's first use of those frames.
  {
    printf '%s\n' "$clock_line" "${pretouch_lines[@]}" "${memory_lines[@]}" |
      firmware/linux/boot.sh "$kernel" build/firmware/bench/pretouch build/firmware/bench/memory
    printf '%s\n' "${tlb_lines[@]}" | firmware/linux/boot.sh "$kernel" build/firmware/bench/tlb
  } | sample linux | grep -v clock > $out/linux.txt
  # The comparison is valid only if both sides took exactly the same faults in every round.
  diff $out/faultline.txt $out/linux.txt || { echo "error: faultline and Linux 6.12 disagree (see above)" >&2; exit 1; }
  for line in "${loop_lines[@]}"; do
    echo "$line" | run_lines processor "${emulate[@]}" | sample faultline > $out/loop-faultline.txt
    echo "$line" | run_lines processor qemu-aarch64 -cpu max | sample qemu > $out/loop-qemu.txt
    diff $out/loop-faultline.txt $out/loop-qemu.txt || { echo "error: faultline and qemu-aarch64 disagree (see above)" >&2; exit 1; }
  done
done

machine="load $(cut -d ' ' -f 1 /proc/loadavg) on $(nproc) processors"
processor=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
emulator=$(qemu-aarch64 --version | awk '{ print $3; exit }')
awk -F '\t' -v json=$out/compare.json -v processor="$processor" -v machine="$machine" -v emulator="$emulator" -v kernel="${kernel##*/}" '
  !(($1, $2) in best) || $3 < best[$1, $2] { best[$1, $2] = $3 }
  $2 == "rss" && $3 > rss { rss = $3 }
  # One line of the table. For MIPS more is better, for ns less; the ratio always says how many times as fast faultline is.
  function row(name, unit, ours, peer, theirs, target,   ratio, verdict) {
    ratio = ours <= 0 || theirs <= 0 ? 0 : unit == "MIPS" ? ours / theirs : theirs / ours
    verdict = ratio == 0 ? "lost in noise" : target == "" ? "" : ratio >= target ? "met" : "missed"
    printf "%-38s %-5s %9.1f  %-11s %9.1f %7.2fx  %6s %s\n", \
      name, unit, ours, peer, theirs, ratio, (target == "" ? "" : target "x"), verdict
    rows = rows (rows == "" ? "" : ",") "\n    " \
      sprintf("{\"name\": \"%s\", \"unit\": \"%s\", \"faultline\": %.3f, ", name, unit, ours) \
      sprintf("\"peer\": \"%s\", \"peerValue\": %.3f, \"ratio\": %.3f, ", peer, theirs, ratio) \
      sprintf("\"target\": %s, \"met\": %s}", (target == "" ? "null" : target), (verdict == "met" ? "true" : target == "" ? "null" : "false"))
  }
  function difference(side, small, large, work) { return (best[side, large] - best[side, small]) / work }
  function rate(side, small, large, work,   time) { time = difference(side, small, large, work); return time > 0 ? 1000 / time : 0 }
  function pair(name, small, large, work, target) {
    row(name, "ns", difference("faultline", small, large, work), "qemu-system", difference("linux", small, large, work), target)
  }
  function loop(name, small, large, instructions, target) {
    row(name, "MIPS", rate("faultline", small, large, instructions), "qemu-user", rate("qemu", small, large, instructions), target)
  }
  function floats(name, small, large, work, target) {
    row(name, "ns", difference("faultline", small, large, work), "qemu-user", difference("qemu", small, large, work), target)
  }
  END {
    printf "\n%s, %s; QEMU %s; %s\n\n", processor, machine, emulator, kernel
    printf "%-38s %-5s %9s  %-11s %9s %8s  %6s\n", "", "", "faultline", "peer", "", "ratio", "target"
    row("ldadd pretouch, a page: touch alone", "ns", best["faultline", "touch warm"], "qemu-system", best["linux", "touch warm"], 15)
    pair("ldadd pretouch, a page: and give back", "pretouch 16384 2 ldadd", "pretouch 16384 6 ldadd", 4 * 16384, 15)
    cold = difference("faultline", "pretouch 1 1 ldadd", "pretouch 16384 1 ldadd", 16383)
    row("ldadd pretouch, a page: first use", "ns", cold, "qemu-system", best["linux", "touch cold"], "")
    pair("ldadd that misses the TLB", "tlb 16384 1 2", "tlb 16384 51 2", 50 * 16384, 3)
    pair("fork, copy on write, exit: a page", "memory fork 1024 2", "memory fork 1024 42", 40 * 1024, "")
    pair("mprotect off and on, write: a page", "memory protect 256 10", "memory protect 256 510", 500 * 256, "")
    loop("arithmetic, one chain", "cpu alu 1000000", "cpu alu 101000000", 1e8 * 10, 0.3)
    loop("arithmetic, no chain", "cpu alu-parallel 1000000", "cpu alu-parallel 101000000", 1e8 * 10, "")
    loop("loads and stores", "cpu memory 200", "cpu memory 20200", 20000 * (8192 * 5 + 5), 0.4)
    loop("calls and branches", "cpu branches 500000", "cpu branches 50500000", 5e7 * 12, 0.9)
    floats("product of 64 x 64 doubles", "float matrix 10", "float matrix 410", 400, 1)
    floats("step of five bodies, in doubles", "float bodies 10000", "float bodies 410000", 4e5, 1)
    printf "\npeak memory of the demo: %.0f MiB (target: under 300 MB) %s\n", rss / 1024, (rss * 1024 < 300e6 ? "met" : "missed")
    printf "{\n  \"schema\": \"faultline.compare/1\",\n  \"processor\": \"%s\",\n  \"machine\": \"%s\",\n", processor, machine > json
    printf "  \"qemu\": \"%s\",\n  \"kernel\": \"%s\",\n", emulator, kernel > json
    printf "  \"peakMemoryKiB\": %d,\n  \"rows\": [%s\n  ]\n}\n", rss, rows > json
  }' $samples
echo "Figures: $out/compare.json, $out/pretouch.json; every sample: $samples"
