#!/usr/bin/env bash
# short_walks.sh: runs the short random walks of `short_walks` with $COUNT seeds from $SEED on, on a real kernel in QEMU and under
# faultline, and compares the hash of each. $KERNEL is the kernel, by default the newest that is modelled. It prints for each walk that
# differs its first row that does, and ends with status 1 if one does. It does not know what the walks do.
set -euo pipefail
cd "$(dirname "$0")/../.."
seed=${SEED:-1} count=${COUNT:-1000} kernel=${KERNEL:-7.3} faultline=${FAULTLINE:-.build/release/faultline}
make -s build/firmware/init/init build/firmware/oracle/short_walks >&2
image=$(firmware/linux/fetch.sh "$kernel")
program=build/firmware/oracle/short_walks
folder=build/walks/short-$kernel
rm -rf "$folder"
mkdir -p "$folder"
ours() { "$faultline" run --kernel "linux-$kernel" --atomic-faults stock "$program" "$@"; }
for ((first = seed; first < seed + count; first += 2000)); do
  n=$((first + 2000 < seed + count ? 2000 : seed + count - first))
  firmware/linux/boot.sh "$image" "$program" <<< "short_walks $first $n" | grep -P '^\d+\t' >> "$folder/linux"
  ours "$first" "$n" >> "$folder/ours"
done
different=$(diff "$folder/linux" "$folder/ours" | sed -n 's/^< \([0-9]*\)\t.*/\1/p' || true)
for s in $different; do echo "short_walks $s"; done | head -200 > "$folder/list"
if [ -s "$folder/list" ]; then
  firmware/linux/boot.sh "$image" "$program" < "$folder/list" |
    awk -v folder="$folder" '/^=== exit/ { close(file); file = ""; next }
      /^=== \/t\// { file = folder "/" $3 ".linux"; printf "" > file; next }
      file != "" { print > file }'
  for s in $(cut -d' ' -f2 "$folder/list"); do
    ours "$s" > "$folder/$s.ours" 2>&1 || true
    echo "seed $s: ours, then Linux's:"
    diff "$folder/$s.ours" "$folder/$s.linux" | grep -m1 '^<' || true
    diff "$folder/$s.ours" "$folder/$s.linux" | grep -m1 '^>' || true
  done
fi
[ "$(wc -l < "$folder/linux")" = "$count" ] || { echo "error: the real kernel took only $(wc -l < "$folder/linux") walks" >&2; exit 2; }
echo "$(wc -w <<< "$different") of $count short walks differ on $kernel (seeds $seed to $((seed + count - 1)))"
[ -z "$different" ]
