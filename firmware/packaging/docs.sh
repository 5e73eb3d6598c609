#!/usr/bin/env bash
# docs.sh FOLDER OUTPUT: builds the documentation of all targets as one archive of web pages below OUTPUT. The symbols come from the modules that
# SwiftPM built in FOLDER, so nothing is compiled again. A warning, such as a link that leads nowhere, is an error.
# It does not know what the pages say.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
folder=$1 output=$2
command -v docc >/dev/null || { echo "docs.sh: the toolchain has no docc" >&2; exit 1; }
triple=$(swift -print-target-info | sed -n '0,/"triple"/s|.*"triple": "\(.*\)".*|\1|p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The C modules that Swift modules import.
maps=()
for map in Sources/*/module.modulemap; do maps+=(-Xcc "-fmodule-map-file=$map"); done
while read -r flag; do maps+=($flag); done < <(pkg-config --cflags-only-I capstone libedit 2>/dev/null || true)

failed=
for catalogue in Sources/*/*.docc; do
  module=$(basename "$(dirname "$catalogue")")
  mkdir -p "$work/$module"
  # Pages describe what a developer of the target reads, so internal declarations belong to them.
  swift-symbolgraph-extract -module-name "$module" -I "$folder/Modules" "${maps[@]}" -target "$triple" -minimum-access-level internal \
    -skip-synthesized-members -output-dir "$work/$module"
  docc convert "$catalogue" --additional-symbol-graph-dir "$work/$module" --output-path "$work/$module.doccarchive" \
    --fallback-display-name "$module" --fallback-bundle-identifier "faultline.$module" --fallback-default-module-kind Target \
    --warnings-as-errors >"$work/log" 2>&1 || { cat "$work/log" >&2; failed+=" $module"; }
done
[ -z "$failed" ] || { echo "docs.sh: the pages of these targets have errors:$failed" >&2; exit 1; }

rm -rf "$output"
mkdir -p "$(dirname "$output")"
docc merge "$work"/*.doccarchive --synthesized-landing-page-name Faultline --output-path "$output" >/dev/null
echo "documentation: $output (python3 -m http.server -d $output, then http://localhost:8000/documentation)"
