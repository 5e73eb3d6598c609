#!/usr/bin/env bash
# record-programs.sh [FILE...]: records the output of programs of firmware/tests and firmware/glibc on real kernels to
# Tests/Fixtures/tests/FILE.txt, and prints which files changed. A file is valid for both Debian's 6.12 and 7.3: if they differ,
# nothing is written. It does not know what the programs test.
set -euo pipefail
cd "$(dirname "$0")/../.."
# FILE PROGRAM ARGUMENTS...
rows='absurd-sizes tests/hostile absurd-sizes
branch_targets tests/branch_targets
executing tests/executing
files tests/files
glibc-tasks glibc/tasks-O2
pipes tests/pipes
placement tests/placement
priorities tests/priorities
processes tests/processes
limits tests/limits
reaping tests/reaping
settings tests/settings
sharing tests/sharing
threads tests/threads'
if [ $# -gt 0 ]; then rows=$(for file; do grep "^$file " <<< "$rows" || { echo "error: no row records $file" >&2; exit 2; }; done); fi
programs=$(cut -d' ' -f2 <<< "$rows" | sed 's|^|build/firmware/|')
lines=$(cut -d' ' -f2- <<< "$rows" | sed 's|^[^ ]*/||')
# shellcheck disable=SC2086 -- a list of words
make -s build/firmware/init/init $programs >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# In the emulator's Linux model user addresses have 48 bits, as on processors without FEAT_LPA2, which QEMU's max has.
export CPU=max,pauth-impdef=on,lpa2=off COUNTED_TIME=1

# record SERIES: runs the lines on the kernel of a series, and writes one file for each.
record() {
  local kernel console
  kernel=$(firmware/linux/fetch.sh "$1")
  mkdir "$folder/$1"
  # shellcheck disable=SC2086
  console=$(firmware/linux/boot.sh "$kernel" $programs <<< "$lines")
  [ "$(grep -c '^=== exit 0 signal 0 ' <<< "$console")" = "$(wc -l <<< "$rows")" ] ||
    { echo "$console" >&2; echo "error: a program failed under ${kernel##*/}" >&2; exit 1; }
  awk -v rows="$(cut -d' ' -f1 <<< "$rows" | tr '\n' ' ')" -v folder="$folder/$1" '
    BEGIN { split(rows, names, " ") }
    /^=== exit/ { file = ""; next }
    /^=== \/t\// { file = folder "/" names[++row] ".txt"; printf "" > file; next }
    file != "" { print > file }' <<< "$console"
  echo "recorded with ${kernel##*/root/}"
}
record 6.12
record 7.3
diff -r "$folder/6.12" "$folder/7.3" >&2 || { echo "error: the kernels differ" >&2; exit 1; }
cp "$folder/6.12/"*.txt Tests/Fixtures/tests/
git --no-pager diff --stat -- Tests/Fixtures/tests
