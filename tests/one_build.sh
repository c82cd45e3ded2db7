#!/usr/bin/env bash
# The build and the tests of the `perfbridge` package have to ask for the same features of every dependency that both
# use. Otherwise cargo compiles that dependency and all above it twice; with wasmtime among them, that is five minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
units() {
    cargo tree --quiet --locked --package perfbridge --edges "$1" --prefix none --format '{p} {f}' | sed 's/ (\*)$//' | sort -u
}
only_built=$(comm -23 <(units normal,build) <(units normal,build,dev))
if [ -n "$only_built" ]; then
    echo "error: these are compiled with other features for the tests; ask for the same ones in [dependencies] of host/Cargo.toml:" >&2
    echo "$only_built" >&2
    exit 1
fi
