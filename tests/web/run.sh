#!/bin/sh
# Installs what the tests of the other hosts need and runs them all; the last line is `N passed, N failed`.
# Before it: dist/ and the perfbridge binary, built by their recipe.
set -eu
cd "$(dirname "$0")/../.."

need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >&2
    else
        echo "error: $1 is missing; install it: apt-get install $2" >&2
        exit 2
    fi
}
# Another browser than Debian's can be named by its path.
[ -n "${CHROMIUM:-}" ] || need chromium chromium
[ -n "${FIREFOX:-}" ] || need firefox-esr firefox-esr
for file in dist/report.html dist/npm/package.json; do
    [ -e "$file" ] || { echo "error: $file is missing; build it first: web/build.sh" >&2; exit 2; }
done

mkdir -p target/web-tests
./web/packages.sh
venv=target/web-tests/venv
[ -x $venv/bin/python ] || python3 -m venv $venv
$venv/bin/pip install --quiet --disable-pip-version-check -r tests/web/requirements.txt >&2

exec node --test --test-concurrency=1 --test-reporter=./tests/web/support/reporter.mjs tests/web/*.test.mjs
