# Judges the rows of the sweep under three implementations; sweep.sh explains how. It does not know how the rows were made.

BEGIN { who[1] = "faultline"; who[2] = "7.2"; who[3] = "11.1" }
FNR == 1 { file++ }
/^#/ || $0 == "" || $1 == "case" { next }
file == 1 { features++; pattern[features] = "^(" $1 ")$"; id[features] = $2; bits[features] = $3; least[features] = $4; next }
file == 2 { reasons++; by[reasons] = $1; why_pattern[reasons] = "^(" $2 ")$"; why[reasons] = $3; next }
{
  n = file - 2
  if ($1 == "undefined") { plain[n] = $4; next }
  row[n, $1] = $2 OFS $3 OFS $4
  if (n == 1 && $1 !~ /^changed/) tried++
  if (!($1 in known)) { known[$1] = 1; order[++count] = $1 }
}

# A field of an ID register as an implementation's own sweep read it.
function field(n, register, range,   encoding, value, part, text, i, low, high, result) {
  split(row[n, "mrs/" encodings[register]], part, "\t")
  text = part[3]
  while (length(text) < 16) text = "0" text
  split(range, part, ":")
  high = part[1]; low = part[2]
  result = 0
  for (i = high; i >= low; i -= 4) result = result * 16 + index("0123456789abcdef", substr(text, 16 - int(i / 4), 1)) - 1
  return result
}
# Whether the ID registers of an implementation say that it has the case; -1 if no entry speaks of it. Where two do, one is enough.
function judged(n, name,   i, result) {
  result = -1
  for (i = 1; i <= features; i++)
    if (name ~ pattern[i] && result < 1) result = field(n, id[i], bits[i]) >= least[i]
  return result
}
# Whether an implementation has the case. FEAT_IDST reports a read of an absent register of the ID space as a trap, EC 0x18.
function has(n, name) { return (n, name) in row && !(name ~ /^mrs\/3,[013],0,/ && row[n, name] ~ /^62/) }
# The entry that explains that `name` differs for one of these; 0 if none does.
function reason(a, b, name,   i) {
  for (i = 1; i <= reasons; i++)
    if (name ~ why_pattern[i] && (by[i] == "between" || by[i] == who[a] || by[i] == who[b])) return i
  return 0
}
function shown(n, name) { return (n, name) in row ? row[n, name] : "UNDEFINED" }
function complain(text) { print "sweep: " text; bad++ }

END {
  encodings["ID_AA64PFR0_EL1"] = "3,0,0,4,0"; encodings["ID_AA64PFR1_EL1"] = "3,0,0,4,1"; encodings["ID_AA64PFR2_EL1"] = "3,0,0,4,2"
  encodings["ID_AA64DFR0_EL1"] = "3,0,0,5,0"
  encodings["ID_AA64ISAR0_EL1"] = "3,0,0,6,0"; encodings["ID_AA64ISAR1_EL1"] = "3,0,0,6,1"; encodings["ID_AA64ISAR2_EL1"] = "3,0,0,6,2"
  encodings["ID_AA64MMFR0_EL1"] = "3,0,0,7,0"; encodings["ID_AA64MMFR1_EL1"] = "3,0,0,7,1"; encodings["ID_AA64MMFR2_EL1"] = "3,0,0,7,2"
  encodings["ID_AA64MMFR3_EL1"] = "3,0,0,7,3"
  print "case", "ESR", "vector", "result" > expected
  for (k = 1; k <= count; k++) {
    name = order[k]
    # Each has what its ID registers say.
    for (n = 1; n <= 3; n++) {
      speaks[n] = judged(n, name)
      if (speaks[n] < 0) continue
      if (speaks[n] != has(n, name)) {
        i = reason(n, n, name)
        if (i) { needed[i]++; departs[who[n]]++ }
        else complain(who[n] ": " name " " (has(n, name) ? "is there" : "is not there") ", and its ID registers say otherwise (" shown(n, name) ")")
      }
    }
    # Faultline and each QEMU answer alike, unless the ID registers of the two say that only one has it.
    agreed = 0
    for (n = 2; n <= 3; n++) {
      if (shown(1, name) == shown(n, name)) { agreed++; if ((n, name) in row) equal[n]++; continue }
      if (speaks[1] >= 0 && speaks[1] != speaks[n]) { identified[n]++; continue }
      i = reason(1, n, name)
      if (i) { needed[i]++; explained[n]++ }
      else complain(name ": faultline " shown(1, name) ", QEMU " who[n] " " shown(n, name))
    }
    if (!((1, name) in row)) continue
    split(row[1, name], cell, "\t")
    print name, (agreed ? row[1, name] : (cell[1] == "-" ? "-\t-\t*" : "*\t" cell[2] "\t-")) > expected
  }
  print "undefined", "-", "-", plain[1] > expected
  for (i = 1; i <= reasons; i++) if (!needed[i]) complain("no longer needed: " why_pattern[i] " of " by[i])
  for (n = 2; n <= 3; n++) {
    printf "sweep: QEMU %s: of %d cases that either has, %d alike, %d only in one as the ID registers of both say, %d explained\n",
      who[n], equal[n] + identified[n] + explained[n], equal[n], identified[n], explained[n]
  }
  printf "sweep: %d encodings tried, %d unexplained\n", tried + plain[1], bad
  exit bad > 0
}
