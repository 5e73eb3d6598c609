#!/usr/bin/env bash
# uninstall.sh PREFIX: removes the files that install.sh has listed, and the folders that are then empty and bear the command's name.
# It does not know the files.
set -euo pipefail
export LC_ALL=C
prefix=$1 list=share/faultline/installed-files
[ -e "$prefix/$list" ] || { echo "nothing is installed below $prefix (there is no $prefix/$list)" >&2; exit 1; }
while IFS= read -r file; do
  case $file in /* | *..*) echo "uninstall.sh: '$file' is no path below the prefix" >&2; exit 1 ;; esac
  rm -f "$prefix/$file"
done <"$prefix/$list"
rm -f "$prefix/$list"
rmdir "$prefix"/share/faultline/examples "$prefix"/share/faultline "$prefix"/share/doc/faultline 2>/dev/null || true
