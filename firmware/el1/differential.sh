#!/usr/bin/env bash
# differential.sh: runs every bare-metal image under faultline and qemu-system-aarch64 and compares their rows by case. What
# known-differences.tsv lists is expected, and only in the way it says; anything else fails, and so does an entry that nothing needs
# any more. With RECORD=1 it then writes what is expected of us, QEMU's rows as corrected, to Tests/Fixtures/el1: no row of faultline's
# own, but for the image that QEMU 7.2 does not survive; QEMU 10.0.2 prints the same rows for it.
#
# known-differences.tsv: image, case pattern (an extended regular expression over the whole case), what is expected instead of
# QEMU's row, and why QEMU departs from the Arm ARM; the first entry that fits a case counts. What is expected, "; " between steps:
#   COLUMN=VALUE  that value in that column; the value "before" is the column of that name
#   COLUMN^HEX    those bits of that column changed; COLUMN|HEX: set
#   DFSC=HEX      another status in the ESR that is there
#   fault DFSC FAR  where QEMU has no exception: this abort
#   as OLD>NEW... the exception that is expected of us in the case whose name has the part NEW for OLD
#   outer         PAR_EL1.SH outer shareable
#   any           not compared
#   crash         QEMU does not survive the image: no row is compared
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
# TBID comes with FEAT_PAuth, which QEMU's max has.
faultline=.build/release/faultline
known=firmware/el1/known-differences.tsv
out=build/el1
command -v qemu-system-aarch64 >/dev/null || firmware/install.sh qemu-system-arm
mkdir -p $out
images=${*:-$(cd firmware/el1 && ls ./*.c | sed 's|^\./||; s|\.c$||')}
status=0 total=0 differing=0

processors() { case $1 in psci) echo 4 ;; bbm) echo 2 ;; *) echo 1 ;; esac; }
under_qemu() {
  timeout "${LIMIT:-60}" qemu-system-aarch64 -M virt -cpu max -m 256 -smp "$(processors "$1")" -nodefaults -display none -monitor none -serial none \
    -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console -kernel "build/firmware/el1/$1" </dev/null
}

for image in $images; do
  crash=0
  rm -f "$out/$image."*
  under_qemu "$image" > "$out/$image.qemu.tsv" 2> "$out/$image.qemu.err" || crash=1
  if ! timeout "${LIMIT:-60}" $faultline machine --cpu max,+tbid,+bti,+dit,+ssbs --vcpus "$(processors "$image")" "build/firmware/el1/$image" > "$out/$image.tsv" 2> "$out/$image.err"; then
    echo "$image: faultline failed: $(head -c 300 "$out/$image.err") $(grep -m 1 unexpected "$out/$image.tsv" || true)"
    status=1
  fi
  if [ $crash = 1 ]; then
    if awk -F '\t' -v image="$image" '$1 == image && $3 == "crash" { found = 1 } END { exit !found }' $known; then
      echo "$image: $(($(wc -l < "$out/$image.tsv") - 1)) cases, not compared: QEMU dies of them ($(head -1 "$out/$image.qemu.err" | cut -c 1-120))"
      continue
    fi
    echo "$image: QEMU failed: $(head -1 "$out/$image.qemu.err")"
    status=1
  fi
  awk -F '\t' -v OFS='\t' -v image="$image" -v known=$known -v expected="$out/$image.expected.tsv" -f firmware/el1/differential.awk \
    "$out/$image.qemu.tsv" "$out/$image.tsv" > "$out/$image.differences.tsv" || status=1
  tail -1 "$out/$image.differences.tsv"
  grep -v "^$image: " "$out/$image.differences.tsv" | head -n "${SHOW:-12}" || true
  read -r cases explained unexplained < "$out/$image.expected.tsv.counts"
  total=$((total + cases)) differing=$((differing + unexplained))
done
echo
if [ $status = 0 ]; then echo "$total cases, $differing unexplained differences"; else echo "$total cases, $differing unexplained differences (see $out): FAILED" >&2; fi
if [ "${RECORD:-0}" = 1 ]; then
  mkdir -p Tests/Fixtures/el1
  for image in $images; do
    if [ -s "$out/$image.expected.tsv" ]; then cp "$out/$image.expected.tsv" "Tests/Fixtures/el1/$image.tsv"; else cp "$out/$image.tsv" "Tests/Fixtures/el1/$image.tsv"; fi
  done
  git --no-pager diff --stat -- Tests/Fixtures/el1
fi
exit $status
