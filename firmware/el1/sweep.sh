#!/usr/bin/env bash
# sweep.sh: runs the image sweep, which tries every encoding of MRS, MSR, SYS and SYSL at EL1, under faultline and two QEMUs, 7.2 (or
# the one that is installed) and 11.1 of Debian's trixie-backports. For each encoding it asks whether an implementation has exactly what
# its own ID registers say (sweep-registers.tsv), and whether implementations that both have it answer alike; sweep-reasons.tsv lists
# what does not. Anything else fails, and so does an entry that no row needs. With RECORD=1 the expected rows of faultline are written
# to Tests/Fixtures/el1/sweep.tsv: "*" stands for a value or an outcome that no QEMU confirms. It does not know what an encoding does.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
out=build/el1
mkdir -p $out
command -v qemu-system-aarch64 >/dev/null || firmware/install.sh qemu-system-arm
newest=$(firmware/linux/qemu.sh qemu-system-aarch64)

board=(-M virt -cpu max -m 256 -nodefaults -display none -monitor none -serial none -chardev "stdio,id=console"
  -semihosting-config "enable=on,target=native,chardev=console" -kernel build/firmware/el1/sweep)
timeout "${LIMIT:-300}" .build/release/faultline machine --cpu max,+tbid build/firmware/el1/sweep > $out/sweep.tsv
timeout "${LIMIT:-300}" qemu-system-aarch64 "${board[@]}" </dev/null > $out/sweep.7.2.tsv
timeout "${LIMIT:-300}" $newest "${board[@]}" </dev/null > $out/sweep.11.1.tsv

status=0
awk -F '\t' -v OFS='\t' -v expected=$out/sweep.expected.tsv -f firmware/el1/sweep.awk firmware/el1/sweep-registers.tsv \
  firmware/el1/sweep-reasons.tsv $out/sweep.tsv $out/sweep.7.2.tsv $out/sweep.11.1.tsv || status=$?
if [ "${RECORD:-0}" = 1 ]; then
  cp $out/sweep.expected.tsv Tests/Fixtures/el1/sweep.tsv
  git --no-pager diff --stat -- Tests/Fixtures/el1/sweep.tsv
fi
exit $status
