#!/usr/bin/env bash
# walks.sh: runs random walks over memory of all kinds on real kernels and under faultline, COUNT seeds from SEED on or those of SEEDS,
# over base pages and over huge pages, and prints the first row in which each walk differs. PROFILES names the kernels; PROGRAM is a
# program that takes a seed and a grain in pages. What a kernel printed is kept under build/walks, so that an interrupted run goes on and a second one
# needs no kernel. RECORD=1 writes the checksums of what the kernels printed to Tests/Fixtures/oracle/walks.tsv. It ends with status 1
# if any walk differs. It does not know what a row means.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${PROGRAM:-mixed_walk}
seeds=${SEEDS:-$(seq "${SEED:-1}" $((${SEED:-1} + ${COUNT:-200} - 1)))}
faultline=${FAULTLINE:-.build/release/faultline}
make -s build/firmware/init/init "build/firmware/oracle/$program" >&2
kept=build/walks/$program-$(cksum < "build/firmware/oracle/$program" | cut -d' ' -f1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# record PROFILE: runs what is missing of the walks on the real kernel, in boots of at most 100 walks, because a boot has ten minutes.
record() {
  local folder=$kept/$1 image
  mkdir -p "$folder"
  for seed in $seeds; do
    for grain in 1 64; do [ -s "$folder/$seed.$grain" ] || echo "$program $seed $grain"; done
  done > "$work/missing"
  [ -s "$work/missing" ] || return 0
  image=$(firmware/linux/fetch.sh "${1#linux-}")
  split -l 100 "$work/missing" "$work/list."
  for list in "$work"/list.*; do
    firmware/linux/boot.sh "$image" "build/firmware/oracle/$program" < "$list" > "$work/console" ||
      { tail -5 "$work/console" >&2; echo "error: a boot of $1 failed" >&2; exit 2; }
    awk -v work="$work/rows" -v folder="$folder" '
      /^=== exit 0 signal 0 / { close(work); if (name != "") system("mv " work " " folder "/" name); name = ""; next }
      /^=== exit/ { name = ""; next }
      /^=== \/t\// { name = $3 "." $4; printf "" > work; next }
      name != "" { print > work }' "$work/console"
  done
  rm "$work"/list.*
}

checksums=Tests/Fixtures/oracle/walks.tsv
[ -z "${RECORD:-}" ] || echo "# Kernel, seed, grain in pages, and the POSIX checksum and size of what $program printed: make walks RECORD=1." > "$checksums"
differing=0
for profile in ${PROFILES:-linux-6.12 linux-7.3}; do
  record "$profile"
  walks=0 differ=0
  for seed in $seeds; do
    for grain in 1 64; do
      theirs=$kept/$profile/$seed.$grain
      [ -s "$theirs" ] || { echo "error: $program $seed $grain did not end well under $profile" >&2; exit 2; }
      "$faultline" run --kernel "$profile" --atomic-faults stock "build/firmware/oracle/$program" "$seed" "$grain" > "$work/ours" 2>&1 ||
        echo "status $?" >> "$work/ours"
      walks=$((walks + 1))
      [ -z "${RECORD:-}" ] || printf '%s\t%s\t%s\t%s\n' "$profile" "$seed" "$grain" "$(cksum < "$theirs" | tr ' ' '\t')" >> "$checksums"
      cmp -s "$work/ours" "$theirs" && continue
      differ=$((differ + 1))
      { diff "$theirs" "$work/ours" || true; } | awk -v head="$profile: $program $seed $grain" '
        /^</ && !theirs { theirs = substr($0, 3) } /^>/ && !ours { ours = substr($0, 3) }
        END { print head "\n  kernel    " theirs "\n  faultline " ours }'
    done
  done
  echo "$profile: $walks walks of $program, $differ differ"
  differing=$((differing + differ))
done
[ $differing = 0 ]
