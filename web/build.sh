#!/bin/sh
# Builds everything that is made of dist/perfbridge.wasm: dist/report.html (the viewer) and dist/npm (the package).
set -eu
cd "$(dirname "$0")"
[ -e ../dist/perfbridge.wasm ] || { echo "error: dist/perfbridge.wasm is missing; build the component first" >&2; exit 2; }
# The package first: with it the page's sample is read.
node ../npm/assemble.mjs
npm run --silent build
