#!/usr/bin/env bash
# The build and the tests of the workspace have to ask for the same features of every dependency that both use. Otherwise
# cargo compiles that dependency and all above it twice; with wasmtime among them, that is some minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
units() {
    cargo tree --quiet --locked --workspace --edges "$1" --prefix none --format '{p} {f}' | sed 's/ (\*)$//' | sort -u
}
only_built=$(comm -23 <(units normal,build) <(units normal,build,dev))
if [ -n "$only_built" ]; then
    echo "error: these are compiled with other features for the tests; ask for the same ones in [dependencies] of host/Cargo.toml:" >&2
    echo "$only_built" >&2
    exit 1
fi
# One package alone has other features than the workspace, so nothing of the host may be built that way.
if grep -nE 'cargo (build|test|run|clippy|doc) .*(-p|--package) ' justfile | grep -v 'profile component -p perfbridge-guest'; then
    echo "error: the lines of the justfile above compile for one package; ask for --workspace" >&2
    exit 1
fi
