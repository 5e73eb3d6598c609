#!/usr/bin/env bash
# panics.sh: records how real kernels panic to Tests/Fixtures/oracle/PROFILE/panics.tsv, a line for each way: its name, and the reason
# that the console shows, with X for a page's number. It does not know the ways: firmware/tests/panic.c has them.
set -euo pipefail
cd "$(dirname "$0")/../.."
make -s build/firmware/init/init build/firmware/tests/panic >&2
for series in ${PROFILES:-6.12 7.2 7.3}; do
  status=0
  kernel=$(firmware/linux/fetch.sh "$series") || status=$?
  [ $status = 3 ] && { echo "linux-$series: not recorded: Debian no longer has this kernel"; continue; }
  [ $status = 0 ] || exit $status
  for way in out-of-memory out-of-memory-for-sure all-protected no-recovery zero-page; do
    console=$(MEMORY=256 firmware/linux/boot.sh "$kernel" build/firmware/tests/panic <<< "panic $way")
    reason=$(sed -n 's/.*Kernel panic - not syncing: //p' <<< "$console" | head -1 | sed -E 's/(page |failure: 0x)[0-9a-f]+/\1X/')
    printf '%s\t%s\n' "$way" "${reason:-none}"
  done > "Tests/Fixtures/oracle/linux-$series/panics.tsv"
  echo "linux-$series: recorded with ${kernel##*/root/}"
done
git --no-pager diff --stat -- Tests/Fixtures/oracle
