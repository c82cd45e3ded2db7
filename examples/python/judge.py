"""python judge.py PERFBRIDGE.wasm DIR BASELINE CURRENT: judges two bundles of one read-only directory.

Needs wasmtime (pip install wasmtime==50.0.1).
"""

import functools
import os
import sys

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
        for path in directories.values():
            if not os.path.isdir(path):
                raise RuntimeError(f"not-found: {path} is no directory; expected a bundle, which a benchmark wrote")
        engine, compiled = load(component)
        wasi = WasiConfig()
        for name, path in directories.items():
            wasi.preopen_dir(path, name, False)
        self.store = Store(engine)
        self.store.set_wasi(wasi)
        linker = Linker(engine)
        linker.add_wasip2()
        self.instance = linker.instantiate(self.store, compiled)

    def call(self, interface: str, function: str, *arguments):
        """Calls one function; a fault is raised as a RuntimeError."""
        index = self.instance.get_export_index(self.store, f"perfbridge:bridge/{interface}@0.1.0")
        index = self.instance.get_export_index(self.store, function, index)
        called = self.instance.get_func(self.store, index)
        answer = called(self.store, *arguments)
        called.post_return(self.store)
        if getattr(answer, "tag", "ok") == "err":
            fault = answer.payload
            raise RuntimeError(": ".join(filter(None, (fault.code, fault.where, fault.message))))
        return getattr(answer, "payload", answer)

    def read(self, name: str, files: list[Record] | None = None) -> str:
        """Reads a bundle, `name` or `name/folder` of a granted directory, into its document.

        `files` are the `file-digest` records of its provenance.
        """
        options = record(
            model=None,
            settings=[],
            files=files or [],
            profile_dir=None,
            profile_files=[],
            ceiling=None,
            operator=None,
            profile_and_optimize_sha=None,
        )
        return self.call("ingest", "read-bundle", name, options).json


def record(**fields) -> Record:
    """A record of the WIT, whose field names have hyphens."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


def main(component: str, directory: str, baseline: str, current: str) -> None:
    bridge = Perfbridge(component, {"runs": directory})
    policy = record(tolerances=[], headline_level=None, vary=[], observe_tails=False)
    judged = bridge.call("judge", "judge", bridge.read(f"runs/{baseline}"), bridge.read(f"runs/{current}"), [], policy)
    sys.stdout.write(judged.json)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: " + __doc__.splitlines()[0].split(":")[0])
    try:
        main(*sys.argv[1:])
    except RuntimeError as fault:
        print(f"error: {fault}", file=sys.stderr)
        sys.exit(2)
