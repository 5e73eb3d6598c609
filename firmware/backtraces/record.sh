#!/usr/bin/env bash
# record.sh: records the backtraces that gdb-multiarch gives of build/firmware/backtraces/shapes-* where they crash under qemu-aarch64,
# to Tests/Fixtures/backtraces/gdb.txt: for each program and shape the functions from the innermost outwards, with file and line.
# It does not know which backtraces are right. Shapes with signals are left out: gdb 13 hangs in QEMU's signal frames.
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in gdb-multiarch qemu-aarch64; do command -v $tool >/dev/null || { echo "error: $tool is needed" >&2; exit 2; }; done
make -s glibc >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
port=$((20000 + $$ % 20000))
for variant in O0 O2 omit pac nocfi; do
  for shape in leaf inlined variable large recurse memcpy qsort abort badjump misjump data bare bareleaf; do
    program=build/firmware/backtraces/shapes-$variant port=$((port + 1))
    qemu-aarch64 -g $port "$program" $shape > /dev/null 2>&1 & qemu=$!
    sleep 0.5
    echo "== $variant $shape"
    timeout 60 gdb-multiarch -nx -q -batch -ex 'set print frame-arguments none' -ex 'set print address off' -ex 'set filename-display basename' \
      -ex "file $program" -ex "target remote :$port" -ex continue -ex 'bt 20' < /dev/null 2> /dev/null |
      sed -nE 's/^#[0-9]+ +(.*[^ ]) \(.*\)( at (.*))?$/\1 \3/p' | sed 's/ $//'
    kill $qemu 2> /dev/null || true
    wait $qemu 2> /dev/null || true
  done
done > "$folder/gdb.txt"
mkdir -p Tests/Fixtures/backtraces
cp "$folder/gdb.txt" Tests/Fixtures/backtraces/gdb.txt
