#!/bin/sh
# write.sh PACKAGE OUTPUT: writes the Swift file OUTPUT with the commit of the package's checkout and the version of the compiler. An
# unpacked archive has no commit, also inside another project's repository. It does not know who asks.
set -u
export LC_ALL=C GIT_OPTIONAL_LOCKS=0
package=$1 output=$2

commit=nil
top=$(git -C "$package" rev-parse --show-toplevel 2>/dev/null) || top=
if [ -n "$top" ] && [ "$(cd "$top" && pwd -P)" = "$(cd "$package" && pwd -P)" ] &&
  hash=$(git -C "$package" rev-parse --short=7 HEAD 2>/dev/null); then
  git -C "$package" diff --quiet HEAD 2>/dev/null || hash="$hash, modified"
  commit="\"$hash\""
fi

compiler=$(swiftc --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/"\1"/p' | head -n 1)

text="// Written by write.sh before each build.
enum BuiltFrom {
  static let commit: String? = $commit
  static let compiler: String? = ${compiler:-nil}
}"
[ "$(cat "$output" 2>/dev/null)" = "$text" ] || printf '%s\n' "$text" >"$output"
