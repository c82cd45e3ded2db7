"""python judge.py PERFBRIDGE.wasm DIR BASELINE CURRENT: judges two runs in one read-only directory.

Needs wasmtime (pip install wasmtime==50.0.1).
"""

import os
import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record


def judge_directories(component: str, granted: dict[str, str], baseline: list[str], current: list[str]) -> Record:
    """Verdict, rule, tier and answer. A run is a name of `granted`, or a folder below one; a fault is a RuntimeError."""
    wasi = WasiConfig()
    for name, path in granted.items():
        if not os.path.isdir(path):
            raise RuntimeError(f"not-found: {path}: expected a directory")
        wasi.preopen_dir(path, name, False)  # only to read
    engine = Engine()
    linker = Linker(engine)
    linker.add_wasip2()
    store = Store(engine)
    store.set_wasi(wasi)
    instance = linker.instantiate(store, Component.from_file(engine, component))
    answer = instance.get_func(store, "judge-directories")(store, baseline, current, None)
    if answer.tag == "err":
        fault = answer.payload
        raise RuntimeError(": ".join(filter(None, (fault.code, fault.where, fault.message))))
    return answer.payload


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: " + __doc__.splitlines()[0].split(":")[0])
    component, directory, baseline, current = sys.argv[1:]
    try:
        summary = judge_directories(component, {"runs": directory}, [f"runs/{baseline}"], [f"runs/{current}"])
    except RuntimeError as fault:
        print(f"error: {fault}", file=sys.stderr)
        sys.exit(2)
    print(summary.answer)
