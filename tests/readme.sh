#!/usr/bin/env bash
# Every file and every test that tests/README.md names is there, and every finding of docs/findings.md stands in it.
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
codes() { grep -oE "$1" "$2" | grep -oE '[A-Z][A-Z_]{3,}' | sort -u; }
while IFS= read -r code; do
    echo "error: $code of docs/findings.md has no row in tests/README.md; say where it is tested" >&2
    gone=1
done < <(comm -23 <(codes '^\| `[A-Z][^|]*\|' docs/findings.md) <(codes '`[A-Z_]+`' tests/README.md))
exit $gone
