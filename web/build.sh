#!/bin/sh
# Builds everything that is made of dist/perfbridge.wasm: dist/report.html (the viewer) and dist/npm (the package).
set -eu
cd "$(dirname "$0")"
[ -e ../dist/perfbridge.wasm ] || { echo "error: dist/perfbridge.wasm is missing; build the component first" >&2; exit 2; }
# Not `npm ci`: it refuses a lock file without the optional packages of platforms that a registry does not carry.
[ -d node_modules ] || npm install --no-save --silent >&2
npm run --silent build
node ../npm/assemble.mjs
