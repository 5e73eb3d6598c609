#!/usr/bin/env bash
# stage.sh FOLDER STAGE: lays out below STAGE what `make install` copies below its prefix: the command from the objects in FOLDER, and what the
# command writes about itself: completions, manual pages, examples. It does not know the prefix.
set -euo pipefail
export LC_ALL=C
folder=$1 stage=$2
cd "$(dirname "$0")/../.."
rm -rf "$stage"
mkdir -p "$stage"
firmware/packaging/link.sh "$folder" "$stage/bin/faultline"
faultline=$stage/bin/faultline share=$stage/share

mkdir -p "$share/bash-completion/completions" "$share/zsh/site-functions" "$share/fish/vendor_completions.d" "$share/man/man1"
"$faultline" --generate-completion-script bash >"$share/bash-completion/completions/faultline"
"$faultline" --generate-completion-script zsh >"$share/zsh/site-functions/_faultline"
"$faultline" --generate-completion-script fish >"$share/fish/vendor_completions.d/faultline.fish"
"$faultline" manual --output "$share/man/man1"
"$faultline" examples --save "$share/faultline/examples" >/dev/null
mkdir -p "$share/doc/faultline"
cp README.md .github/CHANGELOG.md LICENSE "$share/doc/faultline/"
