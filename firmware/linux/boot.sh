#!/usr/bin/env bash
# boot.sh KERNEL PROGRAM... < LINES: boots a real arm64 Linux on one emulated processor of qemu-system-aarch64, $CPU or its max, with
# $PARAMETERS for the kernel, and runs each line of the input, one of the programs and its arguments. Prints the console: each
# program's output between === lines. $ROOT, if given, is a folder whose files are in the root too, and $MEMORY the guest's RAM in MiB.
# It does not know where the kernel comes from.
#
# With COUNTED_TIME=1 the guest's clock counts executed instructions, a nanosecond each, and jumps to the next timer when the processor
# is idle. What sleeping threads see of each other is then the same in every run, however busy the host is.
set -euo pipefail
cd "$(dirname "$0")/../.."
kernel=${1:?kernel}
shift
missing=
command -v qemu-system-aarch64 >/dev/null || missing+=" qemu-system-arm"
command -v cpio >/dev/null || missing+=" cpio"
# shellcheck disable=SC2086 -- a list of words
[ -z "$missing" ] || firmware/install.sh $missing >&2

root=$(mktemp -d)
trap 'rm -rf "$root" "$root.cpio"' EXIT
mkdir "$root/t"
cat > "$root/list"
cp build/firmware/init/init "$root/init"
cp "$@" "$root/t"
[ -z "${ROOT:-}" ] || cp -a "$ROOT/." "$root"
(cd "$root" && find . | cpio -o -H newc --quiet) > "$root.cpio"
# The root is a ramfs: files of the page cache, as on a disk, where Linux's own choice is tmpfs, whose pages count as shared memory.
# The plain PAuth algorithm costs QEMU more than anything that is measured here; impdef is its fast one.
timeout "${SECONDS_MAX:-600}" qemu-system-aarch64 -M virt -cpu "${CPU:-max,pauth-impdef=on}" -smp 1 -m "${MEMORY:-1024}" -nographic -nic none -no-reboot ${OPTIONS:-} \
  ${COUNTED_TIME:+-icount shift=0,sleep=off} -kernel "$kernel" -initrd "$root.cpio" -append "console=ttyAMA0 panic=-1 quiet loglevel=1 rootfstype=ramfs rdinit=/init ${PARAMETERS:-}" </dev/null | tr -d '\r'
