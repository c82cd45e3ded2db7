#!/usr/bin/env bash
# The main job on a real bundle: record a baseline, then judge an unchanged and a slower run against it.
# `tests/demo.sh PERFBRIDGE` with the path of the binary.
set -euo pipefail
perfbridge=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"
registry=$(mktemp -d)
trap 'rm -rf "$registry"' EXIT
run() {
    echo
    echo "\$ perfbridge $*"
    status=0
    "$perfbridge" "$@" 2>&1 || status=$?
    echo "(exit code $status)"
}

run init "$registry"
export PROFILE_AND_OPTIMIZE_REPO_ROOT=$registry
run record --source data/bundles/base-1 --notes "demo" --yes
[ "$status" = 0 ]
run diff --model tinyllama-7m --current data/bundles/base-1 --yes
[ "$status" = 0 ]
run diff --model tinyllama-7m --current data/bundles/regressed-1 --yes
[ "$status" = 1 ]
run verify
[ "$status" = 0 ]
echo
echo "The unchanged run is GREEN, the slower one RED, and the registry is sound."
