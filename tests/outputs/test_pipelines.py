"""The files for pipelines, by the schemas of their platforms, and the script of GitLab's component, run by bash."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

from support import DATA, PERFBRIDGE, REPOSITORY

BUNDLES = DATA / "page"
FILES = {
    "action.yml": "github-actions",
    ".github/workflows/ci.yml": "github-workflows",
    "examples/github/pull-request.yml": "github-workflows",
    "examples/buildkite/pipeline.yml": "buildkite",
}


def checked(path, schema):
    """What check-jsonschema says of a file, by a schema that it brings: its exit code and text."""
    ran = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def component(**inputs):
    """GitLab's component with its inputs filled in, as text."""
    head, body = (REPOSITORY / "templates" / "gate.yml").read_text(encoding="utf-8").split("\n---\n")
    for name, described in yaml.safe_load(head)["spec"]["inputs"].items():
        value = inputs.pop(name, described.get("default"))
        assert value is not None, name
        body = body.replace(f"$[[ inputs.{name} ]]", str(value).lower() if isinstance(value, bool) else value)
    assert not inputs and "$[[" not in body, body
    return body


class Files(unittest.TestCase):
    def test_each_is_what_its_platform_takes(self):
        for name, schema in FILES.items():
            self.assertEqual(checked(REPOSITORY / name, schema)[0], 0, name)
        with tempfile.TemporaryDirectory() as place:
            made = pathlib.Path(place) / ".gitlab-ci.yml"
            made.write_text(component(image="registry.example.org/perfbridge", runs="runs/*"), encoding="utf-8")
            self.assertEqual(checked(made, "gitlab-ci"), (0, "ok -- validation done\n"))
            broken = pathlib.Path(place) / "action.yml"
            broken.write_text("name: x\nruns: {using: composite, steps: 5}\n", encoding="utf-8")
            self.assertEqual(checked(broken, "github-actions")[0], 1)

    def test_the_example_gives_only_inputs_that_there_are(self):
        workflow = yaml.safe_load((REPOSITORY / "examples/github/pull-request.yml").read_text(encoding="utf-8"))
        (gate,) = [
            step for step in workflow["jobs"]["gate"]["steps"] if "perfbridge/perfbridge@" in step.get("uses", "")
        ]
        action = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
        self.assertLessEqual(set(gate["with"]), set(action["inputs"]))


class GitLab(unittest.TestCase):
    def script(self, run, **inputs):
        """Runs the script in a checkout whose target branch has a baseline; gives the exit code and the files made."""
        place = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="perfbridge-gitlab-")))
        origin, checkout = place / "origin", place / "checkout"
        identity = ["-c", "user.name=tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"]
        origin.mkdir()
        for words in (
            ["git", "init", "--quiet", "--initial-branch=main"],
            [PERFBRIDGE, "init", "."],
            [PERFBRIDGE, "record", "--source", BUNDLES / "base-1", "--yes", "--repo-root", "."],
            ["git", "add", "--all", "--force"],
            ["git", *identity, "commit", "--quiet", "-m", "A baseline"],
            ["git", "clone", "--quiet", origin, checkout],
        ):
            subprocess.run(words, cwd=origin, check=True, capture_output=True)
        shutil.copytree(BUNDLES / run, checkout / "runs" / "1")
        job = yaml.safe_load(component(image="x", runs="runs/*", **inputs))["perfbridge"]
        binaries = place / "bin"
        binaries.mkdir()
        (binaries / "perfbridge").symlink_to(PERFBRIDGE)
        ran = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
            cwd=checkout,
            env={
                "PATH": f"{binaries}:{os.environ['PATH']}",
                "PERFBRIDGE_BASE": "main",
                "HOME": str(place),
                **job["variables"],
            },
            capture_output=True,
            text=True,
            check=False,
        )
        kept = {path.name for path in (checkout / "perfbridge-report").iterdir()}
        self.assertEqual(job["allow_failure"], {"exit_codes": 3})
        for report in job["artifacts"]["reports"].values():
            self.assertIn(pathlib.Path(report).name, kept, ran.stderr)
        return ran.returncode

    def test_a_regression_fails_and_what_is_undecided_is_the_team_s_choice(self):
        self.assertEqual(self.script("regressed-1"), 1)
        self.assertEqual(self.script("base-2"), 103)
        self.assertEqual(self.script("base-2", inconclusive_fails=False), 3)


if __name__ == "__main__":
    unittest.main()
