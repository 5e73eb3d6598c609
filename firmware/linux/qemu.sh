#!/usr/bin/env bash
# qemu.sh COMMAND: prints how to run a command, qemu-aarch64 or qemu-system-aarch64, of the newest QEMU that Debian packages, the one in
# trixie-backports, and fetches it the first time into build/qemu-newest. The installed QEMU stays as it is. The system emulator needs
# libraries that are newer than the host's, and runs with those of trixie; whatever else it loads comes with the host's own
# qemu-system-arm. It does not know what is run.
set -euo pipefail
cd "$(dirname "$0")/../.."
command=${1:?command} here=build/qemu-newest
if [ ! -x $here/root/usr/bin/qemu-system-aarch64 ]; then
  echo "Fetching the QEMU of Debian trixie-backports." >&2
  architecture=$(dpkg --print-architecture)
  rm -rf $here
  ARCHITECTURE=$architecture firmware/linux/debian.sh trixie $here libc6 libcapstone5 libfuse3-4 libaio1t64 libglib2.0-0t64 liburing2 \
    libnettle8t64 libhogweed6t64 libgnutls30t64 libmount1 libblkid1 libselinux1 libuuid1 libunistring5 libidn2-0 libp11-kit0 libtasn1-6 \
    libgmp10 >&2
  ARCHITECTURE=$architecture firmware/linux/debian.sh trixie-backports $here qemu-user qemu-system-arm >&2
fi
if [ "$command" = qemu-aarch64 ]; then echo $here/root/usr/bin/qemu-aarch64; exit; fi
libraries=$(dirname "$(find $here/root/usr/lib -name libc.so.6)")
loader=$(find $here/root/usr -name 'ld-linux-*.so.*' | head -1)
host=$(dirname "$(ldconfig -p | sed -n 's/.*libz\.so\.1 .*=> //p' | head -1)")
echo "$loader --library-path $libraries:$host:/usr$host $here/root/usr/bin/$command"
