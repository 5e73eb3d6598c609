#!/usr/bin/env bash
# record.sh [PROGRAM...]: records the output of the oracle programs, or of those named, on real kernels to
# Tests/Fixtures/oracle/PROFILE/PROGRAM.tsv, and prints which files changed. PROFILES names the kernels, by default all; the kernel
# with the force-write change is built here. It does not know what the programs ask.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=("$@")
[ $# -gt 0 ] || for source in firmware/oracle/*.c; do programs+=("$(basename "$source" .c)"); done
fixtures=${FIXTURES:-Tests/Fixtures/oracle}
make -s build/firmware/init/init "${programs[@]/#/build/firmware/oracle/}" >&2

# The programs that try atomics on memory of every kind, and those that try futexes, whose accesses the change does not affect.
atomics="accounting esr_matrix esr_matrix_mutant file fork_cow fork_kinds futex_fixup hugetlb mixed_walk pretouch"
atomics+=" pretouch_mutant shared thp thp_walk walk"
# profile | kernel | processor | boot parameters | programs, if not all
table="
linux-6.12                | 6.12        |            |               |
linux-7.2                 | 7.2         |            |               |
linux-7.3                 | 7.3         |            |               |
linux-6.12+cortex-a53     | 6.12        | cortex-a53 |               | young_dirty
linux-7.2+cortex-a53      | 7.2         | cortex-a53 |               | young_dirty
linux-7.3+cortex-a53      | 7.3         | cortex-a53 |               | young_dirty
linux-6.12+force-write-v1 | force-write |            | force_write=1 | $atomics
linux-6.12+force-write-v5 | force-write |            | force_write=5 | $atomics
"

# record PROFILE KERNEL PROCESSOR PARAMETERS PROGRAM...: boots the kernel once for all programs.
record() {
  local profile=$1 kernel=$2 folder=$fixtures/$1 image console status=0
  export CPU=$3 PARAMETERS=$4
  shift 4
  if [ "$kernel" = force-write ]; then image=$(firmware/linux/force-write/build.sh)
  else image=$(firmware/linux/fetch.sh "$kernel") || status=$?; fi
  if [ $status = 3 ]; then echo "$profile: not recorded, its fixtures stay as they are: Debian no longer has this kernel"; return; fi
  [ $status = 0 ] || exit $status
  console=$(printf '%s\n' "$@" | firmware/linux/boot.sh "$image" "${@/#/build/firmware/oracle/}")
  [ "$(grep -c '^=== exit 0 signal 0 ' <<< "$console")" = $# ] ||
    { echo "$console" >&2; echo "error: a program failed under $profile" >&2; exit 1; }
  mkdir -p "$folder"
  awk -v folder="$folder" '
    /^=== exit/ { file = ""; next }
    /^=== \/t\// { file = folder "/" substr($2, 4) ".tsv"; printf "" > file; next }
    file != "" { print > file }' <<< "$console"
  echo "$profile: recorded $* with ${image##*/build/linux/}"
}

while IFS='|' read -r -u 3 profile kernel processor parameters only; do
  read -r profile <<< "$profile"
  [ -n "$profile" ] || continue
  [[ " ${PROFILES:-$profile} " == *" $profile "* ]] || continue
  read -r -a only <<< "$only"
  chosen=()
  for program in "${programs[@]}"; do [[ ${#only[@]} = 0 || " ${only[*]} " == *" $program "* ]] && chosen+=("$program"); done
  [ ${#chosen[@]} = 0 ] || record "$profile" "${kernel// /}" "${processor// /}" "${parameters// /}" "${chosen[@]}"
done 3<<< "$table"
git --no-pager diff --stat -- Tests/Fixtures/oracle
