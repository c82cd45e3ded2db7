#!/usr/bin/env python3
"""Logs a judgement onto the MLflow run that AIPerf made of the same benchmark.

    perfbridge gate runs/1 --format markdown=judgement.md --notify 'python3 to_mlflow.py --markdown judgement.md runs/1'

The judgement, `perfbridge_judgement_v1`, comes on stdin. Which run it is, `mlflow_export.json` says, which AIPerf writes into the
directory of each result. Without one, the run is searched that has the benchmark id of the result for a tag, as AIPerf gives it. The
server is MLFLOW_TRACKING_URI alone: a file that came with a pull request could send your token elsewhere.
"""

import argparse
import json
import os
import pathlib
import re
import sys
import time

from mlflow.entities import Metric, RunTag
from mlflow.tracking import MlflowClient

# What MLflow takes at once, and in one name and tag.
BATCH, NAME, TAG = 1000, 250, 5000
EXPORT, RESULT = "mlflow_export.json", "profile_export_aiperf.json"


def wanted():
    parser = argparse.ArgumentParser(description="Logs a judgement onto the MLflow run that AIPerf made.")
    parser.add_argument("directories", nargs="+", type=pathlib.Path, help="directories of the judged runs")
    parser.add_argument("--markdown", type=pathlib.Path, help="the judgement as Markdown, to be kept beside the JSON")
    return parser.parse_args()


def results(directories):
    """Every result of AIPerf below these directories: its benchmark id, and its MLflow run where AIPerf left that."""
    for directory in directories:
        for path in sorted(directory.rglob(RESULT)):
            export = path.with_name(EXPORT)
            try:
                benchmark = json.loads(path.read_text(encoding="utf-8"))["benchmark_id"]
                run = json.loads(export.read_text(encoding="utf-8"))["run_id"] if export.is_file() else None
            except (ValueError, KeyError, TypeError):
                sys.exit(
                    f"error: {path} or {EXPORT} beside it is not what AIPerf writes; expected benchmark_id and run_id"
                )
            if not re.fullmatch("[A-Za-z0-9_-]{1,64}", str(benchmark)) or (
                run and not re.fullmatch("[0-9a-f]{32}", str(run))
            ):
                sys.exit(f"error: {path} names no run; found the benchmark {benchmark!r} and the run {run!r}")
            yield benchmark, run


def found(client, directories):
    """The MLflow runs of these results. Each says of itself that it is, whatever a file says."""
    runs, experiments = [], None
    for benchmark, run in results(directories):
        if run:
            if client.get_run(run).data.tags.get("benchmark_id") != benchmark:
                sys.exit(
                    f"error: the MLflow run {run} is not of the benchmark {benchmark}; its tag benchmark_id says another"
                )
            runs.append(run)
            continue
        experiments = experiments or [one.experiment_id for one in client.search_experiments()]
        runs += [one.info.run_id for one in client.search_runs(experiments, f"tags.benchmark_id = '{benchmark}'")]
    if not runs:
        sys.exit(
            f"error: there is no MLflow run of these results; expected {EXPORT} beside them, or runs with their benchmark id"
        )
    return list(dict.fromkeys(runs))


def metrics(judgement):
    """Both numbers and the change of each row, as numbers that MLflow plots: `perfbridge/c16/ttft_p50_ms/current`."""
    now = int(time.time() * 1000)
    for row in judgement["rows"]:
        for side in ("baseline", "current", "delta_pct"):
            if row[side] is not None:
                # A class of kernels has any name.
                name = re.sub(
                    r"[^\w./ -]", "_", f"perfbridge/{row['place'].replace('/', '_')}/{row['metric']}", flags=re.ASCII
                )
                yield Metric(f"{name[: NAME - 10]}/{side}", row[side], now, 0)


def tags(judgement):
    gate = judgement.get("gate") or {}
    said = {
        "verdict": judgement["verdict"],
        "rule": judgement["rule"],
        "tier": judgement["tier"],
        "outcome": gate.get("outcome"),
        "line": os.environ.get("PERFBRIDGE_LINE"),
        "component": os.environ.get("PERFBRIDGE_COMPONENT"),
    }
    return [RunTag(f"perfbridge.{name}", value[:TAG]) for name, value in said.items() if value]


def main():
    given = wanted()
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        sys.exit("error: MLFLOW_TRACKING_URI is not set; expected the address of the tracking server")
    text = sys.stdin.read()
    judgement = json.loads(text)
    if judgement.get("schema") != "perfbridge_judgement_v1":
        sys.exit("error: stdin is no judgement; expected the JSON of perfbridge_judgement_v1")
    client = MlflowClient()
    numbers = list(metrics(judgement))
    for run in found(client, given.directories):
        client.log_batch(run, tags=tags(judgement))
        for at in range(0, len(numbers), BATCH):
            client.log_batch(run, metrics=numbers[at : at + BATCH])
        client.log_text(run, text, "perfbridge/judgement.json")
        if given.markdown:
            client.log_text(run, given.markdown.read_text(encoding="utf-8"), "perfbridge/judgement.md")
        print(f"logged {judgement['verdict']} and {len(numbers)} numbers onto the MLflow run {run}")


if __name__ == "__main__":
    main()
