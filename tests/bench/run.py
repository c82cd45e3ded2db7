#!/usr/bin/env python3
"""Measures what the README states: `run.py PERFBRIDGE TARGET_DIR [BASELINE CURRENT]`; two bundles of your own are measured too.

CPU time and medians, since other work may run on the machine. The 200 MB of request records are real records of
tests/data/bundles/base-1-records, repeated; those of vLLM and SGLang are real detailed results with their requests repeated.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROUNDS = 21
MADE = ["records", "vllm-detailed", "sglang-detailed"]
# Bundles that differ in one stage of reading each, the least work first; see ledger.rs.
STAGES = ["text", "keys", "warmup", "records"]
PROFILING = b'"benchmark_phase":"profiling"'
# What is read of them, as guest/src/sources/aiperf_records/record.rs has it.
METRICS = [
    b"time_to_first_token",
    b"inter_token_latency",
    b"request_latency",
    b"output_token_throughput_per_user",
    b"input_sequence_length",
    b"output_sequence_length",
]
# Without site packages: less is no Python. The interpreter itself, and not what may stand before it on the PATH.
PYTHON = [os.path.realpath(sys.executable), "-S", "-c", "pass"]


def run(command, **options):
    """Runs a command to its end; CPU ms and peak memory in MiB."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    words = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{command} ended with {child.returncode}: {words.decode()}")
    return 1e3 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024


def records(into, size, name="records", change=lambda line: line):
    """A bundle of request records, each as `change` makes it of a real one; the last as it is."""
    source = TESTS / "data/bundles/base-1-records/aiperf-c16/profile_export.jsonl"
    lines = [line for line in source.read_bytes().splitlines(keepends=True) if PROFILING in line]
    folder = into / name / "aiperf-c16"
    folder.mkdir(parents=True)
    changed = [change(line) for line in lines]
    with open(folder / "profile_export.jsonl", "wb") as out:
        written = 0
        while written < size:
            out.writelines(changed)
            written += sum(map(len, changed))
        out.write(lines[-1])
    return folder.parent


def stages(into, size):
    """The bundles of STAGES."""
    warmup = lambda line: line.replace(PROFILING, PROFILING.replace(b"profiling", b"warmup   "))

    def keys(line):
        for name in METRICS:
            line = line.replace(b'"%s"' % name, b'"%s"' % name.upper())
        return warmup(line)

    one = into / "text"
    one.mkdir()
    value = json.loads((TESTS / "data/tools/vllm-bench-0.32.0/detailed/c4-detailed.json").read_text())
    (one / "c4.json").write_text(json.dumps(value | {"text": "x" * size}))
    records(into, size, "keys", keys)
    records(into, size, "warmup", warmup)
    records(into, size)


def detailed(into, name, source, size):
    """A detailed result, the entries of its requests repeated until it has that size; in a folder of its own."""
    value = json.loads((TESTS / "data/tools" / source).read_text().splitlines()[0])
    lists = {key for key, entries in value.items() if isinstance(entries, list)}
    times = size // len(json.dumps({key: value[key] for key in lists})) + 1
    for key in lists:
        value[key] = value[key] * times
    for key in ["num_prompts", "completed", "total_input_tokens", "total_output_tokens", "duration"]:
        if key in value:
            value[key] = value[key] * times
    folder = into / name
    folder.mkdir()
    (folder / "c4.json").write_text(json.dumps(value))
    return folder


def make(scratch):
    """The large inputs."""
    (scratch / "stages").mkdir()
    stages(scratch / "stages", 50_000_000)
    records(scratch, 200_000_000)
    detailed(scratch, MADE[1], "vllm-bench-0.32.0/detailed/c4-detailed.json", 200_000_000)
    detailed(scratch, MADE[2], "sglang-0.5.23/details/c4-details.jsonl", 200_000_000)


