#!/bin/sh
# command.sh LTP TEST: prints the command of a test as LTP's own run lists have it: a program and its arguments. It does not know groups.
set -eu
command=$(sed -n "s/^$2[[:blank:]][[:blank:]]*//p" "$1"/runtest/* | head -1)
[ -n "$command" ] || { echo "error: no run list in $1/runtest has the test $2" >&2; exit 2; }
printf '%s\n' "$command"
