#!/usr/bin/env bash
# Every file and every test that tests/README.md names is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
gone=0
while IFS= read -r name; do
    file=${name%%::*} test=
    [ "$file" = "$name" ] || test=${name#*::}
    if [ ! -e "$file" ] || { [ -n "$test" ] && ! grep -qE "fn $test\(" "$file"; }; then
        echo "error: tests/README.md names $name, which is not there; say where that is tested now" >&2
        gone=1
    fi
done < <(grep -oE '`(guest|host|tests|web|docs)/[^` ]+`' tests/README.md | tr -d '`' | sort -u)
exit $gone
