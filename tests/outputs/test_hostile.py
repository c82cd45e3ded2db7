"""Text from outside in every place that a document has, through every form: each reader finds what it finds with harmless
text, and nothing else."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

from markdown_it import MarkdownIt

from consumers import READERS
from support import DATA, GOLDEN, OTHERS, PERFBRIDGE, Judged, golden, judged

HOSTILE = [
    "::error file=x,line=1::pwned",
    "x ##[error]pwned ##vso[task.setvariable variable=a]b ##teamcity[x] ###",
    "x\n::error::pwned\r\n::set-output name=a::b",
    "%0A::error::pwned%0D",
    "a|b\\|c| --- |",
    "`x` ``` ~~~",
    "<script>alert(1)</script><!--",
    "</failure></testcase></testsuite></testsuites>",
    "]]><x/>&lt;&#0;&bogus;",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    "\uff1d1+1",
    '"},\n{"ruleId":"x"}]',
    'model" } 1\nperfbridge_regressed{place="x"} 1\n# EOF',
    "\u202eevil\u2066\u200b\u200f\u061c\ufeff\U000e0041",
    "\u001b[2J\u001b]8;;http://x\u0007\u0000\u0085\u2028x",
    "\ufffe\uffff",
    "![x](http://evil.example/p.png) [a](javascript:x) <http://evil.example>",
    "@everyone #1 www.evil.example https://evil.example *b* _i_ ~s~ :smile:",
    "# head\n\n- item\n\n> quote\n\n| a |\n|---|",
    "{{7*7}} ${jndi:ldap://x} $(id) `id` ; rm -rf /",
    "x" * 20_000,
    "é模型🙂" * 2_000,
]
HIDDEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
# What a spreadsheet computes, the wide forms too.
COMPUTED = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
HARMLESS = "harmless text"
# What our own Markdown has of HTML.
OURS = re.compile(r"</?(?:details|summary|span)>|<!-- -->")


def documents(text):
    """Two sides with the text in every place, of which the second is worse: a class of kernels that has the text for its
    name, fields of the context, findings, names of runs."""
    sides = [golden("run1"), golden("run1")]
    for side, (throughput, share) in zip(sides, ((742.9, 10.0), (500.0, 30.0)), strict=True):
        side["model"] = text
        side["model_path"] = text
        side["deployment"].update(namespace=text, service=text, quantization=text)
        side["workload"].update(dataset=text, split=text)
        side["context"] = {"hardware": text, "image": text + str(share), "request_options": text}
        side["metrics"]["16"].update(throughput_toks_per_s=throughput, run_id=text, start_time=text)
        side["kernel_class_gpu_pct"] = {text: share}
        side["validity"] = [text]
        side["findings"] = [
            {"code": code, "severity": severity, "message": text, "where": text}
            for code, severity in (("CONTEXT_DISAGREES", "warning"), (text, "error"), ("OTHER", "info"))
        ]
        side["provenance"] = {"tool": text, "bundle_sha256": str(int(share)) * 32}
    return sides


def tags(text):
    return [(node.tag, sorted(node.attrib)) for node in ET.fromstring(text).iter()]


def blocks(markdown):
    """What a page makes of Markdown: the kinds of its blocks and of what stands in them, text aside. In a text is nothing
    that only HTML can say, but for our own."""
    parser = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
    found = []
    for token in parser.parse(markdown):
        found.append(token.type)
        for inner in token.children or []:
            # A name of plain letters stands in the type of code, any other one as text.
            if inner.type not in ("text", "softbreak", "text_special", "code_inline"):
                found.append(inner.type if inner.type != "html_inline" else inner.content)
    return [kind for kind in found if not OURS.fullmatch(kind)]


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.harmless = judged(*documents(HARMLESS))

    def compare(self, made, plain):
        """Structure for structure, what the readers found; `judged` has let each of them read."""
        self.assertEqual((made.json["verdict"], made.json["rule"]), (plain.json["verdict"], plain.json["rule"]))
        self.assertEqual(tags(made.text["junit"]), tags(plain.text["junit"]))
        outcomes = lambda of: [[[type(r) for r in case.result] for case in suite] for suite in of.read["junit"]]
        self.assertEqual(outcomes(made), outcomes(plain))
        kinds = lambda of: [kind for kind, _, _ in of.read["github"]]
        self.assertEqual(kinds(made), kinds(plain))
        levels = lambda of: [result["level"] for result in of.read["sarif"]["results"]]
        self.assertEqual(levels(made), levels(plain))
        severities = lambda of: [issue["severity"] for issue in of.read["gitlab"]]
        self.assertEqual(severities(made), severities(plain))
        samples = lambda of: [(f.name, len(f.samples)) for f in of.read["openmetrics"].values()]
        self.assertEqual(samples(made), samples(plain))
        self.assertEqual(len(made.read["csv"]), len(plain.read["csv"]))
        for row in made.read["csv"]:
            for name, cell in row.items():
                is_number = name in ("baseline", "current", "delta", "delta_pct", "tolerance")
                self.assertTrue(is_number or not cell.startswith(COMPUTED), cell[:80])
        self.assertIsNone(re.search(r"[*~|<&@#`\[\]{}!;]|://|\bwww\.", made.read["line"].split(": c16")[0]))
        for name in ("markdown", "markdown-explained", "summary"):
            self.assertEqual(blocks(made.text[name]), blocks(plain.text[name]), name)

    def test_text_is_text_in_every_form(self):
        for text in HOSTILE:
            with self.subTest(text[:60]):
                made = judged(*documents(text))
                self.compare(made, self.harmless)
                for name, written in made.text.items():
                    # In JSON a text is as it was.
                    if name not in ("json", "page", "policy", "sweep"):
                        found = HIDDEN.search(written.replace("\r\n", "\n"))
                        self.assertIsNone(found, (name, found))
                    # Whatever a job prints, no line of it is a command but those of `github`.
                    if name != "github":
                        self.assertIsNone(re.search(r"(?m)^\s*::", written), name)
                    if name != "openmetrics":
                        self.assertNotRegex(written, r"##(\[|vso|teamcity)", name)
                # What a log shows is short, whatever a name is.
                self.assertTrue(all(len(line) < 3_000 for line in made.text["github"].splitlines()))
                self.assertLess(len(made.text["answer"].encode()), 1025)

    def test_all_at_once(self):
        """A document of another tool's making may hold each of them as a class of kernels."""
        sides = documents(HARMLESS)
        for side, share in zip(sides, (1.0, 30.0), strict=True):
            side["kernel_class_gpu_pct"] = dict.fromkeys(HOSTILE[:-2], share)
        made = judged(*sides)
        places = [row["place"] for row in made.json["rows"]]
        self.assertGreaterEqual(places.count("profile"), len(HOSTILE[:-2]))
        samples = made.read["openmetrics"]["perfbridge_kernel_class_gpu_pct"].samples
        self.assertEqual(len({sample.labels["class"] for sample in samples}), len(HOSTILE[:-2]))

    def test_names_of_files(self):
        """A file and its folder with hostile names: they stand in findings and errors."""
        name = "c16 ::error::x ]]> |`<b>` \u202e\n=1"
        with tempfile.TemporaryDirectory(prefix="perfbridge-outputs-") as made:
            bundle = Path(made) / "bundle"
            shutil.copytree(DATA / "bundles" / "base-1", bundle)
            (folder,) = [path for path in bundle.rglob("*c16*") if path.is_dir()]
            folder.rename(folder.with_name(name))
            ran = Judged(DATA / "bundles" / "base-1", bundle)
            self.assertTrue(ran.json["verdict"])
            (bundle / name / "profile_export_aiperf.json").write_text('{"aiperf_version": \n', encoding="utf-8")
            with self.assertRaises(AssertionError) as refused:
                Judged(DATA / "bundles" / "base-1", bundle)
            message = str(refused.exception)
            self.assertTrue(message.startswith("error: "), message)
            self.assertIsNone(re.search("^::", message, re.MULTILINE), message)
            self.assertNotIn("\u202e", message)


