#!/usr/bin/env python3
"""Logs a judgement onto the W&B run that AIPerf made of the same benchmark.

    export WANDB_PROJECT=my-benchmarks WANDB_ENTITY=my-team
    perfbridge gate runs/1 --format markdown=judgement.md --notify 'python3 to_wandb.py --markdown judgement.md runs/1'

The judgement, `perfbridge_judgement_v1`, comes on stdin. AIPerf lets W&B keep its state in the directory of a result, as
`wandb/run-TIME-ID`, which is how the run is found. Project, team and key are those of your environment and of no file. With
WANDB_MODE=offline the judgement is kept in `wandb` of the working directory, and `wandb sync` brings both to the server; what was judged
stays as it is.
"""

import argparse
import json
import os
import pathlib
import re
import sys
import tempfile

import wandb

STATE = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-([A-Za-z0-9_-]{1,64})")


def wanted():
    parser = argparse.ArgumentParser(description="Logs a judgement onto the W&B run that AIPerf made.")
    parser.add_argument("directories", nargs="+", type=pathlib.Path, help="directories of the judged runs")
    parser.add_argument("--markdown", type=pathlib.Path, help="the judgement as Markdown, to be kept beside the JSON")
    return parser.parse_args()


def found(directories):
    """The ids of the runs that AIPerf made in these directories."""
    runs = []
    for directory in directories:
        for state in sorted(directory.rglob("wandb/*run-*")):
            match = STATE.fullmatch(state.name)
            if match and state.is_dir() and not state.is_symlink():
                runs.append(match[1])
    if not runs:
        sys.exit(
            f"error: there is no W&B run in {', '.join(map(str, directories))}; expected wandb/run-TIME-ID, as AIPerf leaves it"
        )
    return list(dict.fromkeys(runs))


def summary(judgement):
    """The decision, and both numbers and the change of each row: `perfbridge/c16/ttft_p50_ms/current`."""
    gate = judgement.get("gate") or {}
    said = {
        "verdict": judgement["verdict"],
        "rule": judgement["rule"],
        "tier": judgement["tier"],
        "outcome": gate.get("outcome"),
        "line": os.environ.get("PERFBRIDGE_LINE"),
        "component": os.environ.get("PERFBRIDGE_COMPONENT"),
    }
    kept = {f"perfbridge/{name}": value for name, value in said.items() if value}
    for row in judgement["rows"]:
        for side in ("baseline", "current", "delta_pct"):
            if row[side] is not None:
                # A class of kernels has any name.
                name = re.sub(r"[^\w.-]", "_", row["metric"], flags=re.ASCII)
                kept[f"perfbridge/{row['place'].replace('/', '_')}/{name}/{side}"] = row[side]
    return kept


def main():
    given = wanted()
    if not os.environ.get("WANDB_PROJECT"):
        sys.exit("error: WANDB_PROJECT is not set; expected the project that AIPerf exported to")
    text = sys.stdin.read()
    judgement = json.loads(text)
    if judgement.get("schema") != "perfbridge_judgement_v1":
        sys.exit("error: stdin is no judgement; expected the JSON of perfbridge_judgement_v1")
    for run_id in found(given.directories):
        offline = os.environ.get("WANDB_MODE") == "offline"
        # Online it has to be there; offline nobody can say.
        run = wandb.init(id=run_id, resume=None if offline else "must")
        run.summary.update(summary(judgement))
        with tempfile.TemporaryDirectory(prefix="perfbridge-") as place:
            kept = wandb.Artifact(f"perfbridge-{run_id}", type="perfbridge-judgement")
            path = pathlib.Path(place) / "judgement.json"
            path.write_text(text, encoding="utf-8")
            kept.add_file(str(path), name="judgement.json")
            if given.markdown:
                kept.add_file(str(given.markdown), name="judgement.md")
            run.log_artifact(kept)
            run.finish()
        print(f"logged {judgement['verdict']} onto the W&B run {run_id}")


if __name__ == "__main__":
    main()
