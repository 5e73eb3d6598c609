# Compares the rows of one image: first QEMU's, then faultline's. See differential.sh for what the known differences mean.

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
FNR == 1 { file++; next }
file == 1 { theirs[$1] = $0; order1[++count1] = $1; if (seen1[$1]++) print "QEMU prints the case twice: " $1; next }
{ ours[$1] = $0; order[++count] = $1; if (seen[$1]++) { print "printed twice: " $1; bad++ } }

function digit(c) { return index("0123456789abcdef", c) - 1 }
# Two hexadecimal numbers as strings, digit by digit: awk has no 64-bit integers.
function combine(a, b, operation,   text, i, x, y, z, bit) {
  while (length(a) < length(b)) a = "0" a
  while (length(b) < length(a)) b = "0" b
  for (i = 1; i <= length(a); i++) {
    x = digit(substr(a, i, 1)); y = digit(substr(b, i, 1)); z = 0
    for (bit = 1; bit < 16; bit *= 2) {
      p = int(x / bit) % 2; q = int(y / bit) % 2
      if (operation == "^" ? p != q : p || q) z += bit
    }
    text = text substr("0123456789abcdef", z + 1, 1)
  }
  sub(/^0+/, "", text)
  return text == "" ? "0" : text
}

# The row that is expected of us; `used` names the rule.
function expect(name,   i, row) {
  if (name in memo) return memo[name]
  row = theirs[name]
  for (i = 1; i <= rules; i++) if (name ~ pattern[i]) { row = apply(rule[i], row, name); by[name] = i; matched[i]++; break }
  return memo[name] = row
}
function apply(what, row, name,   cells, n, part, parts, k, other, i, text, access) {
  if (what == "any") return (name in ours) ? ours[name] : row
  if (what ~ /^as /) {
    n = split(substr(what, 4), parts, ",")
    split(name, cells, "/")
    text = ""
    for (i = 1; i in cells; i++) text = text (i > 1 ? "/" : "") (cells[i] ~ /^(dc_cvau|ic_ivau)$/ ? parts[1] : cells[i])
    row = expect(text)
    # The other access's row, under this case's name; only what the exception says is taken, a result is not.
    split(row, cells, "\t")
    cells[1] = name
    cells[9] = "-"
    if (n > 1 && cells[2] != "-") { split(parts[2], part, "|"); cells[2] = combine(cells[2], part[2], "|") }
    if (parts[3] == "before") cells[7] = cells[6]
  } else {
    split(row, cells, "\t")
    n = split(what, parts, ",")
    for (k = 1; k <= n; k++) {
      if (split(parts[k], part, "^") == 2) { if (cells[column[part[1]]] != "-") cells[column[part[1]]] = combine(cells[column[part[1]]], part[2], "^") }
      else { split(parts[k], part, "="); cells[column[part[1]]] = part[2] == "before" ? cells[6] : part[2] }
    }
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
  for (k = 1; k <= count1; k++) if (!(order1[k] in ours)) { print "only QEMU has " order1[k]; bad++ }
  for (i = 1; i <= rules; i++)
    if (!needed[i] && rule[i] != "crash") { print "no longer needed: " rule[i] " for " pattern[i]; stale++ }
  printf "%s: %d cases, %d known differences, %d unexplained%s\n", image, count, explained, bad, stale ? ", " stale " entries no longer needed" : ""
  print count + 0, explained + 0, bad + 0 > (expected ".counts")
  exit bad || stale
}
