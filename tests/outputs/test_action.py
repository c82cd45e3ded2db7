"""The steps of action.yml, run by bash with the platform's variables and files, against a stand-in of its API."""

import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import yaml

from support import DATA, PERFBRIDGE, REPOSITORY

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
BUNDLES = DATA / "page"


class Api(http.server.BaseHTTPRequestHandler):
    """Comments of one pull request, as GitHub keeps them; `refuses` is a status to answer with."""

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if "/releases/download/" in self.path:
            file = self.server.released.get(self.path.split("/releases/download/")[1])
            self.send_response(200 if file else 404)
            self.send_header("Content-Length", str(len(file or b"")))
            self.end_headers()
            return self.wfile.write(file or b"")
        page = int(re.search(r"[?&]page=(\d+)", self.path)[1])
        return self.answer(200, self.server.comments[100 * (page - 1) : 100 * page])

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        self.server.asked.append((self.command, self.path, self.headers["Authorization"]))
        if self.server.refuses:
            return self.answer(self.server.refuses, {})
        comments = self.server.comments
        if self.command == "POST":
            comments.append({"id": 1000 + len(comments), "body": body, "user": {"type": "Bot"}})
        else:
            wanted = int(self.path.rsplit("/", 1)[1])
            next(one for one in comments if one["id"] == wanted)["body"] = body
        return self.answer(200, {})

    do_PATCH = do_POST

    def log_message(self, *_):
        pass


def git(*words, cwd):
    identity = ["-c", "user.name=tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=cwd, check=True, capture_output=True)


class Runner:
    """One job of a pull request: runs the steps and keeps what they said."""

    def __init__(self, place, workspace, api, fork=False, **inputs):
        base = subprocess.run(
            ["git", "rev-parse", "origin/main"], cwd=workspace, capture_output=True, text=True, check=True
        )
        self.place, self.workspace = place, workspace
        self.values = {
            "github.action_ref": "v9.9.9",
            "github.base_ref": "main",
            "github.token": "secret-token",
            "github.event.pull_request.number": "7",
            "github.event.pull_request.base.sha": base.stdout.strip(),
            "github.event.pull_request.head.repo.full_name": "somebody/fork" if fork else "team/serving",
        }
        for name, described in ACTION["inputs"].items():
            self.values[f"inputs.{name}"] = self.filled(str(inputs.pop(name.replace("-", "_"), described["default"])))
        assert not inputs, f"no such inputs: {inputs}"
        binaries = place / "bin"
        binaries.mkdir()
        (binaries / "perfbridge").symlink_to(PERFBRIDGE)
        self.summary = place / "summary"
        self.environment = {
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "HOME": str(place),
            "RUNNER_TEMP": str(place / "temp"),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_ACTION_PATH": str(REPOSITORY),
            "GITHUB_REPOSITORY": "team/serving",
            "GITHUB_SERVER_URL": f"http://127.0.0.1:{api.server_port}",
            "GITHUB_API_URL": f"http://127.0.0.1:{api.server_port}",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_PATH": str(place / "path"),
        }
        (place / "temp").mkdir()

    def filled(self, text):
        return EXPRESSION.sub(
            lambda found: self.values.get(found[1], "") if found[1].startswith("steps.") else self.values[found[1]],
            text,
        )

    def run(self):
        """Runs the steps until one fails, as the platform does."""
        self.code, self.said = 0, ""
        for step in ACTION["runs"]["steps"]:
            script, told = self.place / "step.sh", self.place / "told"
            script.write_text(step["run"], encoding="utf-8")
            told.write_text("")
            given = {name: self.filled(value) for name, value in step.get("env", {}).items()}
            ran = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
                cwd=self.workspace,
                env={**self.environment, **given, "GITHUB_OUTPUT": str(told)},
                capture_output=True,
                text=True,
                check=False,
            )
            self.said += ran.stdout + ran.stderr
            for line in told.read_text(encoding="utf-8").splitlines():
                name, value = line.split("=", 1)
                self.values[f"steps.{step.get('id')}.outputs.{name}"] = value
            found = pathlib.Path(self.environment["GITHUB_PATH"])
            for line in found.read_text(encoding="utf-8").splitlines() if found.exists() else []:
                self.environment["PATH"] = f"{line}:{self.environment['PATH']}"
            found.unlink(missing_ok=True)
            if ran.returncode:
                self.code = ran.returncode
                break
        self.outputs = {name: self.filled(output["value"]) for name, output in ACTION["outputs"].items()}
        return self


