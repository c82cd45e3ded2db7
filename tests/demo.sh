#!/usr/bin/env bash
# The main job on real runs: record three trials as a baseline, then judge three unchanged, three slower, and the same ones.
# `tests/demo.sh PERFBRIDGE` with the path of the binary.
set -euo pipefail
perfbridge=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/data/bundles"
registry=$(mktemp -d)
trap 'rm -rf "$registry"' EXIT
run() { # EXPECTED WORDS...
    expected=$1
    shift
    echo
    echo "\$ perfbridge $*"
    status=0
    "$perfbridge" "$@" 2>&1 || status=$?
    echo "(exit code $status)"
    [ "$status" = "$expected" ]
}

run 0 init "$registry"
export PROFILE_AND_OPTIMIZE_REPO_ROOT=$registry
run 0 record --source aa-01 --source aa-02 --source aa-03 --notes "demo" --yes
run 0 diff --model tinyllama-7m --current aa-04 --current aa-05 --current aa-06
run 1 diff --model tinyllama-7m --current slow-01 --current slow-02 --current slow-03
run 3 diff --model tinyllama-7m --current aa-01 --current aa-02 --current aa-03
run 0 verify
echo
echo "Unchanged runs pass, slower ones are RED, runs compared with themselves get no verdict, and the registry is sound."
