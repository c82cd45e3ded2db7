"""Extracts the numbers that the study works on from bundles of repeated runs.

    python3 tests/data/study/extract.py BUNDLE... > tests/data/study/runs.json

Each BUNDLE is the directory of one run (`aa-01`, `slow-01`, `base-1`, ...) with AIPerf's exports
under `aiperf-cN/`. Taken over unaltered: the judged statistics of `profile_export_aiperf.json`, and for
runs named `aa-*` the time to first token and the latency of every measured request of
`profile_export.jsonl`, in the order in which they started (ms, three decimals).
"""

import json
import pathlib
import sys

METRICS = {
    "throughput_toks_per_s": ("output_token_throughput", "avg"),
    "tps_per_user": ("output_token_throughput_per_user", "avg"),
    "ttft_p50_ms": ("time_to_first_token", "p50"),
    "ttft_p95_ms": ("time_to_first_token", "p95"),
    "ttft_p99_ms": ("time_to_first_token", "p99"),
    "itl_p50_ms": ("inter_token_latency", "p50"),
    "request_latency_p50_ms": ("request_latency", "p50"),
}


def cells(level):
    export = json.loads((level / "profile_export_aiperf.json").read_text())
    return {name: export[tag][stat] for name, (tag, stat) in METRICS.items()}


def requests(level):
    rows = []
    for line in (level / "profile_export.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["metadata"]["benchmark_phase"] == "profiling":
            values = [round(record["metrics"][name]["value"], 3) for name in ("time_to_first_token", "request_latency")]
            rows.append((record["metadata"]["request_start_ns"], *values))
    rows.sort()
    return {"ttft_ms": [row[1] for row in rows], "request_latency_ms": [row[2] for row in rows]}


def main(folders):
    runs, samples = {}, {}
    for bundle in map(pathlib.Path, folders):
        for level in sorted(bundle.glob("aiperf-c*/")):
            name = level.name.removeprefix("aiperf-c")
            runs.setdefault(bundle.name, {})[name] = cells(level)
            if bundle.name.startswith("aa-"):
                samples.setdefault(bundle.name, {})[name] = requests(level)
    # One run, or the requests of one level, a line.
    line = lambda value: json.dumps(value, separators=(", ", ": "))
    rows = lambda table: ",\n".join(f"  {line(name)}: {line(value)}" for name, value in table.items())
    print('{\n "runs": {\n' + rows(runs) + '\n },\n "requests": {\n' + rows(samples) + "\n }\n}")


main(sys.argv[1:])
