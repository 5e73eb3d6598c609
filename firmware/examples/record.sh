#!/usr/bin/env bash
# record.sh: writes the examples, their sources and the headers of these into Sources/FaultlineCommands/Examples/ExampleFiles.swift, because
# an installed faultline has no checkout beside it. It does not know what an example does.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
target=Sources/FaultlineCommands/Examples/ExampleFiles.swift
entry() { printf '    (\n      "%s",\n      """\n%s\n      """\n    ),\n' "$1" "$(base64 -w 1000 "$2" | sed 's/^/      /; s/$/\\/; $ s/\\$//')"; }
{
  echo "// Owns the bytes of the examples, their sources and headers, in base64: \`make examples\` writes this file."
  echo "// It does not know what an example does."
  echo "// swift-format-ignore-file"
  echo
  echo "enum ExampleFiles {"
  echo "  static let sources: [(name: String, base64: String)] = ["
  for source in firmware/examples/*.[cS]; do entry "${source##*/}" "$source"; done
  echo "  ]"
  echo
  echo "  static let headers: [(name: String, base64: String)] = ["
  for header in guest.h signals.h; do entry $header firmware/include/$header; done
  echo "  ]"
  echo
  echo "  static let programs: [(name: String, base64: String)] = ["
  for source in firmware/examples/*.[cS]; do
    name=${source##*/} name=${name%.*}
    make -s build/firmware/examples/$name >&2
    entry $name build/firmware/examples/$name
  done
  echo "  ]"
  echo "}"
} > $target.new
mv $target.new $target
git --no-pager diff --stat -- $target
