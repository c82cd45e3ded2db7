"""The manifests of `examples`, by the schema of their platform, and what they say against the program."""

import subprocess
import unittest

import kubernetes_validate
import yaml

from support import PERFBRIDGE, REPOSITORY

JOB = REPOSITORY / "examples" / "kubernetes" / "gate-job.yaml"
CRONJOB = REPOSITORY / "examples" / "kubernetes" / "sweep-cronjob.yaml"
CRON = REPOSITORY / "examples" / "cron" / "perfbridge"
ARGO = REPOSITORY / "examples" / "argo" / "analysis-template.yaml"


class Manifests(unittest.TestCase):
    def test_the_job_is_one(self):
        job = yaml.safe_load(JOB.read_text(encoding="utf-8"))
        self.assertEqual(kubernetes_validate.validate(job, "1.32", strict=True), "1.32")
        broken = yaml.safe_load(JOB.read_text(encoding="utf-8"))
        broken["spec"]["podFailurePolicy"]["rules"][0]["action"] = 1
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, "1.32", strict=True)

    def test_it_knows_every_exit_code_and_its_options_exist(self):
        job = yaml.safe_load(JOB.read_text(encoding="utf-8"))
        rules = job["spec"]["podFailurePolicy"]["rules"]
        codes = [code for rule in rules if "onExitCodes" in rule for code in rule["onExitCodes"]["values"]]
        self.assertEqual(codes, [1, 3, 2, 70])
        (container,) = job["spec"]["template"]["spec"]["containers"]
        self.assertEqual({rule["onExitCodes"]["containerName"] for rule in rules[:3]}, {container["name"]})
        # Understood as far as to look for what it is to read: usage would be said first.
        ran = subprocess.run([PERFBRIDGE, *container["args"]], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 2, ran.stderr)
        self.assertIn("cannot read the policy", ran.stderr)

    def test_the_cronjob_is_one_and_its_options_exist(self):
        job = yaml.safe_load(CRONJOB.read_text(encoding="utf-8"))
        self.assertEqual(kubernetes_validate.validate(job, "1.32", strict=True), "1.32")
        broken = yaml.safe_load(CRONJOB.read_text(encoding="utf-8"))
        broken["spec"]["schedule"] = ["0 6 * * 1"]
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, "1.32", strict=True)
        (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        self.understands(container["args"])

    def test_the_line_for_cron_runs_a_sweep(self):
        line = CRON.read_text(encoding="utf-8").splitlines()[-1]
        self.assertEqual(line.split()[:7], ["0", "6", "*", "*", "1", "perf", "perfbridge"])
        words = line.split(" perfbridge ", 1)[1].split(" > ", 1)[0].split()
        self.understands(words)

    def understands(self, words):
        """As far as to look for a root that is not there: usage would be said first."""
        ran = subprocess.run([PERFBRIDGE, *words], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 2, ran.stderr)
        self.assertRegex(
            ran.stderr, "cannot read the policy|there is no such directory|is not a directory|nothing to sweep"
        )

    def test_argo_s_says_that_nobody_has_tried_it(self):
        text = ARGO.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("# Unvalidated"))
        (metric,) = yaml.safe_load(text)["spec"]["metrics"]
        # Every outcome that is in neither condition is inconclusive.
        self.assertEqual(metric["successCondition"], 'result == "pass"')
        self.assertEqual(metric["failureCondition"], 'result == "fail" || result == "error"')


if __name__ == "__main__":
    unittest.main()
