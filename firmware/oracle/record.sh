#!/usr/bin/env bash
# record.sh [PROGRAM...]: writes what the oracle programs, or these, print on real kernels to
# Tests/Fixtures/oracle/PROFILE/PROGRAM.tsv, and says what changed. Only for the stock kernels: the force-write profiles were
# recorded on kernels that Debian does not package.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=("$@")
[ $# -gt 0 ] || for source in firmware/oracle/*.c; do programs+=("$(basename "$source" .c)"); done
make -s build/firmware/init/init "${programs[@]/#/build/firmware/oracle/}" >&2

# record PROFILE SUITE PROGRAM...
record() {
  local profile=$1 kernel console programs
  kernel=$(firmware/linux/fetch.sh "$2")
  programs=("${@:3}")
  console=$(printf '%s\n' "${programs[@]}" | firmware/linux/boot.sh "$kernel" "${programs[@]/#/build/firmware/oracle/}")
  [ "$(grep -c '^=== exit 0 signal 0 ' <<< "$console")" = ${#programs[@]} ] ||
    { echo "$console" >&2; echo "error: a program failed under $profile" >&2; exit 1; }
  awk -v folder="Tests/Fixtures/oracle/$profile" '
    /^=== exit/ { file = ""; next }
    /^=== \/t\// { file = folder "/" substr($2, 4) ".tsv"; printf "" > file; next }
    file != "" { print > file }' <<< "$console"
  echo "$profile: recorded ${programs[*]} with ${kernel##*/root/}"
}
record linux-6.12 trixie "${programs[@]}"
record linux-7.2 trixie-backports "${programs[@]}"
# And what a processor without hardware updates of the access flag and dirty state makes of them.
if [[ " ${programs[*]} " == *" young_dirty "* ]]; then
  export CPU=cortex-a53
  record linux-6.12+cortex-a53 trixie young_dirty
  record linux-7.2+cortex-a53 trixie-backports young_dirty
fi
git --no-pager diff --stat -- Tests/Fixtures/oracle
