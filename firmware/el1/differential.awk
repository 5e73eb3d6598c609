# Compares the rows of one image: first QEMU's, then faultline's. differential.sh explains the known differences. It does not know
# how the rows were made.

BEGIN {
  split("case ESR FAR ELR SPSR before after vector result", names, " ")
  for (i in names) column[names[i]] = i
  while ((getline line < known) > 0) {
    if (line ~ /^#/ || line == "") continue
    split(line, field, "\t")
    if (field[1] != image) continue
    rules++
    pattern[rules] = "^(" field[2] ")$"
    rule[rules] = field[3]
  }
}
FNR == 1 { if (!file++) print > expected; next }
file == 1 { theirs[$1] = $0; order1[++count1] = $1; if (seen1[$1]++) print "QEMU prints the case twice: " $1; next }
{ ours[$1] = $0; order[++count] = $1; if (seen[$1]++) { print "printed twice: " $1; bad++ } }

function digit(c) { return index("0123456789abcdef", c) - 1 }
# Combines two hexadecimal numbers as strings, digit by digit, because awk has no 64-bit integers.
function combine(a, b, operation,   text, i, x, y, z, bit, p, q) {
  while (length(a) < length(b)) a = "0" a
  while (length(b) < length(a)) b = "0" b
  for (i = 1; i <= length(a); i++) {
    x = digit(substr(a, i, 1)); y = digit(substr(b, i, 1)); z = 0
    for (bit = 1; bit < 16; bit *= 2) {
      p = int(x / bit) % 2; q = int(y / bit) % 2
      if (operation == "^" ? p != q : operation == "&" ? p && q : p || q) z += bit
    }
    text = text substr("0123456789abcdef", z + 1, 1)
  }
  sub(/^0+/, "", text)
  return text == "" ? "0" : text
}

# The expected row of a case; `used` names the rule.
function expect(name,   i, row) {
  if (name in memo) return memo[name]
  row = theirs[name]
  for (i = 1; i <= rules; i++) if (name ~ pattern[i]) { row = apply(rule[i], row, name); by[name] = i; matched[i]++; break }
  return memo[name] = row
}
function has(text, part) { return index("/" text "/", "/" part "/") > 0 }

# Applies one operation after the other to the cells of QEMU's row.
function apply(what, row, name,   cells, other, n, k, parts, part, i, words, m, text, user, base) {
  if (what == "any") return (name in ours) ? ours[name] : row
  split(row, cells, "\t")
  n = split(what, parts, "; ")
  for (k = 1; k <= n; k++) {
    m = split(parts[k], words, " ")
    if (words[1] == "as") {  # as OLD>NEW...: the exception of the case whose name has NEW for OLD
      text = "/" name "/"
      for (i = 2; i <= m; i++) {
        split(words[i], part, ">")
        { base = index(text, "/" part[1] "/"); if (base) text = substr(text, 1, base) part[2] substr(text, base + length(part[1]) + 1) }
      }
      split(expect(substr(text, 2, length(text) - 2)), other, "\t")
      for (i = 2; i <= 5; i++) cells[i] = other[i]
      cells[8] = other[8]
      cells[9] = "-"
    } else if (words[1] == "fault") {  # fault DFSC FAR: an abort of this access, from the level that the name says
      user = has(name, "EL0")
      base = has(name, "fetch") ? (user ? "82000000" : "86000000") : (user ? "92000000" : "96000000")
      if (name ~ /\/(str|sttr|stp|str_unaligned|dc_zva)\//) base = combine(base, "40", "|")
      cells[2] = combine(base, words[2], "|"); cells[3] = words[3]; cells[4] = "0"; cells[8] = user ? "400" : "200"
      cells[5] = user ? "3c0" : has(name, "EL1+PAN") ? "4003c5" : "3c5"
      cells[9] = name ~ /\/(str|sttr|stp|str_unaligned|dc_zva)\// ? "1122334455667788" : "-"
    } else if (words[1] == "outer") {  # PAR_EL1.SH = 0b10, where it holds an address
      if (cells[9] ~ /[02468ace]$/) cells[9] = combine(cells[9], "100", "|")
    } else if (parts[k] ~ /^DFSC=/) {
      text = substr(cells[2], length(cells[2]) - 1)
      cells[2] = substr(cells[2], 1, length(cells[2]) - 2) (combine(text, "40", "&") == "40" ? substr(combine(substr(parts[k], 6), "140", "|"), 2) : substr(parts[k], 6))
    } else if (split(parts[k], part, "^") == 2 || split(parts[k], part, "|") == 2) {
      i = column[part[1]]
      if (cells[i] != "-") cells[i] = combine(cells[i], part[2], index(parts[k], "^") ? "^" : "|")
    } else { split(parts[k], part, "="); cells[column[part[1]]] = part[2] == "before" ? cells[6] : part[2] }
  }
  text = cells[1]
  for (i = 2; i <= 9; i++) text = text "\t" cells[i]
  return text
}

END {
  for (k = 1; k <= count; k++) {
    name = order[k]
    if (!(name in theirs)) { print "only faultline has " name; bad++; continue }
    want = expect(name)
    if (ours[name] != want) {
      bad++
      print "faultline " ours[name]
      if (want != theirs[name]) print "expected  " want
      print "qemu      " theirs[name]
    }
    if (by[name]) { explained += (want != theirs[name]); if (want != theirs[name]) needed[by[name]]++ }
  }
  for (k = 1; k <= count1; k++) {
    if (!(order1[k] in ours)) { print "only QEMU has " order1[k]; bad++ }
    print expect(order1[k]) > expected
  }
  for (i = 1; i <= rules; i++)
    if (!needed[i]) { print "no longer needed: " rule[i] " for " pattern[i]; stale++ }
  printf "%s: %d cases, %d known differences, %d unexplained%s\n", image, count, explained, bad, stale ? ", " stale " entries no longer needed" : ""
  print count + 0, explained + 0, bad + 0 > (expected ".counts")
  exit bad || stale
}
