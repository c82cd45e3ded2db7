"""What a language model reads, in bytes: the replies of `perfbridge mcp` about real runs, as the official client gets
them, and the benchmark runs that the verbs take where documents stand."""

import contextlib
import functools
import hashlib
import json
import pathlib
import subprocess
import unittest

from support import PERFBRIDGE, REPOSITORY, make_root, perfbridge, session, text_of

BUNDLES = REPOSITORY / "tests" / "data" / "bundles"
# One reply, and the judgement in it.
ENVELOPE, ANSWER = 4096, 1024
MODEL = "tinyllama-7m-perfbench-v1"


def connected(test):
    """Runs a test between the start and the end of a client; the SDK wants both in one task."""

    @functools.wraps(test)
    async def run(self):
        with contextlib.ExitStack() as stack:
            self.root = make_root(stack)
            async with session(self.root, [str(PERFBRIDGE), "mcp", "--repo-root", str(self.root)]) as self.client:
                await test(self)

    return run


class Answers(unittest.IsolatedAsyncioTestCase):
    async def call(self, tool, arguments, *, refused=False):
        result = await self.client.call_tool(tool, arguments)
        text = text_of(result)
        self.assertEqual(result.isError, refused, text)
        if refused:
            return json.loads(text.removeprefix(f"Error executing tool {tool}: "))
        self.assertEqual(text, json.dumps(result.structuredContent, indent=2, ensure_ascii=False))
        return result.structuredContent

    async def record(self, source):
        args = ["--family", "inference", "--measurement", MODEL, "--source", str(source), "--direction", "two-sided"]
        recorded = await self.call("perf_baseline_record", {"args": args})
        self.assertEqual(recorded["stderr"], "")
        return pathlib.Path(recorded["json"]["entry_dir"])

    async def diff(self, entry, current, **more):
        args = ["--baseline", str(entry), "--current", str(current)]
        return await self.call("perf_baseline_diff", {"args": args}, **more)

    @connected
    async def test_a_judgement_is_answered_in_one_kilobyte_of_four(self):
        entry = await self.record(BUNDLES / "base-1")
        # The verdicts of tests/data/cases.
        for name, verdict in [("base-2", "YELLOW"), ("regressed-1", "RED"), ("improved-1", "YELLOW")]:
            with self.subTest(name):
                reply = await self.diff(entry, BUNDLES / name)
                size = len(json.dumps(reply, indent=2, ensure_ascii=False).encode())
                self.assertLessEqual(size, ENVELOPE)
                judged = reply["json"]
                self.assertEqual(next(iter(judged)), "answer")
                self.assertEqual(json.loads(reply["stdout"]), judged)
                self.assertLessEqual(len(judged["answer"].encode()), ANSWER)
                self.assertEqual(judged["verdict"], verdict)
                self.assertTrue(judged["answer"].startswith(f"{judged['verdict']} {judged['rule']} ("))
                self.assertNotIn("WITHIN", [row["status"] for row in judged["rows"]])
                # All of it is in the bundle, what was left out of the reply too.
                made = pathlib.Path(judged["diff_dir"])
                whole = json.loads((made / "verdict.json").read_text())
                outside = [row for row in whole["rows"] if row["status"] != "WITHIN"]
                self.assertEqual(len(outside), len(judged["rows"]) + judged.get("rows_left_out", 0))
                for said, row in zip(judged["rows"], outside, strict=False):
                    self.assertEqual(said, {key: row[key] for key in said})
                self.assertEqual(len(json.loads((made / "diff.json").read_text())["rows"]), len(whole["rows"]))

    @connected
    async def test_a_run_is_read_where_a_document_may_stand(self):
        entry = await self.record(BUNDLES / "base-1")
        self.assertEqual(
            {path.name for path in entry.iterdir()}, {"baseline.json", "SOURCE.md", "source-snapshot.json"}
        )
        kept = json.loads((entry / "baseline.json").read_text())
        self.assertEqual(kept["source_path"], str(BUNDLES / "base-1"))
        snapshot = (entry / "source-snapshot.json").read_bytes()
        self.assertEqual(kept["source_sha256"], hashlib.sha256(snapshot).hexdigest())
        self.assertEqual(snapshot.decode(), perfbridge(self.root, "ingest", str(BUNDLES / "base-1")))
        reply = await self.diff(entry, BUNDLES / "regressed-1")
        made = pathlib.Path(reply["json"]["diff_dir"])
        current = perfbridge(self.root, "ingest", str(BUNDLES / "regressed-1"))
        self.assertEqual((made / "current-snapshot.json").read_text(), current)
        # The same judgement as of the command line, to the byte.
        judged = perfbridge(
            self.root, "diff", str(BUNDLES / "base-1"), str(BUNDLES / "regressed-1"), "--format", "answer", code=1
        )
        self.assertEqual(reply["json"]["answer"], judged)
        # What is no run stays a snapshot, and so does a run of another family.
        plain = self.root / "plain"
        plain.mkdir()
        (plain / "notes.txt").write_text("no run\n")
        self.assertTrue((await self.record(plain) / "source-snapshot").is_dir())
        args = [
            "--family",
            "other",
            "--measurement",
            "m",
            "--source",
            str(BUNDLES / "base-1"),
            "--direction",
            "two-sided",
        ]
        other = await self.call("perf_baseline_record", {"args": args})
        self.assertTrue((pathlib.Path(other["json"]["entry_dir"]) / "source-snapshot").is_dir())

    @connected
    async def test_a_run_that_cannot_be_read_is_refused_and_leaves_nothing(self):
        damaged = self.root / "damaged"
        damaged.mkdir()
        whole = next((BUNDLES / "base-1" / "aiperf-c1").glob("*aiperf.json")).read_text()
        (damaged / "profile_export_aiperf.json").write_text(whole[: len(whole) // 2])
        args = ["--family", "inference", "--measurement", MODEL, "--source", str(damaged), "--direction", "two-sided"]
        refused = await self.call("perf_baseline_record", {"args": args}, refused=True)
        self.assertEqual(refused["returncode"], 2)
        self.assertTrue(refused["stderr"].startswith("FATAL: --source: "), refused["stderr"])
        self.assertFalse((self.root / "experiments/artifacts/perf-baselines/inference").exists())

    @connected
    async def test_no_verdict_says_why_and_what_is_missing(self):
        entry = await self.record(BUNDLES / "base-1")
        refused = await self.diff(entry, BUNDLES / "base-1", refused=True)
        self.assertEqual((refused["returncode"], refused["json"]), (2, None))
        first, answer = refused["stderr"].split("\n", 1)
        self.assertTrue(first.startswith("FATAL: no verdict: "), first)
        self.assertTrue(answer.startswith("NO_VERDICT same-run ("), answer)
        self.assertNotIn("verdict.json", answer, "nothing is written")
        self.assertLessEqual(len(json.dumps(refused).encode()), ENVELOPE)
        self.assertFalse((self.root / "experiments/artifacts/perf-baseline-diffs/inference").exists())

    @connected
    async def test_the_judgement_is_the_one_of_the_command_line(self):
        """Earlier entries say how noisy the setting is, in both."""
        for name in ["noisy-1", "base-2", "base-1"]:
            entry = await self.record(BUNDLES / name)
        reply = await self.diff(entry, BUNDLES / "regressed-1")
        made = pathlib.Path(reply["json"]["diff_dir"])
        here = json.loads((made / "verdict.json").read_text())
        words = ["diff", "--baseline", str(entry), str(BUNDLES / "regressed-1"), "--json"]
        there = json.loads(perfbridge(self.root, *words, code=1))
        there.pop("references", None)
        self.assertEqual(here, there)
        kept = json.loads((made / "case.json").read_text())
        self.assertEqual(len(kept["history"]), 2)

    async def test_the_policy_of_the_server_is_in_force(self):
        with contextlib.ExitStack() as stack:
            self.root = make_root(stack)
            policy = self.root / "wide.toml"
            wide = ["ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms", "itl_p50_ms", "tps_per_user"]
            policy.write_text("[tolerance]\n" + "".join(f"{name} = 60\n" for name in wide))
            words = [str(PERFBRIDGE), "mcp", "--repo-root", str(self.root), "--policy", str(policy)]
            async with session(self.root, words) as self.client:
                entry = await self.record(BUNDLES / "base-1")
                reply = await self.diff(entry, BUNDLES / "base-2")
                # -2.5 % throughput, +49 % TTFT: YELLOW by the default tolerances.
                self.assertEqual(reply["json"]["verdict"], "GREEN", reply["json"]["answer"])

    @connected
    async def test_options_as_fields_are_refused_with_the_call_that_works(self):
        entry = await self.record(BUNDLES / "base-1")
        wrong = {"baseline": str(entry), "current": str(BUNDLES / "base-2")}
        refused = await self.call("perf_baseline_diff", wrong, refused=True)
        said, call = refused["stderr"].rstrip("\n").split("; call again with ")
        self.assertEqual(said, "FATAL: found the fields baseline, current in place of args")
        reply = await self.call("perf_baseline_diff", json.loads(call))
        self.assertEqual(reply["json"]["verdict"], "YELLOW")

    @connected
    async def test_a_relative_path_is_found_below_the_root(self):
        entry = (await self.record(BUNDLES / "base-1")).relative_to(self.root)
        self.assertFalse(pathlib.Path(entry).exists(), "the server's directory is another one")
        reply = await self.diff(entry, BUNDLES / "base-2")
        self.assertEqual(reply["json"]["verdict"], "YELLOW")
        lost = await self.diff("no/such/entry", BUNDLES / "base-2", refused=True)
        here = pathlib.Path.cwd() / "no/such/entry"
        self.assertEqual(lost["stderr"], f"FATAL: --baseline must be a registry entry directory: {here}\n")

    @connected
    async def test_search_hits_are_clipped_and_pages_are_not_searched(self):
        place = self.root / "experiments" / "artifacts"
        (place / "long.txt").write_text("needle " + "\u00e9" * 400 + "\n")
        (place / "report.html").write_text("<p>needle</p>\n")
        (place / "page.HTM").write_text("<p>needle</p>\n")
        found = await self.call("search_evidence", {"query": "needle"})
        expected = "needle " + "\u00e9" * 293 + "..."
        self.assertEqual(found["json"]["matches"], [f"experiments/artifacts/long.txt:1:{expected}"])

    @connected
    async def test_each_tool_has_one_example_that_is_a_call(self):
        for tool in (await self.client.list_tools()).tools:
            with self.subTest(tool.name):
                _, example = tool.description.split(" Example: ")
                arguments = json.loads(example)
                if "args" not in arguments:
                    self.assertEqual((await self.call(tool.name, arguments))["returncode"], 1)
                    continue
                # The paths are made up; everything before them is understood.
                refused = await self.call(tool.name, arguments, refused=True)
                self.assertRegex(refused["stderr"], r"^FATAL: --(source|baseline) ")
        tools = {tool.name: tool.description for tool in (await self.client.list_tools()).tools}
        self.assertIn("NO_VERDICT", tools["perf_baseline_diff"])


class AllPairs(unittest.IsolatedAsyncioTestCase):
    """Every run of the corpus against every other kind: no reply is longer than it may be."""

    async def test_every_reply_fits(self):
        names = [
            "base-1",
            "base-1-console",
            "errors-1",
            "aa-01",
            "aiperf-failed",
            "old-vllm",
            "aiperf-sweep",
            "slow-01",
        ]
        longest = 0
        with contextlib.ExitStack() as stack:
            root = make_root(stack)
            async with session(root, [str(PERFBRIDGE), "mcp", "--repo-root", str(root)]) as client:
                documents = {}
                for name in names:
                    made = subprocess.run(
                        [PERFBRIDGE, "ingest", BUNDLES / name], capture_output=True, text=True, check=False
                    )
                    if made.returncode == 0:
                        documents[name] = json.loads(made.stdout)
                self.assertGreaterEqual(len(documents), 6)
                for before in documents:
                    args = ["--family", "inference", "--measurement", before, "--source", str(BUNDLES / before)]
                    arguments = {"args": [*args, "--direction", "two-sided"]}
                    recorded = await client.call_tool("perf_baseline_record", arguments)
                    entry = recorded.structuredContent["json"]["entry_dir"]
                    for after in documents:
                        arguments = {"args": ["--baseline", entry, "--current", str(BUNDLES / after)]}
                        text = text_of(await client.call_tool("perf_baseline_diff", arguments))
                        longest = max(longest, len(text.encode()))
        self.assertLessEqual(longest, ENVELOPE)


if __name__ == "__main__":
    unittest.main()
