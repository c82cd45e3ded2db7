"""Text from outside in every place that a document has, through every form: each reader finds what it finds with harmless
text, and nothing else."""

import re
import shutil
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

from markdown_it import MarkdownIt

from consumers import READERS
from support import DATA, GOLDEN, OTHERS, Judged, golden, judged

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

    def compare(self, made):
        """Structure for structure, what the readers found; `judged` has let each of them read."""
        plain = self.harmless
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
                self.compare(made)
                for name, written in made.text.items():
                    # In JSON a text is as it was.
                    if name not in ("json", "page", "policy"):
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
