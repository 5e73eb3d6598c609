#!/usr/bin/env bash
# root.sh LTP ROOT: makes the small root directory in which tests of the Linux Test Project run: their programs from LTP, a folder in LTP's
# own install layout, Debian's static busybox as sh and cp, a user and a group file, and the configuration of Debian's kernel. It does not
# know what runs in it.
set -euo pipefail
cd "$(dirname "$0")/../.."
ltp=${1:?the folder of LTP} root=${2:?the root}
[ -d "$ltp/testcases/bin" ] && [ -d "$ltp/runtest" ] || { echo "error: $ltp has no testcases/bin or no runtest" >&2; exit 2; }
rm -rf "$root"
mkdir -p "$root"/{boot,bin,etc,opt/ltp/testcases,t}
mkdir -m 1777 "$root/tmp"
cp -al "$ltp/testcases/bin" "$root/opt/ltp/testcases/" 2>/dev/null || cp -a "$ltp/testcases/bin" "$root/opt/ltp/testcases/"
for user in root:0 daemon:1 bin:2 nobody:65534; do echo "${user%:*}:x:${user#*:}:${user#*:}:${user%:*}:/:/bin/sh"; done > "$root/etc/passwd"
printf '%s\n' root:x:0: daemon:x:1: bin:x:2: users:x:100: nogroup:x:65534: > "$root/etc/group"
busybox=build/ltp/busybox/root/usr/bin/busybox
[ -f $busybox ] || firmware/linux/debian.sh trixie build/ltp/busybox busybox-static
cp $busybox "$root/bin"
ln -s busybox "$root/bin/sh"
ln -s busybox "$root/bin/cp"
kernel=$(firmware/linux/fetch.sh 6.12)
cp "${kernel/vmlinuz-/config-}" "$root/boot/config"
