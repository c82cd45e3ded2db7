"""The component in wasmtime-py, for the cases of the corpus.

python python_host.py COMPONENT < CASES, one JSON object a line as support/cases.mjs makes them; prints name, judgement and
Markdown of each as JSON, one line a case, and for a case that needs no more than its directories the short answer too.
"""

import functools
import hashlib
import json
import os
import sys
from pathlib import Path

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record


@functools.cache
def load(component: str) -> tuple[Engine, Component]:
    """Compiles the component once a process, which takes a second."""
    engine = Engine(Config())
    return engine, Component.from_file(engine, component)


class Perfbridge:
    """The component with read-only directories granted to it, each under a name."""

    def __init__(self, component: str, directories: dict[str, str]) -> None:
        engine, compiled = load(component)
        wasi = WasiConfig()
        for name, path in directories.items():
            wasi.preopen_dir(path, name, False)
        self.store = Store(engine)
        self.store.set_wasi(wasi)
        linker = Linker(engine)
        linker.add_wasip2()
        self.instance = linker.instantiate(self.store, compiled)

    def call(self, interface: str | None, function: str, *arguments):
        """Calls one function of an interface, or of the world itself; a fault is raised as a RuntimeError."""
        index = None
        if interface:
            index = self.instance.get_export_index(self.store, f"perfbridge:bridge/{interface}@0.2.0")
        called = self.instance.get_func(self.store, self.instance.get_export_index(self.store, function, index))
        answer = called(self.store, *arguments)
        called.post_return(self.store)
        if getattr(answer, "tag", "ok") == "err":
            fault = answer.payload
            raise RuntimeError(": ".join(filter(None, (fault.code, fault.where, fault.message))))
        return getattr(answer, "payload", answer)


def record(**fields) -> Record:
    """A record of the WIT, whose field names have hyphens."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


def digests(folder: str, parts: list[str]) -> list[Record]:
    """Hashes every file, of some parts or of all, sorted by path as bytes."""
    files = {path for part in parts or [""] for path in Path(folder, part).rglob("*") if path.is_file()}
    return [
        record(
            path=path.relative_to(folder).as_posix(),
            size=path.stat().st_size,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(files, key=lambda path: os.fsencode(path.relative_to(folder)))
    ]


def setting(text: str) -> Record:
    path, _, value = text.partition("=")
    return record(path=path, value=value)


def read(bridge: Perfbridge, names: dict[str, str], side: dict, model: str | None) -> str:
    """One side as a document: its directories and documents, merged where they are several runs."""
    profile = side.get("profile")
    documents = []
    for path in side["paths"]:
        if not os.path.isdir(path):
            text = Path(path).read_text(encoding="utf-8")
            documents.append(bridge.call("ingest", "check-document", path, text).json)
            continue
        for run in bridge.call("ingest", "find-runs", names[path]):
            options = record(
                model=model,
                settings=[setting(text) for text in side["settings"]],
                folders=run.folders,
                files=digests(os.path.join(path, run.dir), run.folders),
                profile_dir=names[profile] if profile else None,
                profile_files=digests(profile, []) if profile else [],
                ceiling=None,
                operator=None,
                profile_and_optimize_sha=None,
                observation=False,
            )
            directory = "/".join(filter(None, (names[path], run.dir)))
            documents.append(bridge.call("ingest", "read-bundle", directory, options).json)
    return bridge.call("ingest", "merge-trials", documents).json


def judge(component: str, case: dict) -> dict:
    sides = [case["baseline"], case["current"]]
    paths = {path for side in sides for path in [*side["paths"], side.get("profile")] if path and os.path.isdir(path)}
    names = {path: f"d{at}" for at, path in enumerate(sorted(paths))}
    bridge = Perfbridge(component, {name: path for path, name in names.items()})
    baseline, current = (read(bridge, names, side, case.get("model")) for side in sides)
    policy = record(
        tolerances=[],
        headline=case.get("headline"),
        vary=case["vary"],
        file=None,
        choices=[],
        observe_tails=case["observeTails"],
        baseline_max_age_days=None,
    )
    forms = [record(name=name, width=80, colour=False) for name in ("json", "markdown")]
    judged = bridge.call("judge", "judge", record(baseline=baseline, current=current, history=[]), policy, forms)
    answer = dict(zip(("judgement", "markdown"), judged.texts, strict=True))
    if case["directories"]:
        named = [[names[path] for path in side["paths"]] for side in sides]
        summary = bridge.call(None, "judge-directories", *named, policy)
        answer["summary"] = {name: getattr(summary, name) for name in ("verdict", "rule", "tier", "answer")}
    return {"name": case["name"], **answer}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(judge(sys.argv[1], json.loads(line))), flush=True)
