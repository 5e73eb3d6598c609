#!/usr/bin/env bash
# install.sh STAGE PREFIX: copies the files below STAGE to PREFIX, and keeps their list for uninstall.sh. It does not know the files.
set -euo pipefail
export LC_ALL=C
stage=$1 prefix=$2 list=share/faultline/installed-files
mkdir -p "$prefix/share/faultline"
(cd "$stage" && find . -type f | sed 's|^\./||' | sort) >"$prefix/$list"
while IFS= read -r file; do
  mode=644
  [ ! -x "$stage/$file" ] || mode=755
  mkdir -p "$prefix/$(dirname "$file")"
  install -m $mode "$stage/$file" "$prefix/$file"
done <"$prefix/$list"
echo "installed $(wc -l <"$prefix/$list" | tr -d ' ') files below $prefix"
