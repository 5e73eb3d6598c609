#!/bin/sh
# install.sh APT-PACKAGE... [-- BREW-PACKAGE...]: installs packages of the host with its package manager, as root or by sudo.
# It does not know what they are for; callers look first whether they are needed.
set -eu
apt= brew= into=apt
for package; do
  if [ "$package" = -- ]; then into=brew
  elif [ $into = apt ]; then apt="$apt $package"
  else brew="$brew $package"; fi
done

if command -v apt-get >/dev/null; then
  as_root=
  if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    command -v sudo >/dev/null || { echo "error: needs$apt; as root, run: apt-get install$apt" >&2; exit 1; }
  fi
  echo "Installing$apt with apt-get."
  mkdir -p build
  # shellcheck disable=SC2086 -- both are lists of words
  if ! { $as_root apt-get -q update || true
         $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $apt; } >build/install.log 2>&1 </dev/null
  then
    tail -5 build/install.log >&2
    echo "error: apt-get could not install$apt (see build/install.log)" >&2
    exit 1
  fi
elif [ -n "$brew" ] && command -v brew >/dev/null; then
  echo "Installing$brew with brew."
  # shellcheck disable=SC2086
  brew install -q $brew
else
  echo "error: needs$apt, and this machine has no package manager known here; install them by hand" >&2
  exit 1
fi