def main():
    binary, target, own = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    if len(own) not in (0, 2):
        sys.exit(f"error: found {len(own)} bundles of your own; expected a baseline and a current run, or none")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        # In a process of its own: a child begins with the memory of its parent, and its peak would be that of the data.
        subprocess.run([sys.executable, __file__, "make", scratch], check=True)
        big, vllm, sglang = (scratch / name for name in MADE)
        documents = {}
        for name in ["base-1", "regressed-1"]:
            documents[name] = scratch / f"{name}.json"
            documents[name].write_bytes(
                subprocess.run(
                    [binary, "ingest", "--source", TESTS / "data/bundles" / name], stdout=subprocess.PIPE, check=True
                ).stdout
            )
        print("| whole process | median CPU ms | by a bare Python start | peak memory MiB |\n|---|---:|---:|---:|")
        sides = lambda one, other: ["diff", "--json", "--baseline", one, "--current", other]
        bundles = [TESTS / "data/bundles" / name for name in ["base-1", "regressed-1"]]
        cases = {
            "start, without a command": ["--version"],
            "diff, document against document": sides(*documents.values()),
            "diff, document against a 5-level bundle": sides(documents["base-1"], bundles[1]),
            "diff, two 5-level bundles": sides(*bundles),
        }
        if own:
            files = [path for path in Path(own[0]).rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files) / 1e6
            cases[f"diff, two bundles of your own ({size:.1f} MB and {len(files)} files the first)"] = sides(*own)
        for name, arguments in cases.items():
            # In turn, so that the ratio holds whatever the machine does meanwhile.
            pairs = [(run([binary, *arguments]), run(PYTHON)) for _ in range(ROUNDS)]
            ratio = statistics.median(ours[0] / python[0] for ours, python in pairs)
            cpu, peak = statistics.median(ours[0] for ours, _ in pairs), max(ours[1] for ours, _ in pairs)
            print(f"| {name} | {cpu:.1f} | {ratio:.2f} | {peak:.0f} |")
        large = {"request records": big, "a detailed result of vLLM": vllm, "a detailed result of SGLang": sglang}
        for name, folder in large.items():
            measured = [run([binary, "ingest", "--source", folder, "--model", "tinyllama-7m"]) for _ in range(5)]
            time, peak = statistics.median(m[0] for m in measured), max(m[1] for m in measured)
            print(f"| ingest of 200 MB of {name}, hashing included | {time:.0f} | | {peak:.0f} |")
        print(flush=True)
        lines = next(big.rglob("*.jsonl"))
        parts = [scratch / "stages" / name for name in STAGES]
        subprocess.run([harness(target, "ledger"), *documents.values(), *parts], check=True)
        ceilings(scratch, lines)
        subprocess.run([harness(target, "ingest"), *bundles, *large.values()], check=True)


def harness(target, name):
    """The newest of the compiled benchmarks of that name."""
    found = (target / "release/deps").glob(f"{name}-*[0-9a-f]")
    return max(found, key=lambda path: path.stat().st_mtime)


def ceilings(scratch, lines):
    """What programs of others cost on the same request records, their start included."""
    size = lines.stat().st_size / 1e6
    print("| the same request records, by others | MB/s of CPU |\n|---|---:|")
    peers = {"wc -l": ["wc", "-l", lines]}
    parser = scratch / "simdjson"
    flags = ["-O3", "-march=native", "-o", parser, TESTS / "bench/simdjson.cpp", "-lsimdjson"]
    if shutil.which("g++") and subprocess.run(["g++", *flags], stderr=subprocess.DEVNULL).returncode == 0:
        peers["simdjson On-Demand, ten numbers a record"] = [parser, lines]
    else:
        print("not measured: simdjson (needs g++ and libsimdjson-dev)", file=sys.stderr)
    for name, command in peers.items():
        took = statistics.median(run(command)[0] for _ in range(5))
        print(f"| {name} | {size / took * 1e3:.0f} |")
    print(flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        main()
