#!/usr/bin/env bash
# record.sh LTP [TEST...]: runs the tests of groups.tsv, or those named, on Debian's 6.12 in qemu-system-aarch64, and writes their outcomes
# to linux-6.12.tsv. LTP is a folder of built tests in LTP's own install layout. It does not know what the tests test.
set -euo pipefail
cd "$(dirname "$0")/../.."
ltp=${1:?the folder of LTP}
shift
seconds=120 out=build/ltp/reference recorded=firmware/ltp/linux-6.12.tsv
make -s build/firmware/init/init build/firmware/ltp/alone >&2
kernel=$(firmware/linux/fetch.sh 6.12)
firmware/ltp/root.sh "$ltp" build/ltp/root
mkdir -p $out
touch $recorded
tests=("$@")
[ $# -gt 0 ] || mapfile -t tests < <(cut -f2 firmware/ltp/groups.tsv)

# Each boot runs a few tests, so that none meets the remains of many others. If the kernel stops, or a boot's time is over, the test that
# was running has not ended, and the ones behind it have their turn in the next boot.
: > $out/new.tsv
while [ ${#tests[@]} -gt 0 ]; do
  lines=$(for test in "${tests[@]:0:40}"; do echo "alone $seconds $(firmware/ltp/command.sh "$ltp" "$test")"; done)
  ROOT=build/ltp/root MEMORY=2048 CPU=max,pauth-impdef=on,lpa2=off \
    firmware/linux/boot.sh "$kernel" build/firmware/ltp/alone <<< "$lines" > $out/console.txt || true
  started=$(grep -ac '^=== /t/' $out/console.txt) || { cat $out/console.txt >&2; echo "error: the kernel started no test" >&2; exit 1; }
  for (( row = 1; row <= started; row++ )); do
    test=${tests[0]}
    tests=("${tests[@]:1}")
    awk -v row=$row '/^=== \/t\// { at++ } at == row' $out/console.txt > "$out/$test.txt"
    printf '%s\t%s\n' "$test" "$(firmware/ltp/outcome.sh "$out/$test.txt")" | tee -a $out/new.tsv
  done
done
# A newer row replaces an older one; the order is that of groups.tsv.
awk -F '\t' 'FILENAME == ARGV[3] { print $2 "\t" ($2 in outcome ? outcome[$2] : "not run"); next } { outcome[$1] = $2 }' \
  $recorded $out/new.tsv firmware/ltp/groups.tsv > $out/all.tsv
mv $out/all.tsv $recorded
git --no-pager diff --stat -- $recorded
