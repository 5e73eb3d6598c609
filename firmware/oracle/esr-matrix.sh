#!/usr/bin/env bash
# esr-matrix.sh: runs esr_matrix under faultline and under the newest qemu-aarch64 of Debian, whose signal frames have an ESR record, and
# writes how many rows of each mapping state agree with Debian's newest recorded kernel into the table of
# Sources/LinuxKernel/LinuxKernel.docc/SyndromeMatrix.md. QEMU's rows become Tests/Fixtures/oracle/qemu-aarch64/esr_matrix.tsv, without
# the count of faults, which is the host's. It does not know what the program tries.
set -euo pipefail
cd "$(dirname "$0")/../.."
fixtures=Tests/Fixtures/oracle article=Sources/LinuxKernel/LinuxKernel.docc/SyndromeMatrix.md
program=build/firmware/oracle/esr_matrix out=build/esr-matrix
mkdir -p $out $fixtures/qemu-aarch64
qemu=$(firmware/linux/qemu.sh qemu-aarch64)
newest=$(cd $fixtures && ls -d linux-[0-9]*.[0-9]* | grep -v '+' | sort -V | tail -1)
.build/release/faultline run --kernel "$newest" $program > $out/faultline.tsv
$qemu $program | cut -f 1-5 > $fixtures/qemu-aarch64/esr_matrix.tsv
version=$($qemu --version | sed -n '1s/.*version \([0-9]*\.[0-9]*\).*/\1/p')
kernels=$(cd $fixtures && ls -d linux-[0-9]*.[0-9]* | grep -v '+' | sort -V | paste -sd ' ')

{
  files=() names="" rule=""
  for kernel in $kernels; do files+=("$fixtures/$kernel/esr_matrix.tsv") names+=" Debian's $kernel |" rule+=" ---: |"; done
  echo "| state of the page | rows |$names Faultline | qemu-aarch64 $version | QEMU's ESR, for Linux's |"
  echo "|---|---: |$rule ---: | ---: |---|"
  awk -F '\t' '
    FNR == 1 { file++ }
    { row[file, FNR] = $3 FS $4 FS $5; state[FNR] = $1; esr[file, FNR] = $5; last = FNR }
    END {
      reference = file - 2
      for (i = 1; i <= last; i++) {
        if (!(state[i] in rows)) order[++count] = state[i]
        rows[state[i]]++
        for (f = 1; f <= file; f++) agree[f, state[i]] += row[f, i] == row[reference, i]
        pair = "`" esr[file, i] "` for `" esr[reference, i] "`"
        if (esr[file, i] != esr[reference, i] && index(pairs[state[i]], pair) == 0)
          pairs[state[i]] = pairs[state[i]] (pairs[state[i]] == "" ? "" : ", ") pair
      }
      for (k = 1; k <= count; k++) {
        name = order[k]
        printf "| %s | %d |", name, rows[name]
        for (f = 1; f <= file; f++) { printf " %d |", agree[f, name]; sum[f] += agree[f, name] }
        printf " %s |\n", pairs[name]
      }
      printf "| all | %d |", last
      for (f = 1; f <= file; f++) printf " %d |", sum[f]
      print " |"
    }' "${files[@]}" $out/faultline.tsv $fixtures/qemu-aarch64/esr_matrix.tsv
} > $out/table.md
awk -v table=$out/table.md '
  /^\|/ { if (!done) while ((getline line < table) > 0) print line; done = 1; next }
  { print }' $article > $out/article.md
cp $out/article.md $article
tail -1 $out/table.md
git --no-pager diff --stat -- $article $fixtures/qemu-aarch64
