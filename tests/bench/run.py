#!/usr/bin/env python3
"""Measures what the README states: `run.py PERFBRIDGE TARGET_DIR`.

CPU time and medians, since other work may run on the machine. The 200 MB of request records are real records of
tests/data/bundles/base-1-records, repeated; those of vLLM and SGLang are real detailed results with their requests repeated.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROUNDS = 21


def run(command, **options):
    """Runs a command to its end; CPU ms and peak memory in MiB."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    words = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{command} ended with {child.returncode}: {words.decode()}")
    return 1e3 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024


def records(into, size):
    source = TESTS / "data/bundles/base-1-records/aiperf-c16/profile_export.jsonl"
    lines = [line for line in source.read_bytes().splitlines(keepends=True) if b'"benchmark_phase":"profiling"' in line]
    folder = into / "records/aiperf-c16"
    folder.mkdir(parents=True)
    with open(folder / "profile_export.jsonl", "wb") as out:
        written = 0
        while written < size:
            out.writelines(lines)
            written += sum(map(len, lines))
    return folder.parent


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


def main():
    binary, target = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        big = records(scratch, 200_000_000)
        vllm = detailed(scratch, "vllm-detailed", "vllm-bench-0.32.0/detailed/c4-detailed.json", 200_000_000)
        sglang = detailed(scratch, "sglang-detailed", "sglang-0.5.23/details/c4-details.jsonl", 200_000_000)
        documents = {}
        for name in ["base-1", "regressed-1"]:
            documents[name] = scratch / f"{name}.json"
            documents[name].write_bytes(
                subprocess.run(
                    [binary, "ingest", "--source", TESTS / "data/bundles" / name], stdout=subprocess.PIPE, check=True
                ).stdout
            )
        print("| whole process | median CPU ms | peak memory MiB |\n|---|---:|---:|")
        cases = {
            "diff, document against a 5-level bundle": [
                "--baseline",
                documents["base-1"],
                "--current",
                TESTS / "data/bundles/regressed-1",
            ],
            "diff, document against document": [
                "--baseline",
                documents["base-1"],
                "--current",
                documents["regressed-1"],
            ],
        }
        for name, arguments in cases.items():
            measured = [run([binary, "diff", "--json", *arguments]) for _ in range(ROUNDS)]
            print(f"| {name} | {statistics.median(m[0] for m in measured):.1f} | {max(m[1] for m in measured):.0f} |")
        large = {"request records": big, "a detailed result of vLLM": vllm, "a detailed result of SGLang": sglang}
        for name, folder in large.items():
            measured = [run([binary, "ingest", "--source", folder, "--model", "tinyllama-7m"]) for _ in range(5)]
            time, peak = statistics.median(m[0] for m in measured), max(m[1] for m in measured)
            print(f"| ingest of 200 MB of {name}, hashing included | {time:.0f} | {peak:.0f} |")
        print(flush=True)
        harness = max((target / "release/deps").glob("ingest-*[0-9a-f]"), key=lambda path: path.stat().st_mtime)
        bundles = [TESTS / "data/bundles/base-1", TESTS / "data/bundles/regressed-1", *large.values()]
        subprocess.run([harness, *bundles], check=True)


if __name__ == "__main__":
    main()
