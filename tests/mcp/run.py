#!/usr/bin/env python3
"""Runs the tests of the MCP server and client against the official SDKs: `tests/mcp/run.py [NAME]...`.

What a language model reads is asked of `perfbridge` itself, which `./just build` makes. The programs of the crate are
built, a virtual environment and node modules are made below the target directory from the pinned lists beside this file
(the only use of the network), and the tests run. NAME is a module, class or test as `python -m unittest` takes it, for
example `test_client.Misbehaviour`. The last line is `N passed, N failed`.
`--bench` runs the benchmark instead.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")).resolve()
PLACE = TARGET / "mcp-tests"
MODULES = ["test_transcripts", "test_server", "test_client", "test_node", "test_answers", "test_skill"]


def fresh(place, lists, make):
    """Makes a directory anew unless it was completely made from the same lists."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in lists))
    stamp, digest = place / "made-from", digest.hexdigest() + sys.version
    if stamp.is_file() and stamp.read_text() == digest:
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    make(place)
    stamp.write_text(digest)


def make_environment(place):
    venv.create(place, with_pip=True)
    run(
        [
            place / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            HERE / "requirements.txt",
        ]
    )


def make_modules(place):
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, place / name)
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=place)


def run(command, **more):
    subprocess.run([str(word) for word in command], check=True, stdout=sys.stderr, **more)


def prepare():
    run(["cargo", "build", "--release", "-p", "perfbridge-mcp", "--bins"], cwd=REPOSITORY)
    fresh(PLACE / "python", ["requirements.txt"], make_environment)
    fresh(PLACE / "node", ["package.json", "package-lock.json", ".npmrc"], make_modules)


def test(names):
    """Runs in the environment that was made: counts what passed and what did not."""
    import unittest

    sys.path.insert(0, str(HERE))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    # A test that was skipped is a test that did not pass. Parts of a test count as that test.
    bad = {getattr(case, "test_case", case).id() for case, _ in result.failures + result.errors + result.skipped}
    failed = len(bad) + len(result.unexpectedSuccesses)
    passed = max(result.testsRun - failed, 0)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if failed == 0 and passed > 0 else 1


def main():
    names = sys.argv[1:] or MODULES
    if names[0] == "--in-environment":
        return test(names[1:])
    prepare()
    python = PLACE / "python" / "bin" / "python"
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET))
    command = [HERE / "bench.py"] if names == ["--bench"] else [__file__, "--in-environment", *names]
    return subprocess.run([python, *command], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
