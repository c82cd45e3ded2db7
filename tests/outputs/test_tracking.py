"""A judgement on the run that AIPerf made: MLflow, a real server on this machine, and W&B, which keeps runs on disk where it is
offline. Both by `gate --notify` and by their own clients."""

import contextlib
import json
import os
import pathlib
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from support import DATA, PERFBRIDGE, REPOSITORY

BUNDLES = DATA / "bundles"
EXAMPLES = REPOSITORY / "examples"
# What keeps the clients from asking anybody but the server of the test.
QUIET = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_SILENT": "true",
}
os.environ.update(QUIET)

# A server starts in seconds; a machine that is busy takes longer.
START = 120


@contextlib.contextmanager
def server(place):
    """An MLflow server with a store of its own; gives its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--gunicorn-opts", "--no-control-socket"]
    store = ["--backend-store-uri", f"sqlite:///{place}/store.db", "--artifacts-destination", f"{place}/artifacts"]
    with open(place / "server.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *words, *store], cwd=place, stdout=log, stderr=log
        )
    address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START
    try:
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=5):
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
                raise AssertionError((place / "server.log").read_text())
            assert time.monotonic() < deadline, (place / "server.log").read_text()
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def results(bundle):
    """Every result of AIPerf in a bundle, with its benchmark id."""
    for path in sorted(bundle.rglob("profile_export_aiperf.json")):
        yield path.parent, json.loads(path.read_text(encoding="utf-8"))["benchmark_id"]


class Tracking(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="perfbridge-tracking-")))
        self.run = self.place / "runs" / "a run"
        shutil.copytree(BUNDLES / "regressed-1", self.run)

    def gate(self, script, *arguments, **environment):
        """A gate that tells this script: its exit code is that of the regression, whatever the script does."""
        words = [sys.executable, EXAMPLES / script, "--markdown", "judgement.md", *arguments]
        ran = subprocess.run(
            [
                *(PERFBRIDGE, "gate", self.run, "--baseline", BUNDLES / "base-1"),
                *("--format", "json=judgement.json", "--format", "markdown=judgement.md"),
                *("--notify", shlex.join(map(str, words)), "--notify-timeout", "300"),
            ],
            cwd=self.place,
            env={"PATH": os.environ["PATH"], "HOME": str(self.place), **QUIET, **environment},
            capture_output=True,
            text=True,
        )
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.kept = {name: (self.place / name).read_bytes().decode() for name in ("judgement.json", "judgement.md")}
        return ran.stderr

    def rows(self):
        """What is to be kept of each row, by `PLACE/METRIC/SIDE`."""
        judgement = json.loads(self.kept["judgement.json"])
        return {
            f"{row['place']}/{row['metric']}/{side}": row[side]
            for row in judgement["rows"]
            for side in ("baseline", "current", "delta_pct")
            if row[side] is not None
        }


class MLflow(Tracking):
    @classmethod
    def setUpClass(cls):
        from mlflow.tracking import MlflowClient

        place = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="perfbridge-mlflow-")))
        cls.address = cls.enterClassContext(server(place))
        cls.client = MlflowClient(cls.address)
        cls.experiment = cls.client.create_experiment("aiperf")

    def exported(self, directory, benchmark, leaves=True):
        """What AIPerf does behind `--mlflow-tracking-uri`: a run with its tags, and the file that says which it is."""
        tags = {"aiperf.version": "0.14.0", "benchmark_id": benchmark}
        run = self.client.create_run(self.experiment, tags=tags).info.run_id
        self.client.log_metric(run, "time_to_first_token.p50", 12.5)
        self.client.set_terminated(run)
        if leaves:
            # The address is not what tells the script where to go.
            said = {
                "tracking_uri": "http://nowhere.invalid",
                "experiment": "aiperf",
                "run_id": run,
                "benchmark_id": benchmark,
            }
            (directory / "mlflow_export.json").write_text(json.dumps(said), encoding="utf-8")
        return run

    def logged(self, run):
        """Checks that the judgement is on a run, and that what AIPerf logged still is."""
        kept = self.client.get_run(run)
        judgement = json.loads(self.kept["judgement.json"])
        tags = {name[11:]: value for name, value in kept.data.tags.items() if name.startswith("perfbridge.")}
        component = tags.pop("component")
        self.assertRegex(component, "^[0-9a-f]{64}$")
        line = tags.pop("line")
        self.assertTrue(line.startswith(f"RED (DRAFT) by rule {judgement['rule']} for tinyllama"), line)
        self.assertEqual(tags, {"verdict": "RED", "rule": judgement["rule"], "tier": "DRAFT", "outcome": "fail"})
        metrics = {name[11:]: value for name, value in kept.data.metrics.items() if name.startswith("perfbridge/")}
        self.assertEqual(metrics, self.rows())
        self.assertGreater(len(metrics), 60)
        self.assertEqual(kept.data.metrics["time_to_first_token.p50"], 12.5)
        self.assertEqual((kept.info.status, kept.data.tags["aiperf.version"]), ("FINISHED", "0.14.0"))
        for name, text in self.kept.items():
            path = self.client.download_artifacts(run, f"perfbridge/{name}", self.place)
            self.assertEqual(pathlib.Path(path).read_bytes().decode(), text)

    def test_every_run_that_AIPerf_left_in_the_directory_has_it(self):
        runs = [self.exported(directory, benchmark) for directory, benchmark in results(self.run)]
        self.assertEqual(len(runs), 5)
        said = self.gate("mlflow/to_mlflow.py", self.run, MLFLOW_TRACKING_URI=self.address)
        self.assertNotIn("warning: ", said)
        for run in runs:
            self.assertIn(f"onto the MLflow run {run}\n", said)
            self.logged(run)

    def test_a_run_is_found_by_its_benchmark(self):
        (directory, _), *_others = results(self.run)
        export = directory / "profile_export_aiperf.json"
        said = json.loads(export.read_text(encoding="utf-8"))
        export.write_text(json.dumps({**said, "benchmark_id": "found-by-tag"}), encoding="utf-8")
        run = self.exported(directory, "found-by-tag", leaves=False)
        said = self.gate("mlflow/to_mlflow.py", directory, MLFLOW_TRACKING_URI=self.address)
        self.assertIn(f"onto the MLflow run {run}\n", said)
        self.logged(run)

    def test_what_is_no_run_of_this_benchmark_is_left_alone(self):
        (directory, benchmark), *_ = results(self.run)
        foreign = self.exported(directory, "of-somebody-else")
        for change, words in (
            ({"run_id": foreign}, f"error: the MLflow run {foreign} is not of the benchmark {benchmark}"),
            ({"run_id": "../../x"}, "names no run"),
            ({"run": foreign}, "is not what AIPerf writes"),
        ):
            (directory / "mlflow_export.json").write_text(json.dumps(change), encoding="utf-8")
            said = self.gate("mlflow/to_mlflow.py", directory, MLFLOW_TRACKING_URI=self.address)
            self.assertIn(words, said)
            self.assertIn("warning: the program of --notify ended with exit code 1; the gate ends as it decided", said)
        self.assertNotIn("perfbridge.verdict", self.client.get_run(foreign).data.tags)
        (directory / "mlflow_export.json").unlink()
        said = self.gate("mlflow/to_mlflow.py", self.place / "judgement.json", MLFLOW_TRACKING_URI=self.address)
        self.assertIn("error: there is no MLflow run of these results", said)
        self.assertIn("error: MLFLOW_TRACKING_URI is not set", self.gate("mlflow/to_mlflow.py", directory))


def records(path):
    """Every record of a run that W&B keeps on disk: chunks behind a header, in blocks of 32 KiB."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, at, text = path.read_bytes(), 7, b""
    assert data[:4] == b":W&B", data[:8]
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        _, size, kind = struct.unpack_from("<IHB", data, at)
        text += data[at + 7 : at + 7 + size]
        at += 7 + size
        # Whole, or the last of several.
        if kind in (1, 4):
            record = Record()
            record.ParseFromString(text)
            text = b""
            yield record


