"""Every form of every case of the corpus, read by its reader and compared with what the case expects."""

import copy
import json
import pathlib
import subprocess
import tempfile
import unittest

import tomllib

from support import DATA, PERFBRIDGE, Judged, golden, judged

CASES = DATA / "cases"
JUDGED = ("REGRESSED", "UNRESOLVED", "IMPROVED", "WITHIN")
SHOWN_AS = {"error": "error", "warning": "warning", "info": "note"}


def of_case(place, scratch):
    """The forms of one case of `tests/data/cases`."""
    settings = tomllib.loads((place / "case.toml").read_text(encoding="utf-8"))
    words = []

    def add(flag, values):
        for value in values if isinstance(values, list) else [values]:
            words.extend([flag, str(value)])

    baseline = [CASES / path for path in settings["baseline"]]
    if "baseline_profile" in settings:
        profile = CASES / settings["baseline_profile"]
        ingest = [PERFBRIDGE, "ingest", "--source", *baseline, "--profile", profile]
        made = scratch / f"{place.name}.json"
        made.write_bytes(subprocess.run(ingest, check=True, capture_output=True).stdout)
        baseline = [made]
    add("--baseline", baseline)
    add("--current", [CASES / path for path in settings["current"]])
    add("--profile", [CASES / path for path in [settings.get("profile")] if path])
    for name in ("set", "vary", "model", "headline_level", "tails"):
        add("--" + name.replace("_", "-"), settings.get(name, []))
    return Judged(*words)


class Agreement:
    """What each form owes, whatever the judgement is; `expected` is the verdict, rule and tier, if they are known."""

    def check(self, made, expected):
        verdict, rule, tier = expected
        says = (made.json["verdict"], made.json["rule"], made.json["tier"])
        self.assertEqual(says, (verdict, rule, tier or says[2]))
        tier, counts = says[2], verdict != "NO_VERDICT"
        # A pass that is a draft says so wherever the verdict stands.
        draft = counts and tier == "DRAFT"
        self.junit(made, verdict, draft, counts)
        self.sarif(made, verdict, rule, tier)
        self.github(made, verdict, draft)
        self.gitlab(made, verdict, draft)
        self.openmetrics(made, verdict, rule, tier)
        self.csv(made, verdict, rule, tier)
        self.assertTrue(made.read["line"].startswith(f"{verdict} (DRAFT) by rule " if draft else f"{verdict} "))
        self.assertIn(f" by rule {rule} for ", made.read["line"])
        self.assertIn(f"**{verdict}** by rule `{rule}`", made.read["summary"])
        self.assertEqual(made.read["summary"], made.text["markdown-explained"])

    def junit(self, made, verdict, draft, counts):
        first, *suites = made.read["junit"]
        (case,) = list(first)
        kinds = [type(one).__name__ for one in case.result]
        self.assertEqual(kinds, {"RED": ["Failure"], "NO_VERDICT": ["Error"]}.get(verdict, []))
        said = case.system_out or case.result[0].text
        self.assertTrue(said.startswith(verdict), said)
        self.assertEqual("A draft: a verdict needs " in said, draft)
        properties = {one.name: one.value for one in first.properties()}
        model = made.json["context"]["current"]["model"]
        self.assertEqual((properties["verdict"], properties["model"]), (verdict, model))
        rows = made.json["rows"]
        self.assertEqual([suite.name for suite in suites], list(dict.fromkeys(row["place"] for row in rows)))
        found = {}
        for suite in suites:
            for case in suite:
                kind = [type(one).__name__ for one in case.result]
                found[suite.name, case.name] = kind[0] if kind else "Passed"
        for row in rows:
            expected = {"REGRESSED": "Failure"}.get(row["status"], "Passed")
            if not counts or row["status"] not in JUDGED:
                expected = "Skipped"
            self.assertEqual(found.pop((row["place"], row["metric"])), expected, row)
        self.assertEqual(found, {})

    def sarif(self, made, verdict, rule, tier):
        run = made.read["sarif"]
        properties = run["properties"]
        self.assertEqual((properties["verdict"], properties["rule"], properties["tier"]), (verdict, rule, tier))
        results = run["results"]
        level = {"RED": "error", "NO_VERDICT": "error", "YELLOW": "warning"}.get(verdict)
        verdicts = [result["level"] for result in results if result["ruleId"] == "verdict"]
        self.assertEqual(verdicts, [level] if level else [])
        at = [self.where(result) for result in results]
        for row in made.json["rows"]:
            one = [
                result["level"]
                for result, where in zip(results, at, strict=True)
                if where == path(row) and result["ruleId"] == row["metric"].split(".")[0]
            ]
            status = row["status"]
            expected = {"REGRESSED": "error" if verdict == "RED" else "warning", "UNRESOLVED": "warning"}.get(status)
            if expected and verdict == "NO_VERDICT":
                expected = "note"
            self.assertEqual(one, [expected] if expected else [], row)
        for finding in made.json["findings"]:
            one = (finding["code"], SHOWN_AS[finding["severity"]])
            self.assertIn(one, [(result["ruleId"], result["level"]) for result in results])

    @staticmethod
    def where(result):
        names = [at["fullyQualifiedName"] for at in result["locations"][0].get("logicalLocations", [])]
        return names[0] if names else None

    def github(self, made, verdict, draft):
        command, title, message = made.read["github"][0]
        expected = {"GREEN": "notice", "YELLOW": "warning"}.get(verdict, "error")
        self.assertEqual(command, expected)
        self.assertTrue(title.startswith(verdict) and message.startswith(title), title)
        self.assertEqual("(DRAFT)" in title, draft)

    def gitlab(self, made, verdict, draft):
        verdicts = [issue for issue in made.read["gitlab"] if issue["check_name"] == "verdict"]
        severity = {"RED": "blocker", "NO_VERDICT": "blocker", "YELLOW": "minor", "GREEN": "info"}[verdict]
        expected = [] if verdict == "GREEN" and not draft else [severity]
        self.assertEqual([issue["severity"] for issue in verdicts], expected)

    def openmetrics(self, made, verdict, rule, tier):
        families = made.read["openmetrics"]
        (info,) = families["perfbridge_judgement"].samples
        labels = info.labels
        self.assertEqual((labels["verdict"], labels["rule"], labels["tier"], info.value), (verdict, rule, tier, 1))
        found = {
            (family.name, *(sample.labels.get(name) for name in ("place", "class", "side"))): sample.value
            for family in families.values()
            if family.name not in ("perfbridge_judgement", "perfbridge_regressed")
            for sample in family.samples
        }
        for row in made.json["rows"]:
            metric, _, kind = row["metric"].partition(".")
            for side in ("baseline", "current"):
                value = found.pop((f"perfbridge_{metric}", row["place"], kind or None, side), None)
                self.assertEqual(value, row[side], row)
        self.assertEqual(found, {})
        regressed = families.get("perfbridge_regressed")
        samples = [(sample.labels["place"], sample.value) for sample in regressed.samples]
        expected = [row for row in made.json["rows"] if row["status"] in JUDGED]
        self.assertEqual(samples, [(row["place"], row["status"] == "REGRESSED") for row in expected])

    def csv(self, made, verdict, rule, tier):
        rows = made.read["csv"]
        self.assertEqual(len(rows), len(made.json["rows"]))
        for found, row in zip(rows, made.json["rows"], strict=True):
            for name in ("baseline", "current", "delta", "delta_pct", "tolerance"):
                value = None if found[name] == "" else float(found[name])
                self.assertEqual(value, row[name], row)
            for name in ("metric", "place", "unit", "direction", "status", "explanation", "tolerance_origin"):
                self.assertEqual(found[name], row[name])
            self.assertEqual((found["verdict"], found["rule"], found["tier"]), (verdict, rule, tier))


