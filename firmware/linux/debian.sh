#!/usr/bin/env bash
# debian.sh SUITE FOLDER PATTERN...: unpacks into FOLDER/root, for each PATTERN, the newest package whose whole name it matches in a
# suite of Debian, for arm64 or $ARCHITECTURE. apt verifies the signatures; the host's own package lists stay as they are. It ends
# with status 3 if the suite has no package for the first PATTERN. It does not know what the packages are for.
set -euo pipefail
suite=${1:?suite} here=${2:?folder}
shift 2
command -v apt-get >/dev/null || { echo "error: Debian's packages are fetched with apt-get, which is not here" >&2; exit 1; }
mkdir -p "$here/lists/partial" "$here/cache"
cd "$here"
here=$PWD
trap 'rm -rf ./*.deb lists cache suite.list' EXIT
# The mirror that this machine uses already, if it is Debian's.
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m1 '/debian/*$' || echo http://deb.debian.org/debian)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > suite.list
architecture=${ARCHITECTURE:-arm64}
options=(-q -oAPT::Architecture=$architecture -oAPT::Architectures=$architecture "-oDir::State::Lists=$here/lists" "-oDir::Cache=$here/cache"
  "-oDir::Etc::sourcelist=$here/suite.list" -oDir::Etc::sourceparts=/nonexistent -oAPT::Update::Error-Mode=any)
fail() {
  tail -5 fetch.log >&2
  echo "error: $1 (see $here/fetch.log)" >&2
  exit 1
}
apt-get "${options[@]}" update > fetch.log 2>&1 || fail "the list of Debian $suite could not be fetched"
names=$(apt-cache "${options[@]}" pkgnames)
isFirst=true
for pattern; do
  package=$(grep -xE "$pattern" <<< "$names" | sort -V | tail -1 || true)
  [ -n "$package" ] || ! $isFirst || exit 3
  isFirst=false
  [ -n "$package" ] || continue
  apt-get "${options[@]}" download "$package" >> fetch.log 2>&1 || fail "$package could not be fetched"
done
for file in ./*.deb; do dpkg-deb -x "$file" root; done