class WeightsAndBiases(Tracking):
    def exported(self, directory):
        """What AIPerf does behind `--wandb-project`: a run whose state is below the directory of the result."""
        make = "import sys, wandb; run = wandb.init(dir=sys.argv[1], name='aiperf-1'); print(run.id); run.finish()"
        ran = subprocess.run(
            [sys.executable, "-c", make, directory],
            env={**self.environment(), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    def environment(self):
        return {"HOME": str(self.place), "WANDB_MODE": "offline", "WANDB_PROJECT": "benchmarks", **QUIET}

    def test_the_run_that_AIPerf_made_has_it(self):
        directory = self.run / "aiperf-c16"
        made = self.exported(directory)
        before = sorted(path.name for path in directory.rglob("*"))
        # W&B leaves links there, and the run is read all the same.
        self.assertTrue((directory / "wandb" / "latest-run").is_symlink())
        said = self.gate("wandb/to_wandb.py", self.run, **self.environment())
        self.assertIn(f"logged RED onto the W&B run {made}\n", said)
        self.assertEqual(sorted(path.name for path in directory.rglob("*")), before)
        (state,) = (self.place / "wandb").glob(f"offline-run-*-{made}")
        summary, files, artefacts = {}, [], []
        for record in records(next(state.glob("*.wandb"))):
            if record.HasField("run"):
                self.assertEqual((record.run.run_id, record.run.project), (made, "benchmarks"))
            for item in record.summary.update:
                name = item.key or "/".join(item.nested_key)
                summary[name] = json.loads(item.value_json)
            if record.request.HasField("log_artifact") or record.HasField("artifact"):
                artefact = record.artifact if record.HasField("artifact") else record.request.log_artifact.artifact
                artefacts.append((artefact.name, artefact.type))
                files += [entry.path for entry in artefact.manifest.contents]
        judgement = json.loads(self.kept["judgement.json"])
        kept = {name[11:]: value for name, value in summary.items() if name.startswith("perfbridge/")}
        self.assertRegex(kept.pop("component"), "^[0-9a-f]{64}$")
        self.assertTrue(kept.pop("line").startswith("RED (DRAFT)"))
        decision = {"verdict": "RED", "rule": judgement["rule"], "tier": "DRAFT", "outcome": "fail"}
        self.assertEqual(kept, {**decision, **self.rows()})
        self.assertEqual(artefacts, [(f"perfbridge-{made}", "perfbridge-judgement")])
        self.assertEqual(sorted(files), ["judgement.json", "judgement.md"])

    def test_without_a_run_or_a_project_nothing_is_logged(self):
        said = self.gate("wandb/to_wandb.py", self.run, **self.environment())
        self.assertIn("error: there is no W&B run in ", said)
        environment = self.environment()
        del environment["WANDB_PROJECT"]
        said = self.gate("wandb/to_wandb.py", self.run, **environment)
        self.assertIn("error: WANDB_PROJECT is not set", said)
        self.assertIn("warning: the program of --notify ended with exit code 1", said)


if __name__ == "__main__":
    unittest.main()