def path(row):
    """The dotted path of a row's number, after the description of the document."""
    level = row["level"]
    section = {"server": "server_metrics_delta.", "profile": ""}.get(level, f"metrics.{level}.")
    if level.endswith("/s"):
        section = f"metrics_by_request_rate[{level.removesuffix('/s')}]."
    return section + row["metric"]


class Forms(Agreement, unittest.TestCase):
    def test_every_case_of_the_corpus(self):
        verdicts = set()
        with tempfile.TemporaryDirectory(prefix="perfbridge-outputs-") as scratch:
            for place in sorted(CASES.iterdir()):
                if not (place / "case.toml").is_file():
                    continue
                expected = json.loads((place / "expected.json").read_text(encoding="utf-8"))
                with self.subTest(place.name):
                    made = of_case(place, pathlib.Path(scratch))
                    self.check(made, (expected["verdict"], expected["rule"], expected.get("tier")))
                    verdicts.add((made.json["verdict"], made.json["tier"]))
        passes = {("GREEN", "DRAFT"), ("GREEN", "VERDICT"), ("YELLOW", "DRAFT"), ("RED", "DRAFT"), ("RED", "VERDICT")}
        self.assertLessEqual(passes, verdicts)
        self.assertIn("NO_VERDICT", {verdict for verdict, _ in verdicts})

    def test_rates_and_places_of_one_side(self):
        """An open loop: places are rates, and one of them is gone."""
        before = golden("run1")
        cell = before["metrics"]["16"]
        before["metrics"] = {}
        before["metrics_by_request_rate"] = {"0.8": copy.deepcopy(cell), "5": copy.deepcopy(cell)}
        now = copy.deepcopy(before)
        now["metrics_by_request_rate"]["0.8"]["throughput_toks_per_s"] *= 0.9
        del now["metrics_by_request_rate"]["5"]
        made = judged(before, now)
        self.check(made, ("RED", "headline", "DRAFT"))
        self.assertIn("0.8/s throughput 742.9 -> 668.6 tok/s, -10.0 %", made.read["line"])

    def test_rows_without_a_number(self):
        """No number at all on the current side but the headline's, and none on either in a class of kernels."""
        before, now = golden("run1"), golden("run1")
        now["metrics"] = {"16": {"throughput_toks_per_s": 742.9}}
        now["server_metrics_delta"] = {}
        self.check(judged(before, now), ("YELLOW", "lost", "DRAFT"))

    def test_more_annotations_than_github_shows(self):
        """Forty levels are worse: ten errors are written, and the last of them says how many there are."""
        before = golden("run1")
        cell = before["metrics"]["16"]
        before["metrics"] = {str(level): copy.deepcopy(cell) for level in range(1, 41)}
        now = copy.deepcopy(before)
        for of_level in now["metrics"].values():
            of_level["throughput_toks_per_s"] *= 0.5
        made = judged(before, now)
        errors = [(title, message) for kind, title, message in made.read["github"] if kind == "error"]
        self.assertEqual(len(errors), 10)
        # The verdict and forty rows, of which nine stand there.
        self.assertEqual(errors[-1][0], "32 more")

    def test_an_entry_is_known_again(self):
        """Other numbers, the same entries: neither GitLab nor code scanning takes them for new ones."""

        def identities(factor):
            now = golden("run1")
            now["metrics"]["16"]["throughput_toks_per_s"] *= factor
            made = judged(golden("run1"), now)
            return (
                {issue["fingerprint"] for issue in made.read["gitlab"]},
                {json.dumps(result["partialFingerprints"]) for result in made.read["sarif"]["results"]},
            )

        self.assertEqual(identities(0.8), identities(0.7))
