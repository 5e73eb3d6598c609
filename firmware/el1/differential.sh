#!/usr/bin/env bash
# differential.sh [IMAGE...]: runs every bare-metal image, or these, under faultline and qemu-system-aarch64 and compares their rows by
# case. A difference that known-differences.tsv lists is expected, in exactly the way that it says; any other difference fails, and so
# does an entry that no row needs any more. With RECORD=1 the expected rows, which are QEMU's with the listed corrections, are then
# written to Tests/Fixtures/el1. No row of a fixture is faultline's own. It does not know what the images test.
#
# pauth_fpaccombine is the image pauth on a processor with FEAT_FPACCOMBINE. QEMU 7.2 has not got that feature, and it ends with an
# assertion in level_minus_one; QEMU 10 judges these two, from Debian's backports if the installed one is older. QEMU 10 itself ends
# with an assertion in pauth_fpaccombine, so only the rows before that are compared.
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
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
faultline=.build/release/faultline
known=firmware/el1/known-differences.tsv
out=build/el1
command -v qemu-system-aarch64 >/dev/null || firmware/install.sh qemu-system-arm
mkdir -p $out
# The sweep has a judge of its own, sweep.sh.
images=${*:-$(cd firmware/el1 && ls ./*.c | sed 's|^\./||; s|\.c$||' | grep -v '^sweep$') pauth_fpaccombine}
status=0 total=0 differing=0

processors() { case $1 in psci) echo 4 ;; bbm) echo 2 ;; *) echo 1 ;; esac; }

# qemu10: prints the command of a QEMU of version 10 or newer, and fetches one the first time where the installed one is older.
# Debian's binary needs none of the files of its package beside it for a board without a display.
qemu10() {
  local fetched=build/qemu/root/usr/bin/qemu-system-aarch64
  if [ "$(qemu-system-aarch64 --version | sed -n '1s/.*version \([0-9]*\).*/\1/p')" -ge 10 ]; then echo qemu-system-aarch64; return; fi
  [ -x $fetched ] || ARCHITECTURE=$(dpkg --print-architecture) firmware/linux/debian.sh bookworm-backports build/qemu qemu-system-arm >&2
  echo $fetched
}
newer=
case " ${images//$'\n'/ } " in *" level_minus_one "* | *" pauth_fpaccombine "*) newer=$(qemu10) ;; esac

# under_qemu IMAGE: the rows of an image under the QEMU that judges it.
under_qemu() {
  local qemu=qemu-system-aarch64 cpu=max program=$1
  case $1 in
    level_minus_one) qemu=$newer ;;
    pauth_fpaccombine) qemu=$newer cpu=max,pauth-qarma5=on program=pauth ;;
  esac
  timeout "${LIMIT:-60}" "$qemu" -M virt -cpu $cpu -m 256 -smp "$(processors "$1")" -nodefaults -display none -monitor none -serial none \
    -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console -kernel "build/firmware/el1/$program" </dev/null
}

# under_faultline IMAGE: the same rows. TBID comes with FEAT_PAuth, which QEMU's max has.
under_faultline() {
  local cpu=max,+tbid program=$1
  if [ "$1" = pauth_fpaccombine ]; then cpu+=,pauth=fpaccombine program=pauth; fi
  timeout "${LIMIT:-60}" $faultline machine --cpu $cpu --vcpus "$(processors "$1")" "build/firmware/el1/$program"
}

for image in $images; do
  rm -f "$out/$image."*
  if ! under_faultline "$image" > "$out/$image.tsv" 2> "$out/$image.err"; then
    echo "$image: faultline failed: $(head -c 300 "$out/$image.err") $(grep -m 1 unexpected "$out/$image.tsv" || true)"
    status=1
  fi
  # The shell would tell of an assertion's signal; the substitution keeps that out of the output.
  if ! message=$( (under_qemu "$image" > "$out/$image.qemu.tsv" 2> "$out/$image.qemu.err") 2>&1); then
    if [ "$image" = pauth_fpaccombine ] && grep -q 'Assertion' "$out/$image.qemu.err"; then
      head -n "$(wc -l < "$out/$image.qemu.tsv")" "$out/$image.tsv" > "$out/$image.first.tsv"
      mv "$out/$image.first.tsv" "$out/$image.tsv"
    else
      echo "$image: QEMU failed: $(head -1 "$out/$image.qemu.err") $message"
      status=1
    fi
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
  for image in $images; do cp "$out/$image.expected.tsv" "Tests/Fixtures/el1/$image.tsv"; done
  git --no-pager diff --stat -- Tests/Fixtures/el1
fi
exit $status
