#!/bin/sh
# outcome.sh OUTPUT: prints the outcome of a test from its output, whose last lines are those of `alone`: passed, failed if an assertion
# failed, broken if the test could not be done or did not end in time, or conf if it said that it is not applicable.
# It does not know the tests. LTP's statuses: 1 failed, 2 broken, 4 warning, 32 not applicable.
set -eu
set -- $(sed -n 's/^alone: //p' "$1" | tail -1)
case "${1:-} ${2:-}" in
  'exit 0') echo passed ;;
  'exit 32') echo conf ;;
  'exit 127') echo broken ;;
  exit\ *) if [ $(($2 & 1)) = 1 ]; then echo failed; else echo broken; fi ;;
  *) echo broken ;;
esac
