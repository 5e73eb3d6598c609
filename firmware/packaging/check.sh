#!/usr/bin/env bash
# check.sh STAGE: installs what STAGE holds into a new folder, and checks that it works there alone: what the command is linked with, that it runs an
# example in an empty environment, that completions and manual pages can be read, and that uninstall leaves nothing.
# It does not know how the files were made.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd) stage=$1
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
fail() { echo "install-check: $*" >&2; exit 1; }
"$here/install.sh" "$stage" "$prefix" >/dev/null
faultline=$prefix/bin/faultline

if [ "$(uname)" = Linux ]; then
  others=$(ldd "$faultline" | awk '{ print $1 }' | grep -Ev '^(linux-vdso\.so\.1|libc\.so\.6|libm\.so\.6|/.*/ld-linux-.*\.so\.[0-9]+)$' || true)
  [ -z "$others" ] || fail "the command needs more than the C library:" $others
  ! readelf -d "$faultline" | grep -q 'R.*PATH.*/' || fail "the command has the path of a folder of this machine"
fi

cd "$prefix"
[ "$(env -i "$faultline" run --example hello)" = "Hello from EL0." ] || fail "an example does not run"
[ "$(env -i "$faultline" run share/faultline/examples/hello)" = "Hello from EL0." ] || fail "an installed example does not run"
env -i "$faultline" --version | grep -Eq '^[0-9]+\.[0-9]+\.[0-9]+ \(.*\), Capstone [0-9.]+, Swift [0-9.]+$' ||
  fail "the version is '$("$faultline" --version)'"
env -i "$faultline" shell --batch -ex run -ex 'esr 0x9200004f' --example hello >/dev/null || fail "the shell does not run"
env -i "$faultline" esr 0x9200004f --json >/dev/null || fail "esr does not run"

bash -n share/bash-completion/completions/faultline || fail "bash cannot read its completions"
! command -v zsh >/dev/null || zsh -n share/zsh/site-functions/_faultline || fail "zsh cannot read its completions"
! command -v fish >/dev/null || fish -n share/fish/vendor_completions.d/faultline.fish || fail "fish cannot read its completions"
for name in faultline faultline-run faultline-shell faultline-bench-pretouch; do
  [ -s share/man/man1/$name.1 ] || fail "there is no manual page $name(1)"
done
if command -v groff >/dev/null; then
  for page in share/man/man1/*; do
    complaints=$(groff -ww -mandoc -Tutf8 "$page" 2>&1 >/dev/null)
    [ -z "$complaints" ] || fail "$page: $complaints"
  done
fi

"$here/uninstall.sh" "$prefix"
left=$(find "$prefix" -type f)
[ -z "$left" ] || fail "uninstall leaves" $left
echo "install-check: the installed command stands alone"
