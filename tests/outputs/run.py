#!/usr/bin/env python3
"""Checks every form of a judgement with the schema or the parser of who reads it: `tests/outputs/run.py [NAME]...`.

`./just build` makes the `perfbridge` that is asked. A virtual environment is made below the target directory from the pinned
list beside this file, which is the only use of the network. NAME is a module, class or test as `python -m unittest` takes it.
The last line is `N passed, N failed`.
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
PLACE = TARGET / "outputs-tests"
MODULES = [f"test_{name}" for name in ("action", "forms", "hostile", "manifests", "pipelines", "secrets", "tracking")]


def prepare():
    """The environment, made anew unless it was completely made from the same list."""
    wanted = HERE / "requirements.txt"
    stamp, digest = PLACE / "made-from", hashlib.sha256(wanted.read_bytes()).hexdigest() + sys.version
    if stamp.is_file() and stamp.read_text() == digest:
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    venv.create(PLACE, with_pip=True)
    # The list is complete; what a package names beside it (of MLflow 600 MB for other uses) is not needed.
    pip = [
        PLACE / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-compile",
    ]
    pip += ["-r", wanted]
    subprocess.run(pip, check=True, stdout=sys.stderr)
    stamp.write_text(digest)


def test(names):
    """Runs in the environment that was made: counts what passed and what did not. A test that was skipped did not pass."""
    import unittest

    sys.path.insert(0, str(HERE))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=1).run(suite)
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
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET))
    command = [PLACE / "bin" / "python", __file__, "--in-environment", *names]
    return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
