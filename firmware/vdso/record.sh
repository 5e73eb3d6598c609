#!/usr/bin/env bash
# record.sh: builds the vDSO's image from firmware/vdso and writes its bytes to Sources/LinuxKernel/Exec/VDSOImage.swift, because the
# product is built where no guest program can be. It does not know what the image holds.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
image=build/firmware/vdso/vdso.so source=Sources/LinuxKernel/Exec/VDSOImage.swift
make -s $image
{
  echo "// Owns the bytes of the vDSO's image, eight to a word, the first in the lowest place: \`make vdso\` writes this file."
  echo "// It does not know what the image holds."
  echo
  echo "enum VDSOImage {"
  echo "  static let words: [UInt64] = ["
  # od pads the last word with zeroes.
  od -An -v -t x8 -w40 $image | sed -E 's/([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})/0x\1_\2_\3_\4,/g; s/^ */    /'
  echo "  ]"
  echo "}"
} > $source
git --no-pager diff --stat -- $source
