#!/usr/bin/env bash
# fetch.sh SERIES: prints the path of Debian's newest arm64 cloud kernel of a series, as in 6.12 or 7.3, and downloads it the first
# time: 6.12 is trixie's, newer ones come with trixie-backports. It ends with status 3 if Debian's archive has no such kernel any more.
set -euo pipefail
cd "$(dirname "$0")/../.."
series=${1:?series}
case $series in
  6.12) suite=trixie ;;
  [67].*) suite=trixie-backports ;;
  *) echo "error: a series as in 6.12 or 7.3, not $series" >&2; exit 2 ;;
esac
here=build/linux/$series
image() { find "$PWD/$here/root" -name 'vmlinuz*' -type f 2>/dev/null | head -1; }
if [ -z "$(image)" ]; then
  echo "Fetching the arm64 kernel $series of Debian $suite." >&2
  status=0
  # Newer packaging keeps the image in a linux-binary package.
  firmware/linux/debian.sh $suite $here "linux-image-$series\..*\+deb[0-9]+-cloud-arm64" "linux-binary-$series\..*\+deb[0-9]+-cloud-arm64" ||
    status=$?
  [ $status != 3 ] || { echo "error: Debian $suite has no arm64 cloud kernel $series any more" >&2; exit 3; }
  [ $status = 0 ] && [ -n "$(image)" ] || { echo "error: no kernel $series" >&2; exit 1; }
fi
image
