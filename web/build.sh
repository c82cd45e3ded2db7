#!/bin/sh
# Builds everything that is made of dist/perfbridge.wasm: dist/report.html (the viewer) and dist/npm (the package).
set -eu
cd "$(dirname "$0")"
[ -e ../dist/perfbridge.wasm ] || { echo "error: dist/perfbridge.wasm is missing; build the component first" >&2; exit 2; }
# npm before 11 writes the registry's address into the lock file.
[ "$(npm --version | cut -d. -f1)" -ge 11 ] || { echo "error: found npm $(npm --version); expected 11 or later" >&2; exit 2; }
[ -d node_modules ] || npm ci --silent
npm run --silent build
node ../npm/assemble.mjs