class Steps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="perfbridge-action-")
        place = pathlib.Path(cls.scratch.name)
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.origin, made = place / "origin.git", place / "made"
        git("init", "--quiet", "--bare", "--initial-branch=main", cls.origin, cwd=place)
        git("clone", "--quiet", cls.origin, made, cwd=place)
        git("checkout", "--quiet", "-B", "main", cwd=made)
        (made / "serving.txt").write_text("max_num_seqs = 16\n")
        git("add", "--all", cwd=made)
        git("commit", "--quiet", "-m", "Nothing is registered yet", cwd=made)
        git("push", "--quiet", "origin", "main:empty", cwd=made)
        for words in (["init", "."], ["record", "--source", BUNDLES / "base-1", "--yes", "--repo-root", "."]):
            subprocess.run([PERFBRIDGE, *words], cwd=made, check=True, capture_output=True)
        git("add", "--all", "--force", cwd=made)
        git("commit", "--quiet", "-m", "A baseline", cwd=made)
        git("push", "--quiet", "origin", "main", cwd=made)

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="perfbridge-job-")
        self.addCleanup(scratch.cleanup)
        self.place = pathlib.Path(scratch.name)
        self.api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.api.comments, self.api.asked, self.api.refuses = [], [], None
        self.api.released = {}
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        self.addCleanup(self.api.server_close)
        self.addCleanup(self.api.shutdown)

    def job(self, run, base="main", name="job", **inputs):
        """A checkout of a pull request that leaves `run` in runs/1, and its job."""
        place = self.place / name
        place.mkdir()
        workspace = place / "workspace"
        git("clone", "--quiet", "--branch", base, self.origin, workspace, cwd=place)
        git("checkout", "--quiet", "-b", "change", cwd=workspace)
        git("branch", "--quiet", "--delete", "--force", base, cwd=workspace)
        if run:
            shutil.copytree(BUNDLES / run, workspace / "runs" / "1")
            inputs.setdefault("runs", "runs/*")
        runner = Runner(place, workspace, self.api, **inputs)
        runner.values["github.base_ref"] = base
        return runner

    def test_no_value_of_a_pull_request_is_part_of_a_script(self):
        for step in ACTION["runs"]["steps"]:
            self.assertNotIn("${{", step["run"], step["name"])
            self.assertEqual(step["shell"], "bash")

    def test_a_slower_head_is_stopped_and_commented_once(self):
        job = self.job("regressed-1").run()
        self.assertEqual(job.code, 1, job.said)
        self.assertEqual(
            (job.outputs["outcome"], job.outputs["verdict"], job.outputs["rule"]), ("fail", "RED", "headline")
        )
        self.assertIn("c16 throughput 259.8 -> 85.03 tok/s", job.outputs["line"])
        self.assertIn("::error title=", job.said)
        self.assertIn("-67.3 %", job.summary.read_text(encoding="utf-8"))
        kept = {path.name for path in pathlib.Path(job.outputs["directory"]).iterdir()}
        self.assertLessEqual({"judgement.json", "junit.xml", "perfbridge.sarif", "metrics.txt", "rows.csv"}, kept)
        (comment,) = self.api.comments
        self.assertIn("RED", comment["body"])
        self.assertEqual(self.api.asked, [("POST", "/repos/team/serving/issues/7/comments", "Bearer secret-token")])
        self.assertNotIn("secret-token", job.said)
        # A later run replaces it, behind a hundred others.
        self.api.comments[:0] = [{"id": at, "body": "+1", "user": {"type": "User"}} for at in range(120)]
        job = self.job("base-2", name="again").run()
        self.assertEqual(job.code, 3, job.said)
        self.assertEqual(len(self.api.comments), 121)
        self.assertIn("YELLOW", comment["body"])
        self.assertNotIn("RED", comment["body"].split("<details>")[0])

    def test_an_unchanged_run_passes_where_drafts_may(self):
        job = self.job(
            "base-2", arguments="--inconclusive=neutral\n--tolerance.ttft=60\n--tolerance.user=6\n--tolerance.itl=6"
        ).run()
        self.assertEqual(job.code, 0, job.said)
        self.assertEqual(job.outputs["outcome"], "inconclusive")
        self.assertEqual(job.outputs["exit-code"], "0")

    def test_a_fork_gets_no_comment_and_the_same_decision(self):
        job = self.job("regressed-1", fork=True).run()
        self.assertEqual((job.code, self.api.comments, self.api.asked), (1, [], []), job.said)
        self.assertIn("comes from a fork", job.said)
        self.assertIn("RED", job.summary.read_text(encoding="utf-8"))

    def test_a_missing_baseline_is_no_pass_and_says_what_makes_one(self):
        job = self.job("regressed-1", base="empty").run()
        self.assertEqual(job.code, 3, job.said)
        self.assertEqual((job.outputs["outcome"], job.outputs["verdict"]), ("inconclusive", ""))
        (comment,) = self.api.comments
        self.assertIn("perfbridge record", comment["body"])
        self.assertIn("perfbridge record", job.summary.read_text(encoding="utf-8"))

    def test_a_pull_request_brings_no_baseline_and_no_policy_of_its_own(self):
        job = self.job("regressed-1")
        (job.workspace / "perfbridge.toml").write_text("[tolerance]\nthroughput_toks_per_s = 99\nttft = 5000\n")
        shutil.rmtree(job.workspace / "experiments")
        job.run()
        self.assertEqual((job.code, job.outputs["verdict"]), (1, "RED"), job.said)

    def test_a_comment_that_github_refuses_decides_nothing(self):
        self.api.refuses = 403
        job = self.job("regressed-1").run()
        self.assertEqual(job.code, 1, job.said)
        self.assertIn("::warning title=Perfbridge::No comment was written: GitHub answered 403.", job.said)

    def test_base_and_head_are_measured_in_turn_on_one_runner(self):
        job = self.job(
            None,
            measure='grep -q 16 serving.txt && run=base-1 || run=regressed-1; cp -r "$DATA/$run/." "$PERFBRIDGE_RUN"',
            trials=2,
        )
        job.environment["DATA"] = str(BUNDLES)
        (job.workspace / "serving.txt").write_text("max_num_seqs = 4\n")
        job.run()
        told = re.findall(r"::group::Measuring (\w+), trial (\d)", job.said)
        self.assertEqual(told, [("base", "1"), ("head", "1"), ("head", "2"), ("base", "2")], job.said)
        # Copies are one run given twice, and that is said.
        self.assertEqual(job.code, 2, job.said)
        self.assertIn("one run given twice", job.said)
        once = self.job(None, name="once", measure=job.values["inputs.measure"], trials=1)
        once.environment["DATA"] = str(BUNDLES)
        (once.workspace / "serving.txt").write_text("max_num_seqs = 4\n")
        once.run()
        self.assertEqual((once.code, once.outputs["verdict"]), (1, "RED"), once.said)

    def test_wrong_inputs_are_told(self):
        wrong = {
            "trials": ({"measure": "true", "trials": "many"}, "The input trials is not a number from 1 to 20"),
            "run": ({"runs": "runs/none"}, "runs/none"),
        }
        for name, (inputs, said) in wrong.items():
            job = self.job(None, name=name, **inputs).run()
            self.assertEqual(job.code, 2, job.said)
            self.assertIn(said, job.said)
        job = self.job(None, name="push", measure="true")
        job.values["github.event.pull_request.base.sha"] = ""
        self.assertEqual(job.run().code, 2)
        self.assertIn("this run is of none", job.said)

    def test_without_a_binary_the_release_of_the_action_is_fetched_and_checked(self):
        system = os.uname()
        name = f"v9.9.9/perfbridge-{system.sysname.lower()}-{system.machine}"
        binary = pathlib.Path(PERFBRIDGE).read_bytes()
        self.api.released[name] = binary
        sums = f"{hashlib.sha256(binary).hexdigest()}  {name.split('/')[1]}\n"
        for sent, code in ((sums, 1), (sums.replace(sums[:8], "00000000"), 1)):
            self.api.released[f"{name}.sha256"] = sent.encode()
            job = self.job("regressed-1", name=f"with-{sent[:8]}")
            job.environment["PATH"] = os.environ["PATH"]
            self.assertEqual(job.run().code, code, job.said)
            good = sent == sums
            self.assertEqual(job.outputs["verdict"], "RED" if good else "", job.said)
            self.assertEqual("checksum did NOT match" in job.said, not good, job.said)
        job = self.job(None, name="no-version", version="main`x`")
        job.environment["PATH"] = os.environ["PATH"]
        self.assertEqual(job.run().code, 2)
        self.assertIn("'mainx' is no release; set the input version, as 0.2.0", job.said)


if __name__ == "__main__":
    unittest.main()
