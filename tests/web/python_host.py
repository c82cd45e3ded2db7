"""The component in wasmtime-py: every pair must give the bytes of the native run.

python python_host.py COMPONENT PERFBRIDGE < PAIRS, one JSON list [name, baseline, current] a line; prints one line a pair.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "python"))
from judge import Perfbridge, record


def digests(folder: str):
    """Hashes every file, sorted by path as bytes."""
    files = sorted((path for path in Path(folder).rglob("*") if path.is_file()), key=lambda path: os.fsencode(path.relative_to(folder)))
    return [
        record(path=path.relative_to(folder).as_posix(), size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for path in files
    ]


def native(perfbridge: str, baseline: str, current: str, form: str) -> str:
    command = [perfbridge, "diff", "--baseline", baseline, "--current", current, "--format", form]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def main(component: str, perfbridge: str) -> int:
    failed = 0
    for line in sys.stdin:
        name, baseline, current = json.loads(line)
        bridge = Perfbridge(component, {"a": baseline, "b": current})
        documents = [bridge.read("a", digests(baseline)), bridge.read("b", digests(current))]
        policy = record(tolerances=[], headline_level=None, vary=[], observe_tails=False)
        judged = bridge.call("judge", "judge", *documents, [], policy).json
        markdown = bridge.call("render", "render", *documents, [], policy, "markdown", record(width=80, colour=False))
        same = judged == native(perfbridge, baseline, current, "json") and markdown == native(perfbridge, baseline, current, "markdown")
        failed += not same
        print(json.dumps({"name": name, "same": same}), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:]), 100))
