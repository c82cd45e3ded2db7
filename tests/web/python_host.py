"""The component in wasmtime-py, for the cases of the corpus.

python python_host.py COMPONENT < CASES, one JSON object a line as support/cases.mjs makes them; prints name, judgement and
Markdown of each as JSON, one line a case.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "python"))
from judge import Perfbridge, record


def digests(folder: str):
    """Hashes every file, sorted by path as bytes."""
    files = sorted(
        (path for path in Path(folder).rglob("*") if path.is_file()),
        key=lambda path: os.fsencode(path.relative_to(folder)),
    )
    return [
        record(
            path=path.relative_to(folder).as_posix(),
            size=path.stat().st_size,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in files
    ]


def setting(text: str):
    path, _, value = text.partition("=")
    return record(path=path, value=value)


def read(bridge: Perfbridge, names: dict[str, str], side: dict, model: str | None) -> str:
    """One side as a document: its bundles and documents, merged where they are several."""
    profile = side.get("profile")
    documents = []
    for path in side["paths"]:
        if not os.path.isdir(path):
            text = Path(path).read_text(encoding="utf-8")
            documents.append(bridge.call("ingest", "check-document", path, text).json)
            continue
        options = record(
            model=model,
            settings=[setting(text) for text in side["settings"]],
            files=digests(path),
            profile_dir=names[profile] if profile else None,
            profile_files=digests(profile) if profile else [],
            ceiling=None,
            operator=None,
            profile_and_optimize_sha=None,
        )
        documents.append(bridge.call("ingest", "read-bundle", names[path], options).json)
    return bridge.call("ingest", "merge-trials", documents).json


def judge(component: str, case: dict) -> dict:
    sides = [case["baseline"], case["current"]]
    paths = {path for side in sides for path in [*side["paths"], side.get("profile")] if path and os.path.isdir(path)}
    names = {path: f"d{at}" for at, path in enumerate(sorted(paths))}
    bridge = Perfbridge(component, {name: path for path, name in names.items()})
    documents = [read(bridge, names, side, case.get("model")) for side in sides]
    policy = record(
        tolerances=[], headline_level=case.get("headlineLevel"), vary=case["vary"], observe_tails=case["observeTails"]
    )
    return {
        "name": case["name"],
        "judgement": bridge.call("judge", "judge", *documents, [], policy).json,
        "markdown": bridge.call("render", "render", *documents, [], policy, "markdown", record(width=80, colour=False)),
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(judge(sys.argv[1], json.loads(line))), flush=True)
