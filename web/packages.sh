#!/bin/sh
# Installs the packages that web/package-lock.json names, unless they are there.
set -eu
cd "$(dirname "$0")"
done=node_modules/.installed-lock.json
cmp -s package-lock.json "$done" && exit 0
# Not `npm ci`: it refuses a lock file without the optional packages of platforms that a registry does not carry.
npm install --no-save --silent >&2
cp package-lock.json "$done"