def toml(text):
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def policy(text, name="tps"):
    """A policy that has the text in every place that takes one: waivers of both rows that got worse, and rules."""
    waivers = [f'metric = {toml(name)}\nplace = "c16"', 'metric = "ttft"\nplace = "c16"']
    said = f"reason = {toml(text)}\nowner = {toml(text)}\nexpires = 2999-01-31\n"
    rules = f'[[rule]]\nmetric = "itl"\nmodel = {toml(text)}\ntolerance = 5\n'
    return "".join(f"[[waiver]]\n{waiver}\n{said}" for waiver in waivers) + rules


class Policies(unittest.TestCase):
    """A policy of a pull request: texts of waivers stand in every form, all others in errors."""

    def setUp(self):
        self.place = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="perfbridge-outputs-")))

    def sides(self):
        """Two documents, of which the second is slower and says when it was made."""
        before, after = golden("run1"), golden("run1")
        after["metrics"]["16"]["throughput_toks_per_s"] *= 0.8
        after["provenance"] = {"captured_at": "2026-11-20T10:00:00Z"}
        for name, side in (("before", before), ("after", after)):
            (self.place / name).write_text(json.dumps(side), encoding="utf-8")
        return self.place / "before", self.place / "after"

    def gate(self, text):
        before, after = self.sides()
        (self.place / "p.toml").write_text(text, encoding="utf-8")
        return Judged("--baseline", before, after, "--policy", self.place / "p.toml", command="gate")

    def printed(self, *words):
        """What a command prints, which steers nobody."""
        environment = {"PATH": os.environ["PATH"], "COLUMNS": "80"}
        ran = subprocess.run([PERFBRIDGE, *map(str, words)], cwd=self.place, env=environment, capture_output=True)
        said = ran.stdout.decode() + ran.stderr.decode()
        self.assertIsNone(HIDDEN.search(said), words)
        self.assertNotRegex(said, r"(?m)^\s*::|##(\[|vso|teamcity)")
        return ran.returncode, said

    def test_texts_of_waivers_are_texts_in_every_form(self):
        plain = self.gate(policy(HARMLESS))
        self.assertEqual(plain.json["gate"]["verdict"], "GREEN")
        self.assertEqual(len(plain.json["gate"]["waived"]), 1)
        taken = 0
        for text in HOSTILE:
            with self.subTest(text[:60]):
                if len(text) > 300 or any(unicodedata.category(c) == "Cc" for c in text):
                    code, said = self.refused(policy(text))
                    self.assertEqual(code, 2, said)
                    self.assertIn("expected a text of 1 to 300 characters", said.replace("\n  ", " "))
                    continue
                made = self.gate(policy(text))
                taken += 1
                Hostile.compare(self, made, plain)
                self.assertEqual(made.json["gate"]["waived"][0]["owner"], text)
                for name, written in made.text.items():
                    if name not in ("json", "page", "policy", "sweep"):
                        self.assertIsNone(HIDDEN.search(written.replace("\r\n", "\n")), name)
                    if name != "github":
                        self.assertNotRegex(written, r"(?m)^\s*::", name)
                    if name != "openmetrics":
                        self.assertNotRegex(written, r"##(\[|vso|teamcity)", name)
                self.assertLess(len(made.text["answer"].encode()), 1025)
                before, after = self.sides()
                explained = self.printed("policy", "explain", before, after, "--policy", "p.toml")
                self.assertEqual(explained[0], 0)
                self.assertIn("waiver 1: throughput_toks_per_s at c16 by ", explained[1])
        self.assertGreater(taken, 12)

    def refused(self, text):
        (self.place / "p.toml").write_text(text, encoding="utf-8")
        before, after = self.sides()
        gate = self.printed("gate", "--baseline", before, after, "--policy", "p.toml")
        self.assertEqual(self.printed("policy", "check", "p.toml"), gate)
        return gate

    def test_what_is_refused_steers_nobody(self):
        for text in HOSTILE:
            with self.subTest(text[:60]):
                for broken in (
                    f"{toml(text)} = 1\n",
                    f"[tolerance]\n{toml(text)} = 3\n",
                    f"[tolerance]\ntps = {toml(text)}\n",
                    f"vary = [{toml(text)}]\n",
                    f"fail_on = {toml(text)}\n",
                    f"headline_level = {toml(text)}\n",
                    policy(HARMLESS, text),
                    f'[[rule]]\nmetric = "ttft"\nplace = {toml(text)}\ntolerance = 3\n',
                    # No TOML at all.
                    f"a = {text}\n",
                ):
                    code, said = self.refused(broken)
                    self.assertEqual(code, 2, broken)
                    self.assertTrue(said.startswith("error: "), said)
                    # A sign that would be a command is taken apart.
                    self.assertLess(len(said.splitlines()[0]), 100 + broken.count("##"))
                    self.assertLess(len(said), 3_000 + len(text), broken[:80])

    def test_a_policy_names_no_program(self):
        for key in ("notify", "notify_on", "notify_state", "run", "today", "report_at"):
            code, said = self.refused(f'{key} = "touch pwned"\n')
            self.assertEqual(code, 2)
            self.assertIn(f'found the key "{key}"', said)
        before, after = self.sides()
        (self.place / "p.toml").write_text(policy("$(touch pwned) `touch pwned`; touch pwned"), encoding="utf-8")
        words = ["--notify", 'test -n "$PERFBRIDGE_LINE" && echo "told $PERFBRIDGE_LINE"']
        code, said = self.printed("gate", "--baseline", before, after, "--policy", "p.toml", *words)
        self.assertIn("told RED (DRAFT) by rule ", said)
        self.assertFalse((self.place / "pwned").exists())


class Complete(unittest.TestCase):
    def test_every_form_is_read_here(self):
        """A new form gets its place in `support` or in `consumers`, else it is not tested."""
        document = GOLDEN / "run1" / "inference_perfbench_v1.json"
        with self.assertRaises(AssertionError) as refused:
            Judged(document, document, "--format", "none")
        names = re.search(r"expected one of ([a-z, -]+);", str(refused.exception))
        self.assertEqual(set(names[1].split(", ")), {*OTHERS, *READERS})


if __name__ == "__main__":
    unittest.main()
