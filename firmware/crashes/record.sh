#!/bin/sh
# Records again what the command says about the deaths of the programs in this folder, as Tests/Fixtures/deaths/NAME.txt. Read the changes
# before you keep them: each report must name the cause and the line.
set -e
cd "$(dirname "$0")/../.."
mkdir -p Tests/Fixtures/deaths
for source in firmware/crashes/*.c; do
  name=$(basename "$source" .c)
  program=build/firmware/crashes/$name
  # The path lies on the program's stack, so it must be the same in every checkout.
  .build/release/faultline run "$program" 2>&1 | sed "s|$PWD/$program|/$name|g" > "Tests/Fixtures/deaths/$name.txt"
done
