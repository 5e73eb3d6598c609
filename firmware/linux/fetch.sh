#!/usr/bin/env bash
# fetch.sh SUITE: prints the path of Debian's arm64 cloud kernel of a suite, and downloads it the first time: the newest 6.12 of
# trixie, the newest 7.2 of trixie-backports, which also has newer ones. apt verifies the signatures; the host's own package lists
# stay as they are.
set -euo pipefail
cd "$(dirname "$0")/../.."
suite=${1:?suite}
case $suite in
  trixie) series=6.12 ;;
  trixie-backports) series=7.2 ;;
  *) echo "error: trixie or trixie-backports, not $suite" >&2; exit 2 ;;
esac
here=$PWD/build/linux/$suite
image() { find "$here/root" -name 'vmlinuz*' -type f 2>/dev/null | head -1; }
if [ -z "$(image)" ]; then
  command -v apt-get >/dev/null || { echo "error: Debian's kernels are fetched with apt-get, which is not here" >&2; exit 1; }
  echo "Fetching the arm64 kernel of Debian $suite." >&2
  mkdir -p "$here/lists/partial" "$here/cache"
  # The mirror that this machine uses already, if it is Debian's.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m1 '/debian/*$' || echo http://deb.debian.org/debian)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$here/suite.list"
  options=(-q -oAPT::Architecture=arm64 -oAPT::Architectures=arm64 "-oDir::State::Lists=$here/lists" "-oDir::Cache=$here/cache"
    "-oDir::Etc::sourcelist=$here/suite.list" -oDir::Etc::sourceparts=/nonexistent)
  cd "$here"
  {
    apt-get "${options[@]}" update
    package=$(apt-cache "${options[@]}" pkgnames "linux-image-$series." | grep -E '\+deb[0-9]+-cloud-arm64$' | sort -V | tail -1)
    # Newer packaging keeps the image in a linux-binary package.
    apt-get "${options[@]}" download "$package"
    apt-get "${options[@]}" download "${package/linux-image/linux-binary}" || true
    for file in ./*.deb; do dpkg-deb -x "$file" root; done
    rm -rf ./*.deb lists cache
  } > fetch.log 2>&1 || true
  [ -n "$(image)" ] || { tail -5 fetch.log >&2; echo "error: no kernel of $suite (see $here/fetch.log)" >&2; exit 1; }
fi
image
